"""Settings of all tests: one BLAS thread for each worker, groups for pytest-xdist, and the profiles of hypothesis.

`pytest` starts three workers (see pyproject.toml), also on two cores: the worker of the browser waits half of its time
for pages. `pytest -n 0` uses one process. The tests of a group run on the same worker, in order. There is one group for
each file, because its tests share fixtures; one for each scene, because it is computed once (tests/scenes.py); and one
for all browser tests, because they share one Chromium and its servers. The group of the browser is by far the longest
and starts first. The scenes are many and short and come last, in order of falling duration, so that all workers end at
about the same time.
"""

import os
import sys
import tempfile
from collections import Counter

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # the workers share the machine; tests about threads set their own number

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from demos.contract import Scene  # noqa: E402

MAIN = sys.modules["__main__"]
SCENES = pytest.StashKey[tempfile.TemporaryDirectory]()

# derandomize: the same examples in every run. `pytest --hypothesis-profile=thorough` tries more (tests/examples.py).
settings.register_profile(
    "default",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
    max_examples=25,
)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=200)
settings.load_profile("default")


def pytest_configure(config):
    """Make a folder through which the workers of this session exchange results of scenes: see tests/scenes.py."""
    if not hasattr(config, "workerinput"):  # not a worker: the process that starts the workers, or the only process
        config.stash[SCENES] = tempfile.TemporaryDirectory(prefix="scenes-")
        os.environ["GRADIENT_FLOW_LAB_SCENES"] = config.stash[SCENES].name


def pytest_unconfigure(config):
    if SCENES in config.stash:
        config.stash[SCENES].cleanup()


@pytest.fixture(autouse=True)
def main_module():
    """Each test begins with pytest's own module `__main__`: Streamlit's AppTest leaves that of its page there, and a
    process that a later test spawns would run the page."""
    sys.modules["__main__"] = MAIN


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items):
    scenes = {item: _scene(item) for item in items}
    groups = {item: _group(item, scenes[item]) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    many = Counter(groups.values())
    long = {item: 0.0 if scene is None else many[groups[item]] * _seconds(scene) for item, scene in scenes.items()}
    whole = {item: "" if scene is None else groups[item] for item, scene in scenes.items()}  # keeps a scene together
    items.sort(key=lambda item: (groups[item] != "browser", scenes[item] is not None, -long[item], whole[item]))


def _scene(item):
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return next((value for value in values if isinstance(value, Scene)), None)


def _group(item, scene):
    if item.get_closest_marker("browser"):
        return "browser"
    if scene is not None:
        return f"scene {type(scene.config).__module__} {scene.config.query()}"
    return item.nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")


def _seconds(scene):
    """About how many seconds a run of the scene takes."""
    return scene.config.seconds() if hasattr(scene.config, "seconds") else 0.3
