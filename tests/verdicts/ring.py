"""Ways in which a GAN on a ring, how it is trained, or what is drawn of it can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from demos.contract import Demo, Scene
from demos.networks.ring import law
from demos.networks.ring.train import Trained, adam, discriminator_loss, generator_loss, train
from tests.verdicts.harness import Mutation, replace_everywhere, returned

Apply = Callable[[pytest.MonkeyPatch], None]
BRIEF = {"steps": 120}


def losses(which: Callable, factor: float = 1.0, **changes) -> Apply:
    """A player's loss is larger than it should be, or another one."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(config, *rest):
            return factor * which(config.replace(**changes), *rest)

        assert replace_everywhere(monkeypatch, which, broken)

    return apply


def penalty(monkeypatch: pytest.MonkeyPatch) -> None:
    right = discriminator_loss
    broken = lambda config, *rest: right(config.replace(gamma=1.05 * config.gamma), *rest)
    assert replace_everywhere(monkeypatch, right, broken)


def optimizer(**factors: float) -> Apply:
    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(config, model):
            return adam(config.replace(**{k: f * getattr(config, k) for k, f in factors.items()}), model)

        assert replace_everywhere(monkeypatch, adam, broken)

    return apply


def seen(change: Callable[[Trained], Trained]) -> Apply:
    """What is on the screen is another training's."""
    return returned(train, change)


def shuffled(trained: Trained) -> Trained:
    """Clouds and weights in another order, the last one where it was."""
    order = np.append(np.random.default_rng(1).permutation(len(trained.at) - 1), len(trained.at) - 1)
    both = (trained.weights[0][order], trained.weights[1][order])
    return replace(trained, points=trained.points[order], weights=both)


def noise(trained: Trained) -> Trained:
    return replace(trained, points=np.random.default_rng(1).normal(size=trained.points.shape))


def interior(trained: Trained) -> Trained:
    points = np.random.default_rng(1).normal(size=trained.points.shape)
    points[0], points[-1] = trained.points[0], trained.points[-1]
    return replace(trained, points=points)


def wide_data(monkeypatch: pytest.MonkeyPatch) -> None:
    right = law.sample
    monkeypatch.setattr(law, "sample", lambda sigma, count, random: right(1.1 * sigma, count, random))


def cheap(demo: Demo, scene: Scene) -> bool:
    """One GAN, whose discriminator pays and can be drawn: everything that is broken here matters to it."""
    return scene.name == "ring_r1"


MUTATIONS = (
    Mutation("generator's loss + 2 %", losses(generator_loss, 1.02), cheap),
    Mutation("discriminator's loss − 2 %", losses(discriminator_loss, 0.98), cheap),
    Mutation("saturating", losses(generator_loss, loss="saturating"), cheap),
    Mutation("penalty + 5 %", penalty, cheap),
    Mutation("rates + 2 %", optimizer(lr=1.02), cheap),
    Mutation("discriminator's rate + 2 %", optimizer(ratio=1.02), cheap),
    Mutation("momentum − 5 %", optimizer(momentum=0.95), cheap),
    Mutation("data 10 % too wide", wide_data, cheap),
    Mutation("points ← noise", seen(noise), cheap),
    Mutation("interior ← noise", seen(interior), cheap),
    Mutation("frames shuffled", seen(shuffled), cheap),
    Mutation("generator's ratio inverted", seen(lambda t: replace(t, norms=t.norms[:, ::-1])), cheap),
    Mutation("losses of another moment", seen(lambda t: replace(t, losses=t.losses[::-1])), cheap),
    Mutation("field of another moment", seen(lambda t: replace(t, fields=t.fields[::-1])), cheap),
)
