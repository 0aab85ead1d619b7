"""Scene and Result: what a demo is asked to show, and what a run of it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demos.contract.check import Check
from demos.contract.config import Config
from demos.picture import Picture


@dataclass(frozen=True)
class Scene:
    """A named preset: what to set, and the one thing to look for."""

    name: str
    title: str
    sentence: str
    config: Config


@dataclass(frozen=True)
class Result:
    """What a run gives: the moving picture, its checks, tidy tables for charts, and what happened, in words."""

    picture: Picture
    checks: tuple[Check, ...]
    tables: Mapping[str, Any]  # name -> pandas DataFrame, tidy
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()  # the physics was broken: by how much
