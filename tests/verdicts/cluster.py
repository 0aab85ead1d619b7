"""Mutations of clusters."""

from __future__ import annotations

from typing import Any

import pytest

from demos.contract import Demo, Scene
from demos.physics.clusters.picture import bond_captions
from demos.physics.clusters.reference import best_known
from tests.verdicts.harness import Mutation, replace_everywhere
from tests.verdicts.particles import SHARED


def _of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(count, *rest):
        return best_known(count - 1, *rest)

    assert replace_everywhere(monkeypatch, best_known, wrong)


def _compared(demo: Demo, scene: Scene) -> bool:
    """Whether the tabulated minimum is a row's truth: a run that never rests has none, and sticky atoms' table has one
    size."""
    return scene.name not in ("past_stability", "sticky")


def _bond_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The captions tell one bond less than the atoms have."""

    def fewer(*arguments: Any) -> list[str]:
        return [f"{int(words.split()[0]) - 1} bonds" for words in bond_captions(*arguments)]

    assert replace_everywhere(monkeypatch, bond_captions, fewer)


def _tells_bonds(demo: Demo, scene: Scene) -> bool:
    """The searches tell the energy instead."""
    return scene.config.method not in ("hopping", "annealing")


MUTATIONS = (
    *SHARED,
    Mutation("minimum of N − 1", _of_another, _compared),
    Mutation("a bond is not told", _bond_not_told, _tells_bonds),
)
