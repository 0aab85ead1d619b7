"""For all tests: one thread for each worker, groups for pytest-xdist, and the profiles of the property tests.

`pytest` starts two workers (see pyproject.toml); `pytest -n 0` stays in one process. Tests of one group run on one
worker, in order: those of one file, because they share its fixtures; those of one scene, because it is run once
(tests/scenes.py); and all that drive the browser, because they share one Chromium and its servers. The browser's is by
far the longest group and begins first; the scenes, many and short, come last, the longest of them first, and let both
workers end together.
"""

import os
import tempfile
from collections import Counter

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # two workers share the machine; tests of thread counts set their own

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from demos.contract import Scene  # noqa: E402

SCENES = pytest.StashKey[tempfile.TemporaryDirectory]()

# The same examples in every run. `pytest --hypothesis-profile=thorough` tries more: see tests/examples.py.
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
    """A folder in which the workers of this session find each other's scenes: see tests/scenes.py."""
    if not hasattr(config, "workerinput"):  # the process that starts the workers, or the only one
        config.stash[SCENES] = tempfile.TemporaryDirectory(prefix="scenes-")
        os.environ["GRADIENT_FLOW_LAB_SCENES"] = config.stash[SCENES].name


def pytest_unconfigure(config):
    if SCENES in config.stash:
        config.stash[SCENES].cleanup()


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items):
    scenes = {item: _scene(item) for item in items}
    groups = {item: _group(item, scenes[item]) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    many = Counter(groups.values())
    long = {item: 0.0 if scene is None else many[groups[item]] * _seconds(scene) for item, scene in scenes.items()}
    whole = {item: "" if scene is None else groups[item] for item, scene in scenes.items()}  # a scene's stay together
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
    """What its run takes, about."""
    return scene.config.seconds() if hasattr(scene.config, "seconds") else 0.3
