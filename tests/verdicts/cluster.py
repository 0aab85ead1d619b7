"""Mutations of clusters."""

from __future__ import annotations

import pytest

from demos.contract import Demo, Scene
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


MUTATIONS = (*SHARED, Mutation("minimum of N − 1", _of_another, _compared))
