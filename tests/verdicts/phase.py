"""Mutations of the phase field's engine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.phase_field import model
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.model import PhaseField
from tests.verdicts.fields import frames, path_end
from tests.verdicts.harness import Mutation

BRIEF = {"duration": 40.0}


def steep_well(monkeypatch: pytest.MonkeyPatch) -> None:
    right = model._well
    monkeypatch.setattr(model, "_well", lambda c: 1.05 * right(c))


def gamma(factor: float):
    """γ of the engine: the config keeps what was asked for."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = PhaseFieldConfig.fields.fget
        wrong = lambda config: tuple(replace(field, gamma=factor * field.gamma) for field in right(config))
        monkeypatch.setattr(PhaseFieldConfig, "fields", property(wrong))

    return apply


class Scaled:
    """A mobility times a number."""

    def __init__(self, mobility, factor: float):
        self._mobility, self._factor = mobility, factor

    def apply(self, v, t):
        return self._factor * self._mobility.apply(v, t)

    def root(self, v, t):
        return self._factor**0.5 * self._mobility.root(v, t)


def speed(factor: float):
    """The mobility, in the metric and in the stiff part alike."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = PhaseField.system

        def system(field: PhaseField):
            made, stiff = right(field), field.stiff
            slow = replace(stiff, linear=factor * stiff.linear, rest=lambda c, t: factor * stiff.rest(c, t))
            return replace(made, mobility=Scaled(made.mobility, factor), stiff=slow)

        monkeypatch.setattr(PhaseField, "system", system)

    return apply


def late_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    right = EnergyRecorder.frame_times.fget
    monkeypatch.setattr(EnergyRecorder, "frame_times", property(lambda self: 2 * right(self)))


def strange_frame(x: np.ndarray) -> np.ndarray:
    """One of the frames (F, ..., n, n) is an earlier one, moved aside."""
    x = x.copy()
    x[2 * len(x) // 3] = np.roll(x[len(x) // 4], 20, -1)
    return x


def spot(x: np.ndarray) -> np.ndarray:
    """In the middle third of the frames a cell holds half a unit too much."""
    x = x.copy()
    x[len(x) // 3 : 2 * len(x) // 3, ..., 10, 10] += 0.5
    return x


MUTATIONS = (
    Mutation("double well 5 % too steep", steep_well),
    Mutation("γ 10 % too large", gamma(1.1)),
    Mutation("γ 10 % too small", gamma(0.9)),
    Mutation("mobility 10 % too large", speed(1.1)),
    Mutation("moves at half speed", speed(0.5)),
    Mutation("gradient 0", speed(0.0)),
    Mutation("clock at half speed", late_frames),
    Mutation("frozen", frames(lambda x: np.repeat(x[:1], len(x), 0), path_end(lambda start, end: start))),
    Mutation("frames shuffled", frames(lambda x: x[np.random.default_rng(1).permutation(len(x))])),
    Mutation("one frame from elsewhere", frames(strange_frame)),
    Mutation("mass not kept in a cell", frames(spot)),
    Mutation("states are noise", frames(lambda x: np.random.default_rng(1).normal(0, 1, x.shape).astype(x.dtype))),
)
