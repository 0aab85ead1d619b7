"""For all tests: one thread for each worker, groups for pytest-xdist, and the profiles of the property tests.

`pytest` starts two workers (see pyproject.toml); `pytest -n 0` stays in one process. Tests of one group run on one
worker, in order: those of one file, because they share its fixtures; those of one scene, because it is run once
(tests/scenes.py); and all that drive the browser, because they share one Chromium and its servers. The browser's is by
far the longest group and begins first; the scenes, many and short, come last and let both workers end together.
"""

import os

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # two workers share the machine; tests of thread counts set their own

import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from demos.contract import Scene  # noqa: E402

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


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items):
    groups = {item: _group(item) for item in items}
    for item, group in groups.items():
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: (groups[item] != "browser", groups[item].startswith("scene ")))


def _group(item):
    if item.get_closest_marker("browser"):
        return "browser"
    values = item.callspec.params.values() if hasattr(item, "callspec") else ()
    for value in values:
        if isinstance(value, Scene):
            return f"scene {value.config.query()}"
    return item.nodeid.partition("::")[0].removeprefix("tests/").removesuffix(".py")
