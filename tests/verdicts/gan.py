"""Ways in which the game, and how it is followed, can be wrong."""

from __future__ import annotations

import pytest
import torch

from demos.contract import Demo, Scene
from demos.networks.gan import game
from demos.networks.gan.game import losses
from tests.verdicts.harness import Mutation, frozen, noise, recorded, replace_everywhere, shuffled


def loss(generator: float = 1.0, discriminator: float = 1.0, penalty: float = 1.0):
    """A player's loss is larger than it should be; or the penalty is."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(config, x):
            first, second = losses(config.replace(gamma=penalty * config.gamma), x)
            return generator * first, discriminator * second

        assert replace_everywhere(monkeypatch, losses, broken)

    return apply


def other(method: str, step: str):
    """One way of training is in truth another."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(game.TRAINING, method, game.TRAINING[step])

    return apply


def late(states: torch.Tensor) -> torch.Tensor:
    return torch.cat([states[:1], states[:-1]])


def interior(states: torch.Tensor) -> torch.Tensor:
    """Noise, but for the first and the last state."""
    return torch.cat([states[:1], noise(states)[1:-1], states[-1:]])


def turned(states: torch.Tensor) -> torch.Tensor:
    """The last state of the path, a quarter turn about the equilibrium; the near path is left."""
    states = states.clone()
    states[-1, 0] = torch.stack((-states[-1, 0, 1], states[-1, 0, 0]))
    return states


def penalized(demo: Demo, scene: Scene) -> bool:
    return scene.config.gamma > 0


def simultaneous(demo: Demo, scene: Scene) -> bool:
    return "simultaneous" in scene.config.methods


MUTATIONS = (
    Mutation("generator's gradient + 2 %", loss(generator=1.02)),
    Mutation("discriminator's gradient − 2 %", loss(discriminator=0.98)),
    Mutation("the discriminator goes down, too", loss(discriminator=-1.0)),
    Mutation("penalty + 5 %", loss(penalty=1.05), penalized),
    Mutation("simultaneous is alternating", other("simultaneous", "alternating"), simultaneous),
    Mutation("states ← noise", recorded(noise)),
    Mutation("frozen", recorded(frozen)),
    Mutation("frames shuffled", recorded(shuffled)),
    Mutation("a step late", recorded(late)),
    Mutation("interior ← noise", recorded(interior)),
    Mutation("end a quarter turn on", recorded(turned)),
)
