"""What the mutations of fields have in common: frames of an `EnergyRecorder`, and ends of a path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.gradient_flow import Trajectory, solve
from demos.physics.bench.energy_recorder import EnergyRecorder
from tests.verdicts.harness import replace_everywhere

Apply = Callable[[pytest.MonkeyPatch], None]


def frames(change: Callable[[np.ndarray], np.ndarray], *others: Apply) -> Apply:
    """The recorded frames (F, N, ...) replaced by others."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = EnergyRecorder.frames.fget
        monkeypatch.setattr(EnergyRecorder, "frames", property(lambda self: change(right(self))))
        for other in others:
            other(monkeypatch)

    return apply


def path_end(change: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Apply:
    """The last state of the path: of its first and its last one."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments, **named) -> Trajectory:
            path = solve(*arguments, **named)
            return replace(path, states=torch.cat([path.states[:-1], change(path.states[0], path.states[-1])[None]]))

        assert replace_everywhere(monkeypatch, solve, broken)

    return apply
