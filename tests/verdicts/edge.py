"""Ways in which the descent of a network, its sharpness, or what is drawn of it can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from demos.contract import Demo, Scene
from demos.descent.edge import network
from demos.descent.edge.network import Trained, loss, sharpest, train
from demos.gradient_flow import GradientFlow
from tests.verdicts.harness import Mutation, engine, replace_everywhere, returned

Apply = Callable[[pytest.MonkeyPatch], None]
BRIEF = {"steps": 600}


def pushed(factor: float) -> Callable[[GradientFlow], GradientFlow]:
    return lambda flow: replace(flow, gradient=lambda x, t: factor * flow.gradient(x, t))


def another_rate(factor: float) -> Apply:
    """The steps are longer than the config says."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        broken = lambda config, progress=None: train(config.replace(lr=factor * config.lr), progress)
        assert replace_everywhere(monkeypatch, train, broken)

    return apply


def seen(change: Callable[[Trained], Trained]) -> Apply:
    """What is on the screen is another training's."""
    return returned(train, change)


def eigenvalue(change: Callable[[float], float]) -> Apply:
    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments):
            value, vector = sharpest(*arguments)
            return change(value), vector

        monkeypatch.setattr(network, "sharpest", broken)

    return apply


def whole_square(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mean square error, not half of it."""
    monkeypatch.setattr(network, "loss", lambda *arguments: 2 * loss(*arguments))


def shuffled(trained: Trained) -> Trained:
    order = np.append(np.random.default_rng(1).permutation(len(trained.steps) - 1), len(trained.steps) - 1)
    return replace(trained, sharpness=trained.sharpness[order])


def frozen(trained: Trained) -> Trained:
    return replace(trained, weights=np.broadcast_to(trained.weights[:1], trained.weights.shape))


def noise(trained: Trained) -> Trained:
    return replace(trained, weights=np.random.default_rng(1).normal(size=trained.weights.shape))


def long_enough(demo: Demo, scene: Scene) -> bool:
    return scene.name == "edge"


MUTATIONS = (
    Mutation("gradient + 1 %", engine(pushed(1.01)), long_enough),
    Mutation("uphill", engine(pushed(-0.1)), long_enough),
    Mutation("rate + 1 %", another_rate(1.01), long_enough),
    Mutation("mean square, not half", whole_square, long_enough),
    Mutation("sharpness + 1 %", eigenvalue(lambda value: 1.01 * value), long_enough),
    Mutation("root of the sharpness", eigenvalue(np.sqrt), long_enough),
    Mutation("sharpness of other moments", seen(shuffled), long_enough),
    Mutation("weights frozen", seen(frozen), long_enough),
    Mutation("weights ← noise", seen(noise), long_enough),
    Mutation("loss of other moments", seen(lambda t: replace(t, losses=t.losses[::-1])), long_enough),
    Mutation("loss + 1 %", seen(lambda t: replace(t, losses=1.01 * t.losses)), long_enough),
)
