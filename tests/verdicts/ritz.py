"""Ways in which a network's learning can be wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from demos.physics.deep_ritz.learning import learn
from demos.physics.deep_ritz.model import DeepRitz
from tests.verdicts import harness
from tests.verdicts.harness import Mutation, returned
from tests.verdicts.rods import Apply


def gradient(factor: float, frozen: int = 0) -> Apply:
    """The gradient times a factor, and 0 for this many of the first layers."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = DeepRitz.gradient

        def wrong(self: DeepRitz, weights: torch.Tensor, t: float = 0.0) -> torch.Tensor:
            result = factor * right(self, weights, t)
            rest = sum(rows * columns for rows, columns in self.net.shapes[:frozen])
            result[:, :rest] = 0
            return result

        monkeypatch.setattr(DeepRitz, "gradient", wrong)

    return apply


def output(name: str, factor: float) -> Apply:
    """The energy, or the value in the middle, times a factor."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = getattr(DeepRitz, name)
        monkeypatch.setattr(DeepRitz, name, lambda self, weights, *rest: factor * right(self, weights, *rest))

    return apply


def recorded(change: str) -> Apply:
    """The weights of the frames by `harness`'s function of this name."""

    return returned(learn, lambda right: replace(right, weights=getattr(harness, change)(right.weights)))


MUTATIONS = (
    Mutation("gradient × 0", gradient(0.0)),
    Mutation("gradient × 0.7", gradient(0.7)),
    Mutation("gradient × 1.02", gradient(1.02)),
    Mutation("first layer frozen", gradient(1.0, frozen=1)),
    Mutation("two layers frozen", gradient(1.0, frozen=2)),
    Mutation("energy + 1 %", output("energy", 1.01)),
    Mutation("u in the middle + 20 %", output("centre", 1.2)),
    Mutation("frozen", recorded("frozen")),
    Mutation("frames shuffled", recorded("shuffled")),
    Mutation("states ← noise", recorded("noise")),
)
