"""For pages in process: what each of hundreds of AppTests would do anew is done once."""

from functools import cache

import pytest
from streamlit.components.v2 import manifest_scanner


@pytest.fixture(scope="session", autouse=True)
def components_are_looked_for_once():
    """An AppTest reads the metadata of all installed packages, for a fifth of a second: they might hold components."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        scan = manifest_scanner.scan_component_manifests
        monkeypatch.setattr(manifest_scanner, "scan_component_manifests", cache(scan))
        yield
