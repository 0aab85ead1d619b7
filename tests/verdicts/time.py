"""Ways in which gradients through time, and their measurement, can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from demos.contract import Demo, Scene
from demos.networks.time.cells import STEPS
from demos.networks.time.config import GATED
from demos.networks.time.measure import Measured, draw, measure
from tests.verdicts.harness import Mutation, replace_everywhere

Apply = Callable[[pytest.MonkeyPatch], None]


def drawn(**factors: float) -> Apply:
    """Weights or inputs are larger than they should be."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(config, cell):
            network = draw(config, cell)
            return replace(network, **{name: factor * getattr(network, name) for name, factor in factors.items()})

        assert replace_everywhere(monkeypatch, draw, broken)

    return apply


def stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same input at every step."""

    def broken(config, cell):
        network = draw(config, cell)
        return replace(network, inputs=network.inputs[:1].expand_as(network.inputs))

    assert replace_everywhere(monkeypatch, draw, broken)


def cells(bias: float = 0.0, leak: float = 0.0) -> Apply:
    """The gate's bias is another; or a part of the carry's gradient does not come back."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        for name, step in list(STEPS.items()):

            def broken(state, weights, inputs, given, step=step):
                carry = (1 - leak) * state[-1] + leak * state[-1].detach()
                return step((*state[:-1], carry), weights, inputs, given + bias)

            monkeypatch.setitem(STEPS, name, broken)

    return apply


def seen(change: Callable[[np.ndarray], np.ndarray]) -> Apply:
    """What is on the screen is replaced: gradients (T, K, B, n)."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments) -> Measured:
            found = measure(*arguments)
            return replace(found, gradients=change(found.gradients))

        assert replace_everywhere(monkeypatch, measure, broken)

    return apply


def flat(values: np.ndarray) -> np.ndarray:
    return np.broadcast_to(values[-1:], values.shape).copy()


def interior(values: np.ndarray) -> np.ndarray:
    """Noise, but for the first and the last step."""
    noise = np.random.default_rng(1).normal(size=values.shape)
    noise[0], noise[-1] = values[0], values[-1]
    return noise


def others(values: np.ndarray) -> np.ndarray:
    """Noise in all networks but the first; each vector as long as it was."""
    noise = np.random.default_rng(1).normal(size=values.shape)
    noise *= np.linalg.norm(values, axis=-1, keepdims=True) / np.linalg.norm(noise, axis=-1, keepdims=True)
    noise[:, 0] = values[:, 0]
    return noise


def plain(demo: Demo, scene: Scene) -> bool:
    """Normal weights are compared over √n steps only, where a few percent are lost in the scatter of networks."""
    return scene.config.cell not in GATED and scene.name != "spectrum"


def gated(demo: Demo, scene: Scene) -> bool:
    return scene.config.cell in GATED


MUTATIONS = (
    Mutation("weights + 2 %", drawn(weights=1.02), plain),
    Mutation("weights − 2 %", drawn(weights=0.98), plain),
    Mutation("inputs × 1.5", drawn(inputs=1.5), lambda demo, scene: scene.name in ("vanishing", "gates")),
    Mutation("gate's bias + 0.1", cells(bias=0.1), gated),
    Mutation("a hundredth of the gradient leaks", cells(leak=0.01)),
    Mutation("gradients flat", seen(flat)),
    Mutation("from the other end", seen(lambda values: values[::-1].copy())),
    Mutation("steps shuffled", seen(lambda values: values[np.random.default_rng(1).permutation(len(values))])),
    Mutation("gradients squared", seen(lambda values: values * np.abs(values))),
    Mutation("interior ← noise", seen(interior)),
    Mutation("other networks ← noise", seen(others)),
    Mutation("noise", seen(lambda values: np.random.default_rng(1).normal(size=values.shape))),
)
