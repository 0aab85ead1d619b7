"""Ways in which a training, or what is recorded of it, can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.contract import Demo, Scene
from demos.networks.training.network import draw
from demos.networks.training.optimizers import optimizer_of
from demos.networks.training.train import Trained, train
from tests.verdicts.harness import Mutation, replace_everywhere, returned

BRIEF = {"steps": 40, "depth": 10, "width": 32}


def rate(factor: float) -> Callable[[pytest.MonkeyPatch], None]:
    """The optimizer takes steps of another length than it was told."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(config, parameters):
            return optimizer_of(config.replace(lr=factor * config.lr), parameters)

        assert replace_everywhere(monkeypatch, optimizer_of, broken)

    return apply


def plain_descent(monkeypatch: pytest.MonkeyPatch) -> None:
    """SGD, whatever was chosen."""
    assert replace_everywhere(
        monkeypatch, optimizer_of, lambda config, parameters: torch.optim.SGD(parameters, lr=config.lr)
    )


def weights(factor: float) -> Callable[[pytest.MonkeyPatch], None]:
    """The hidden layers begin with other weights than they are said to."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(linear, config, generator):
            draw(linear, config, generator)
            with torch.no_grad():
                linear.weight *= factor

        assert replace_everywhere(monkeypatch, draw, broken)

    return apply


class Steep(torch.autograd.Function):
    """ReLU whose backward is half as steep again."""

    @staticmethod
    def forward(context, z):
        context.save_for_backward(z)
        return z.clamp(min=0)

    @staticmethod
    def backward(context, gradient):
        (z,) = context.saved_tensors
        return 1.5 * gradient * (z > 0)


def another_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.nn.ReLU, "forward", lambda self, z: Steep.apply(z))


def seen(change: Callable[[Trained], Trained]) -> Callable[[pytest.MonkeyPatch], None]:
    """What is on the screen is another training's."""
    return returned(train, change)


def series(name: str, change: Callable[[np.ndarray], np.ndarray]) -> Callable[[pytest.MonkeyPatch], None]:
    """The monitor's numbers (steps, layers) of one kind."""

    def broken(trained: Trained) -> Trained:
        values = {**trained.run.series, name: change(trained.run.series[name])}
        return replace(trained, run=replace(trained.run, series=values))

    return seen(broken)


def descends(demo: Demo, scene: Scene) -> bool:
    """The shortest training by plain descent."""
    return scene.name == "shrinking"


def relu(demo: Demo, scene: Scene) -> bool:
    return scene.name == "layerwise"


def adam(demo: Demo, scene: Scene) -> bool:
    return scene.config.optimizer == "adam"


def clipped(demo: Demo, scene: Scene) -> bool:
    return scene.name == "clipping"


def stands(demo: Demo, scene: Scene) -> bool:
    return scene.name == "sigmoid_20"


def normed(demo: Demo, scene: Scene) -> bool:
    return scene.name == "batch_growth"


def orthogonalized(demo: Demo, scene: Scene) -> bool:
    return scene.name == "muon"


def four_iterations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Muon with one iteration of Newton and Schulz less."""

    def broken(config, parameters):
        right = optimizer_of(config, parameters)
        if config.optimizer == "muon":
            right.param_groups[0]["ns_steps"] = 4
        return right

    assert replace_everywhere(monkeypatch, optimizer_of, broken)


MUTATIONS = (
    Mutation("backward steeper through batch norm", another_slope, normed),
    Mutation("an iteration less", four_iterations, orthogonalized),
    Mutation("rate + 2 %", rate(1.02), descends),
    Mutation("rate − 2 %", rate(0.98), descends),
    Mutation("SGD for all", plain_descent, adam),
    Mutation("weights × 1.5", weights(1.5), relu),
    Mutation("weights ÷ 1.5", weights(1 / 1.5), relu),
    Mutation("backward steeper", another_slope, relu),
    Mutation(
        "function ← noise", seen(lambda t: replace(t, fields=np.random.default_rng(1).random(t.fields.shape))), descends
    ),
    Mutation("function frozen", seen(lambda t: replace(t, fields=np.repeat(t.fields[:1], len(t.fields), 0))), relu),
    Mutation("looks shuffled", seen(lambda t: replace(t, fields=t.fields[::-1])), relu),
    Mutation("accuracy + 5 %", seen(lambda t: replace(t, accuracy=t.accuracy + 0.05)), relu),
    Mutation("updates of other layers", series("update", lambda values: values[:, ::-1]), descends),
    Mutation("steps in another order", series("update", lambda v: np.random.default_rng(1).permutation(v)), descends),
    Mutation("no updates recorded", series("update", lambda values: np.full_like(values, np.nan)), descends),
    Mutation("gradients not clipped", series("clipped", lambda values: 1.1 * values), clipped),
    Mutation(
        "a loss that falls", seen(lambda t: replace(t, losses=t.losses * np.linspace(1, 0, len(t.losses)))), stands
    ),
)
