"""Ways in which the training of a CNN or a Transformer, or what is drawn of it, can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from demos.contract import Demo, Scene
from demos.networks.tasks import models
from demos.networks.tasks.train import Formula, Trained, train
from tests.verdicts.harness import Mutation, returned
from tests.verdicts.training import another_slope

Apply = Callable[[pytest.MonkeyPatch], None]
BRIEF = {"steps": 40, "blocks": 6}


def steps(factor: float) -> Apply:
    """The optimizer's steps are of another length than it was told."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = Formula.step
        monkeypatch.setattr(Formula, "step", lambda self, g, lr: right(self, g, lr / factor))

    return apply


def seen(change: Callable[[Trained], Trained]) -> Apply:
    """What is on the screen is another training's."""
    return returned(train, change)


def looks(**changes: Callable) -> Apply:
    """Parts of every look are others: name -> (look) -> value."""

    def broken(trained: Trained) -> Trained:
        new = [replace(look, **{name: of(look) for name, of in changes.items()}) for look in trained.looks]
        return replace(trained, looks=new)

    return seen(broken)


def backwards(trained: Trained) -> Trained:
    pairs = zip(trained.looks, trained.looks[::-1], strict=True)
    return replace(trained, looks=[replace(look, said=other.said) for look, other in pairs])


def gradients(change: Callable[[np.ndarray], np.ndarray]) -> Apply:
    """The monitor's gradients (steps, layers)."""

    def broken(trained: Trained) -> Trained:
        series = {**trained.run.series, "gradient": change(trained.run.series["gradient"])}
        return replace(trained, run=replace(trained.run, series=series))

    return seen(broken)


def scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skips add a tenth more of their branch."""
    forward = models.Residual.forward

    def broken(self, h):
        return h + 1.1 * (forward(self, h) - h) if self.scale else forward(self, h)

    monkeypatch.setattr(models.Residual, "forward", broken)


def cheap(demo: Demo, scene: Scene) -> bool:
    return scene.name == "cnn_task"


MUTATIONS = (
    Mutation("steps + 2 %", steps(1.02), cheap),
    Mutation("backward steeper", another_slope, cheap),
    Mutation("skips + 10 %", scale, cheap),
    Mutation("what it says ← noise", looks(said=lambda look: np.random.default_rng(1).random(look.said.shape)), cheap),
    Mutation("right + 5 %", looks(right=lambda look: look.right + 0.05), cheap),
    Mutation("what it says at another moment", seen(backwards), cheap),
    Mutation("gradients of other layers", gradients(lambda values: values[:, ::-1]), cheap),
    Mutation("gradients + 2 %", gradients(lambda values: 1.02 * values), cheap),
    Mutation("a loss that falls", seen(lambda t: replace(t, losses=0.9 * t.losses)), cheap),
)
