"""Which version of this package computes."""

from __future__ import annotations

import importlib.metadata
import tomllib
from functools import cache
from pathlib import Path

NAME = "gradient-flow-lab"


@cache
def version() -> str:
    """As it is installed; run from its folder, as pyproject.toml says; else "unknown"."""
    file = Path(__file__).parents[2] / "pyproject.toml"
    if file.exists():
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == NAME:
            return project["version"]
    try:
        return importlib.metadata.version(NAME)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
