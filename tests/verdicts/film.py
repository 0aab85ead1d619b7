"""Mutations of the soap film's engine."""

from __future__ import annotations

import numpy as np
import pytest

from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.soap_film.model import SoapFilm
from tests.verdicts.fields import frames, path_end
from tests.verdicts.harness import Mutation


def scaled(name: str, factor: float):
    """A method of the film times a number."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = getattr(SoapFilm, name)
        monkeypatch.setattr(SoapFilm, name, lambda film, *rest: factor * right(film, *rest))

    return apply


def noise(x: np.ndarray) -> np.ndarray:
    return np.abs(np.random.default_rng(1).normal(0.5, 0.3, x.shape)).astype(x.dtype)


def late_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    """The picture's clock at half speed."""
    right = EnergyRecorder.frame_times.fget
    monkeypatch.setattr(EnergyRecorder, "frame_times", property(lambda self: 2 * right(self)))


def high_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SoapFilm, "spacing", property(lambda film: 1.01 * film.separation / film.links))


MUTATIONS = (
    Mutation("force + 10 %", scaled("gradient", 1.1)),
    Mutation("force − 10 %", scaled("gradient", 0.9)),
    Mutation("curvature + 10 %", scaled("curvature_mobility", 1.1)),
    Mutation("curvature − 10 %", scaled("curvature_mobility", 0.9)),
    Mutation("moves at half speed", scaled("curvature_mobility", 0.5)),
    Mutation("clock at half speed", late_frames),
    Mutation("pieces 1 % too high", high_pieces),
    Mutation("gradient 0", scaled("gradient", 0.0)),
    Mutation("frozen", frames(lambda x: np.repeat(x[:1], len(x), 0), path_end(lambda start, end: start))),
    Mutation("frames shuffled", frames(lambda x: x[np.random.default_rng(1).permutation(len(x))])),
    Mutation("states are noise", frames(noise)),
    Mutation("a ring beside the hoop 1 % off", frames(lambda x: np.concatenate((1.01 * x[..., :1], x[..., 1:]), -1))),
)
