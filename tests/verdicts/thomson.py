"""Mutations of charges on a sphere."""

from __future__ import annotations

import pytest

from demos.contract import Demo, Scene
from demos.physics.charges.model import minima
from demos.physics.charges.reference import best_known
from tests.verdicts.harness import Mutation, replace_everywhere
from tests.verdicts.particles import SHARED


def _of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    assert replace_everywhere(monkeypatch, best_known, lambda count: best_known(count - 1))


def _half_the_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(system, *, starts, **rest):
        return minima(system, starts=starts // 2, **rest)

    assert replace_everywhere(monkeypatch, minima, half)


def _many(demo: Demo, scene: Scene) -> bool:
    return scene.config.method == "starts"


MUTATIONS = (
    *SHARED,
    Mutation("minimum of N − 1", _of_another),
    Mutation("half the starts", _half_the_starts, _many),
)
