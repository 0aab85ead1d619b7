"""Ways in which the linear VAE, and how it is trained, can be wrong."""

from __future__ import annotations

import pytest
import torch

from demos.contract import Demo, Scene
from demos.networks.vae.model import divergence, split
from tests.verdicts.harness import Mutation, frozen, noise, recorded, replace_everywhere


def weighed(factor: float):
    """A β-VAE: the KL term counts more, or less, than it should."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        assert replace_everywhere(monkeypatch, divergence, lambda config, at: factor * divergence(config, at))

    return apply


def noisy(factor: float):
    """The decoder's variance is another than the config says."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(config, x):
            move = torch.zeros_like(x)
            move[:, -1] = factor
            return split(config, x + move)

        assert replace_everywhere(monkeypatch, split, broken)

    return apply


def interior(states: torch.Tensor) -> torch.Tensor:
    """Noise between the frames of the first growth and the last one."""
    return torch.cat([states[:3], noise(states)[3:-1], states[-1:]])


def lives(demo: Demo, scene: Scene) -> bool:
    """Where all latents are dead the wrong weights are 0 as well."""
    return scene.name != "all_dead"


def given(demo: Demo, scene: Scene) -> bool:
    return lives(demo, scene) and not scene.config.learned


MUTATIONS = (
    Mutation("KL + 2 %", weighed(1.02), lives),
    Mutation("KL − 2 %", weighed(0.98), lives),
    Mutation("σ² + 2 %", noisy(0.02), given),
    Mutation("states ← noise", recorded(noise)),
    Mutation("frozen", recorded(frozen)),
    Mutation("interior ← noise", recorded(interior)),
    Mutation("half the way", recorded(lambda states: states[(torch.arange(len(states)) + 1) // 2]), lives),
)
