"""Ways in which the descent on noisy least squares, or what is drawn of it, can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.descent.early_stopping.problem import Problem
from demos.gradient_flow import GradientFlow
from tests.verdicts.harness import Mutation, engine, frozen, noise, one_point, recorded, shuffled

Apply = Callable[[pytest.MonkeyPatch], None]


def method(name: str, change: Callable) -> Apply:
    """Another result of a method of the problem."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = getattr(Problem, name)
        monkeypatch.setattr(Problem, name, lambda *arguments: change(right(*arguments)))

    return apply


def drawn(factor: float) -> Apply:
    """The targets' noise is larger than the config says."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = Problem.of.__func__

        def of(cls, config):
            problem, quiet = right(cls, config), config.replace(noise=config.noise * factor)
            return replace(problem, targets=right(cls, quiet).targets)

        monkeypatch.setattr(Problem, "of", classmethod(of))

    return apply


def pushed(flow: GradientFlow) -> GradientFlow:
    return replace(flow, gradient=lambda x, t: 1.01 * flow.gradient(x, t))


def decayed(flow: GradientFlow) -> GradientFlow:
    """A weight decay that nobody asked for."""
    return replace(flow, gradient=lambda x, t: flow.gradient(x, t) + 1e-4 * x)


def late(states: torch.Tensor) -> torch.Tensor:
    return torch.cat([states[:1], states[:-1]])


MUTATIONS = (
    Mutation("gradient + 1 %", engine(pushed)),
    Mutation("weight decay", engine(decayed)),
    Mutation("weights ← noise", recorded(noise)),
    Mutation("frozen", recorded(frozen)),
    Mutation("frames shuffled", recorded(shuffled)),
    Mutation("a frame late", recorded(late)),
    Mutation("one draw for all", recorded(one_point)),
    Mutation("noise + 10 %", drawn(1.1)),
    Mutation("no noise", drawn(0.0)),
    Mutation("risk + 1 %", method("risks", lambda values: 1.01 * values)),
    Mutation("training loss + 1 %", method("training_losses", lambda values: 1.01 * values)),
    Mutation("risk of other moments", method("risks", lambda values: values[::-1])),
    Mutation("ridge of another penalty", method("ridge", lambda weights: np.roll(weights, 6, axis=0))),
)
