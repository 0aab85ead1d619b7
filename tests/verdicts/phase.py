"""Mutations of the phase field's engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.phase_field import model
from demos.physics.phase_field.model import PhaseField
from tests.verdicts.fields import frames, path_end
from tests.verdicts.harness import Mutation


def steep_well(monkeypatch: pytest.MonkeyPatch) -> None:
    right = model._well
    monkeypatch.setattr(model, "_well", lambda c: 1.05 * right(c))


def flow_scaled(linear: float, rest: float):
    """The flow's linear part (γ) and the double well's part times numbers."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = PhaseField.stiff.func

        def stiff(field: PhaseField):
            made = right(field)
            return replace(made, linear=linear * made.linear, rest=lambda c, t: rest * made.rest(c, t))

        monkeypatch.setattr(PhaseField, "stiff", property(stiff))

    return apply


def late_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    right = EnergyRecorder.frame_times.fget
    monkeypatch.setattr(EnergyRecorder, "frame_times", property(lambda self: 2 * right(self)))


MUTATIONS = (
    Mutation("double well 5 % too steep", steep_well),
    Mutation("γ 10 % too large", flow_scaled(1.1, 1.0)),
    Mutation("γ 10 % too small", flow_scaled(0.9, 1.0)),
    Mutation("mobility 10 % too large", flow_scaled(1.1, 1.1)),
    Mutation("moves at half speed", flow_scaled(0.5, 0.5)),
    Mutation("gradient 0", flow_scaled(0.0, 0.0)),
    Mutation("clock at half speed", late_frames),
    Mutation("frozen", frames(lambda x: np.repeat(x[:1], len(x), 0), path_end(lambda start, end: start))),
    Mutation("frames shuffled", frames(lambda x: x[np.random.default_rng(1).permutation(len(x))])),
    Mutation("states are noise", frames(lambda x: np.random.default_rng(1).normal(0, 1, x.shape).astype(x.dtype))),
)
