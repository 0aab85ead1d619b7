"""Ways in which the physics-informed networks, and how they are trained, can be wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from demos.networks.pinn.network import Network
from demos.networks.pinn.train import Training, balanced, train
from tests.verdicts.harness import Mutation, replace_everywhere


def found(change):
    """What a step knows of its losses and gradients is wrong."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        losses = Network.losses

        def broken(self, weights):
            right = losses(self, weights)
            return replace(right, **change(right))

        monkeypatch.setattr(Network, "losses", broken)

    return apply


def recorded(change):
    """The frames that are on the screen are others than those that were trained: weights (F, 2, P) -> like it."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments) -> Training:
            path = train(*arguments)
            return replace(path, weights=change(path.weights))

        assert replace_everywhere(monkeypatch, train, broken)

    return apply


def another_balance(monkeypatch: pytest.MonkeyPatch) -> None:
    assert replace_everywhere(monkeypatch, balanced, lambda *arguments: 1.02 * balanced(*arguments))


def another_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Adam remembers otherwise than its defaults say."""
    monkeypatch.setattr("demos.networks.pinn.train.SECOND", 0.998)


def another_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    forcing = Network.forcing.func
    monkeypatch.setattr(Network, "forcing", property(lambda self: 1.02 * forcing(self)))


def another_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    output = Network.output
    monkeypatch.setattr(Network, "output", lambda self, weights, x: 1.02 * output(self, weights, x))


def shuffled(weights: np.ndarray) -> np.ndarray:
    return np.random.default_rng(1).permutation(weights)


MUTATIONS = (
    Mutation("residual's loss + 2 %", found(lambda right: {"residual": 1.02 * right.residual})),
    Mutation("boundary's gradient + 2 %", found(lambda right: {"by_boundary": 1.02 * right.by_boundary})),
    Mutation("gradients exchanged", found(lambda r: {"by_residual": r.by_boundary, "by_boundary": r.by_residual})),
    Mutation("balance + 2 %", another_balance),
    Mutation("Adam's memory", another_rate),
    Mutation("forcing + 2 %", another_problem),
    Mutation("drawn + 2 %", another_curve),
    Mutation("frames shuffled", recorded(shuffled)),
    Mutation("frozen", recorded(lambda weights: np.broadcast_to(weights[:1], weights.shape))),
    Mutation("networks exchanged", recorded(lambda weights: weights[:, ::-1])),
)
