"""Mutations of the condensate's engine."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from demos.physics.condensate import config as configs
from demos.physics.condensate import simulate
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.model import GrossPitaevskii
from tests.verdicts.harness import Mutation, shuffled

BRIEF = {"iterations": 500}


def of_condensate(**factors: float):
    """A number of the condensate times a factor, in the engine alone: the config keeps what was asked for."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = CondensateConfig.condensate.fget

        def wrong(config: CondensateConfig) -> GrossPitaevskii:
            made = right(config)
            return replace(made, **{name: factor * getattr(made, name) for name, factor in factors.items()})

        monkeypatch.setattr(configs.CondensateConfig, "condensate", property(wrong))

    return apply


def trap(factor: float):
    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = GrossPitaevskii.potential.func
        monkeypatch.setattr(GrossPitaevskii, "potential", property(lambda self: factor * right(self)))

    return apply


def states(change):
    """The states that were kept (F, …) replaced by others of unit norm, before anything is measured on them."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = simulate.torch.cat

        def cat(parts, *rest):
            if len(parts) > 1 and not rest and parts[0].dtype == torch.float64 and len(parts[0]) == 1:
                return change(right(parts))
            return right(parts, *rest)

        shadow = type("Torch", (), {"__getattr__": lambda self, name: cat if name == "cat" else getattr(torch, name)})()
        monkeypatch.setattr(simulate, "torch", shadow)

    return apply


def noise(x: torch.Tensor) -> torch.Tensor:
    made = torch.randn(x.shape, generator=torch.Generator().manual_seed(1), dtype=x.dtype)
    return made * (x.flatten(1).norm(dim=1) / made.flatten(1).norm(dim=1)).reshape(-1, *[1] * (x.ndim - 1))


MUTATIONS = (
    Mutation("β + 1 %", of_condensate(beta=1.01), lambda demo, scene: not scene.config.rotation),
    Mutation("β + 10 %", of_condensate(beta=1.1)),
    Mutation("rotation − 10 %", of_condensate(rotation=0.9), lambda demo, scene: bool(scene.config.rotation)),
    Mutation("trap + 5 %", trap(1.05)),
    Mutation("trap − 5 %", trap(0.95)),
    Mutation("frozen", states(lambda x: x[:1].expand_as(x).clone())),
    Mutation("frames shuffled", states(shuffled)),
    Mutation("states are noise", states(noise)),
)
