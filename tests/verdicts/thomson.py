"""Mutations of charges on a sphere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from demos.contract import Demo, Scene
from demos.physics.bench.pair_potentials import Coulomb
from demos.physics.charges.model import minima
from demos.physics.charges.reference import best_known
from tests.verdicts.harness import Mutation, replace_everywhere
from tests.verdicts.particles import SHARED, recorded


def _of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    assert replace_everywhere(monkeypatch, best_known, lambda count: best_known(count - 1))


def _half_the_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def half(system, *, starts, **rest):
        return minima(system, starts=starts // 2, **rest)

    assert replace_everywhere(monkeypatch, minima, half)


def _many(demo: Demo, scene: Scene) -> bool:
    return scene.config.method == "starts"


def _one_charge_reversed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first charge attracts the others: energy, forces and Hessian are wrong alike."""

    def reverse(name: str) -> None:
        right = getattr(Coulomb, name)

        def broken(self: Coulomb, s: np.ndarray) -> Any:
            found = right(self, s)
            for part in found if isinstance(found, tuple) else (found,):
                part[:, 0] *= -1
                part[:, :, 0] *= -1
            return found

        monkeypatch.setattr(Coulomb, name, broken)

    for name in ("value_over", "derivative_over", "derivatives"):
        reverse(name)


def _on_a_saddle(states: Tensor) -> Tensor:
    """The run ends with all charges evenly around the equator: no force is left, and many ways lead down."""
    angles = 2 * np.pi * torch.arange(states.shape[-2], dtype=states.dtype) / states.shape[-2]
    ring = torch.stack((angles.cos(), angles.sin(), 0 * angles), -1)
    return torch.cat((states[:-1], ring.expand_as(states[-1:])))


MUTATIONS = (
    *SHARED,
    Mutation("one charge reversed", _one_charge_reversed),
    Mutation("ended on a saddle", recorded(_on_a_saddle)),
    Mutation("minimum of N − 1", _of_another),
    Mutation("half the starts", _half_the_starts, _many),
)
