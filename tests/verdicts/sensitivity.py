"""Ways in which importance, and how it is measured, can be wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from demos.contract import Demo, Scene
from demos.networks.sensitivity.importance import importance
from demos.networks.sensitivity.network import FRAMES, Network
from tests.verdicts.harness import Mutation, frozen, noise, recorded, replace_everywhere, shuffled

BRIEF = {"steps": 100, "examples": 48}


def found(change):
    """What is on the screen is replaced."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(network, weights):
            right = importance(network, weights)
            return replace(right, **change(right))

        assert replace_everywhere(monkeypatch, importance, broken)

    return apply


def interior(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise on the screen in all frames but the last."""
    random, seen = np.random.default_rng(1), []

    def broken(network, weights):
        right = importance(network, weights)
        seen.append(right)
        if len(seen) < FRAMES:
            return replace(right, removed=random.normal(size=right.removed.shape))
        return right

    assert replace_everywhere(monkeypatch, importance, broken)


def trained(demo: Demo, scene: Scene) -> bool:
    return scene.config.steps > 0


def not_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A unit that is taken out leaves a tenth of its output."""
    output = Network.output

    def broken(self, weights, x, multipliers=None):
        if multipliers is not None and not multipliers.requires_grad:
            multipliers = 0.1 + 0.9 * multipliers
        return output(self, weights, x, multipliers)

    monkeypatch.setattr(Network, "output", broken)


MUTATIONS = (
    Mutation("a tenth of a unit stays", not_removed),
    Mutation("removal + 2 %", found(lambda right: {"removed": 1.02 * right.removed})),
    Mutation("units shuffled", found(lambda right: {"removed": right.removed[:, ::-1]})),
    Mutation("layers exchanged", found(lambda right: {"removed": right.removed[::-1]})),
    Mutation("second order halved", found(lambda right: {"second": (right.first + right.second) / 2})),
    Mutation("states ← noise", recorded(noise)),
    Mutation("frozen", recorded(frozen), trained),
    Mutation("frames shuffled", recorded(shuffled), trained),
    Mutation("interior's importance ← noise", interior, trained),
    Mutation("gradient's sign", found(lambda right: {"first": -right.first})),
)
