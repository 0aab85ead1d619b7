"""Mutations that several systems share: of their forces, of their clock, and of the frames on the screen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from demos.gradient_flow import Trajectory, solve
from demos.physics.bench.system import System
from tests.verdicts import harness
from tests.verdicts.harness import replace_everywhere

Apply = Callable[[pytest.MonkeyPatch], None]


def scaled(system: System, force: float = 1.0, energy: float = 1.0) -> System:
    """The same system with its force or its energy multiplied."""
    return replace(
        system,
        gradient=lambda x, t=0.0: force * system.gradient(x, t),
        energy=lambda x, t=0.0: energy * system.energy(x, t),
    )


def system_of(builder: str, **factors: float) -> Apply:
    """Multiply the force or the energy of the systems that this function, wherever it is imported, builds."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        places = [
            (module, getattr(module, builder))
            for name, module in list(sys.modules.items())
            if name.startswith("demos.physics.") and callable(getattr(module, builder, None))
        ]
        assert places
        for module, build in places:
            monkeypatch.setattr(module, builder, lambda *a, _build=build, **k: scaled(_build(*a, **k), **factors))

    return apply


def slow_clock(share: float) -> Apply:
    """The flow that is solved runs at a share of its speed: its own force is right, and so is the energy."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        flow = System.flow

        def slow(self: System, temperature: Any = 0.0, **rest: Any) -> Any:
            gradient = rest.pop("gradient", None) or self.gradient
            return flow(self, temperature, gradient=lambda x, t=0.0: share * gradient(x, t), **rest)

        monkeypatch.setattr(System, "flow", slow)

    return apply


def frames(change: str) -> Apply:
    """Replace what the solver has recorded and observed by `harness`'s function of this name."""

    def changed(states: torch.Tensor | None) -> torch.Tensor | None:
        return states if states is None or states.ndim < 3 else getattr(harness, change)(states)

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments: Any, **named: Any) -> Trajectory:
            path = solve(*arguments, **named)
            return replace(path, states=changed(path.states), observed=changed(path.observed))

        assert replace_everywhere(monkeypatch, solve, broken)

    return apply
