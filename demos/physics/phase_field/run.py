"""A run of the phase field from a config: which fields, from what start, by which steps; and one that was lost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.physics.config import EnergyConfig
from demos.physics.phase_field.drawing import read_drawing
from demos.physics.phase_field.field_run import FieldRun, run_field
from demos.physics.phase_field.model import METRICS, PhaseField
from demos.physics.phase_field.reference import domain_length, smooth_squares
from demos.physics.phase_field.starts import drawn, spinodal

FRAMES = 120
MEASURED = 40  # of them, whose spectra are looked at
THIN = 3.0  # how much thinner than at rest the walls of a stripe begin
RESOLVED = 1.0  # γ from which a wall, √(2γ) points wide, is fine enough for the grid to be isotropic


@dataclass(frozen=True)
class Part:
    """One field of the picture with its run. start (1, n, n)."""

    field: PhaseField
    start: Tensor
    run: FieldRun
    lost: str  # how it was lost, in words, or ""

    @property
    def title(self) -> str:
        return METRICS[self.field.metric]

    @property
    def end(self) -> Tensor:
        """(1, n, n)"""
        return self.run.path.states[-1]

    def state(self, frame: int) -> Tensor:
        """(1, n, n) float64"""
        return torch.from_numpy(self.run.frames[frame])[None].double()

    @cached_property
    def squares(self) -> np.ndarray:
        """(F,) R² = area/π of the phase +1 at run.frame_times, between phases at ±1"""
        return smooth_squares(self.run.frames, self.field)

    @cached_property
    def lengths(self) -> tuple[np.ndarray, np.ndarray]:
        """Times and the size of the domains then: at the frames, or at forty of them."""
        count = len(self.run.frames)
        kept = np.unique(np.round(np.linspace(0, count - 1, min(count, MEASURED))).astype(int))
        length = [float(domain_length(self.state(frame), self.field)) for frame in kept]
        return self.run.frame_times[kept], np.array(length)


def fields_of(config: EnergyConfig) -> tuple[PhaseField, ...]:
    metrics = ("L2", "H-1") if config.metric == "both" else (config.metric,)
    return tuple(PhaseField(int(config.grid), config.gamma, metric) for metric in metrics)


def start_of(config: EnergyConfig, field: PhaseField) -> Tensor:
    """(1, n, n). Raises ValueError, in one sentence, for a drawing that is none."""
    if config.start == "spinodal":
        return spinodal(field, config.seed, 1, config.mean)
    if config.start == "stripe":
        x = field.torus.coordinates()[1]
        profile = torch.tanh(THIN * (field.length / 4 - x.abs()) / field.width)
        return profile.expand(1, field.size, field.size).clone()
    if config.start == "drawn":
        return drawn(field, picture_of(config))
    return field.system().start(config.start, config.seed)


def picture_of(config: EnergyConfig) -> np.ndarray:
    """The drawn picture. Raises ValueError, in one sentence, where there is none, or a blank one."""
    if not config.drawing:
        raise ValueError("start = drawn needs a drawing: choose Draw under the picture and paint.")
    picture = read_drawing(config.drawing)
    if picture.min() == picture.max():
        raise ValueError("The drawing is blank: paint a domain and leave some of the square free.")
    return picture


def follow(config: EnergyConfig, field: PhaseField, progress: Progress | None = None) -> Part:
    """Run one field; where explicit steps lose it, up to that step, with every step kept."""
    start, adapts = start_of(config, field), config.method == "etdrk2_adaptive"
    rest = {} if adapts else {"step": config.step, "method": config.method, "stabilizer": config.stabilizer}
    rest |= {"tolerance": motion(config), "progress": progress}
    run = run_field(field, start, config.duration, FRAMES, **rest)
    if run.path.status.kind != "diverged":
        return Part(field, start, run, "")
    steps = max(run.path.status.step - 1, 2)
    shown = run_field(field, start, steps * run.steps[0], FRAMES, **(rest | {"progress": None}))
    return Part(field, start, shown, str(run.path.status))


def motion(config: EnergyConfig) -> float:
    """How late a chosen step may be, in parts of its way, from the tolerance of all methods: 0.1 at 1e-5. Of a disc in
    H⁻¹ only the wall takes its shape, in the first few steps: they are to be half as late."""
    share = 0.05 if config.start == "disc" and config.metric != "L2" else 0.1
    return float(np.clip(share * sqrt(config.tolerance / 1e-5), 1e-3, 0.5))
