"""The version of this package."""

from __future__ import annotations

import importlib.metadata
import tomllib
from functools import cache
from pathlib import Path

NAME = "gradient-flow-lab"


@cache
def version() -> str:
    """The version in pyproject.toml if run from the repository, else that of the installed package, else "unknown"."""
    file = Path(__file__).parents[2] / "pyproject.toml"
    if file.exists():
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == NAME:
            return project["version"]
    try:
        return importlib.metadata.version(NAME)
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
