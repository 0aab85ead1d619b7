"""Settings of the tests that run pages in this process: repeated work is cached, and memory is never short."""

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner

from dashboard.runtime import run


@pytest.fixture(scope="session", autouse=True)
def components_are_looked_for_once():
    """Without this, each AppTest searches the metadata of all installed packages for components: 0.2 s each time."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        scan = manifest_scanner.scan_component_manifests
        monkeypatch.setattr(manifest_scanner, "scan_component_manifests", cache(scan))
        yield


@pytest.fixture(autouse=True)
def memory_is_not_short(monkeypatch):
    """A process of pytest holds more than a server should; then a server does one run at a time."""
    monkeypatch.setattr(run._PLACES, "_crowded", lambda: False)
