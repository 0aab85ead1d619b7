"""Saves time in the tests that run pages by AppTest: repeated work is cached."""

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(scope="session", autouse=True)
def components_are_looked_for_once():
    """Without this, each AppTest searches the metadata of all installed packages for components: 0.2 s each time."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        scan = manifest_scanner.scan_component_manifests
        monkeypatch.setattr(manifest_scanner, "scan_component_manifests", cache(scan))
        yield
