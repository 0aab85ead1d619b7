"""The run of one phase field: frames, and energy and dissipation at every step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import METHODS, Trajectory, solve
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.bench.method_run import solver_times
from demos.physics.phase_field.config import LATENESS, PhaseFieldConfig
from demos.physics.phase_field.model import METRICS, PhaseField
from demos.physics.phase_field.observables import domain_length, squared_radii
from demos.physics.phase_field.path_measure import FieldMeasure
from demos.physics.phase_field.starts import drawn, spinodal

FRAMES = 120
MOST_FOLLOWED = 2_000  # up to so many fixed steps, the energy balance is integrated along the path between states
MOST_SPECTRA = 40  # most frames of a run whose spectra are computed
THIN = 3.0  # the walls of a stripe start thinner by this factor than at rest


@dataclass(frozen=True)
class FieldRun:
    """The run of one field from start (1, n, n). frames (F, n, n) float32 at frame_times (F,). For each step, (S + 1,):
    times, energies, rates ⟨∇E, M∇E⟩, and residual of the energy balance; step_sizes (S,).
    diverged: a sentence on how explicit steps diverged, or ""; the run then ends before that."""

    field: PhaseField
    start: Tensor
    path: Trajectory
    frames: np.ndarray
    frame_times: np.ndarray
    times: np.ndarray
    energies: np.ndarray
    rates: np.ndarray
    residual: np.ndarray
    diverged: str = ""

    @property
    def title(self) -> str:
        return METRICS[self.field.metric]

    @property
    def end(self) -> Tensor:
        """(1, n, n)"""
        return self.path.states[-1]

    @property
    def step_sizes(self) -> np.ndarray:
        return np.diff(self.times)

    @property
    def rises(self) -> int:
        """The number of steps that raised the energy by more than rounding."""
        return int((np.diff(self.energies) > 1e-10 * np.abs(self.energies[:-1]) + 1e-12 * self.energies[0]).sum())

    def state(self, frame: int) -> Tensor:
        """(1, n, n) float64"""
        return torch.from_numpy(self.frames[frame])[None].double()

    @cached_property
    def squared_radii(self) -> np.ndarray:
        """(F,) R² = area/π of the phase +1 at frame_times."""
        return squared_radii(self.frames, self.field)

    @cached_property
    def domain_lengths(self) -> tuple[np.ndarray, np.ndarray]:
        """Times, and the size of the domains at them: of all frames, or of MOST_SPECTRA."""
        count = len(self.frames)
        chosen = np.unique(np.round(np.linspace(0, count - 1, min(count, MOST_SPECTRA))).astype(int))
        length = [float(domain_length(self.state(frame), self.field)) for frame in chosen]
        return self.frame_times[chosen], np.array(length)


def simulate(config: PhaseFieldConfig, field: PhaseField, progress: Progress | None = None) -> FieldRun:
    """The run of one of the config's fields. If explicit steps diverge, it ends there and every step is a frame."""
    start = start_of(config, field)
    options = {"lateness": config.lateness}
    if not config.adapts:
        options |= {"step": config.step, "method": config.method, "stabilizer": config.stabilizer}
    run = run_field(field, start, config.duration, FRAMES, progress=progress, **options)
    if run.path.status.kind != "diverged":
        return run
    steps = max(run.path.status.step - 1, 2)
    before = run_field(field, start, steps * run.step_sizes[0], FRAMES, **options)
    return replace(before, diverged=str(run.path.status))


def start_of(config: PhaseFieldConfig, field: PhaseField) -> Tensor:
    """(1, n, n)"""
    if config.start == "spinodal":
        return spinodal(field, config.seed, 1, config.mean)
    if config.start == "stripe":
        x = field.torus.coordinates()[1]
        profile = torch.tanh(THIN * (field.length / 4 - x.abs()) / field.width)
        return profile.expand(1, field.size, field.size).clone()
    if config.start == "drawn":
        return drawn(field, config.drawn_field)
    return field.system().start(config.start, config.seed)


def run_field(
    field: PhaseField,
    start: Tensor,
    end: float,
    frames: int = FRAMES,
    *,
    lateness: float = LATENESS,
    step: float | None = None,
    method: str = "etdrk2",
    stabilizer: float | None = None,
    progress: Progress | None = None,
) -> FieldRun:
    """Integrate one field (1, n, n) to t = end, and measure energy and dissipation at every step.

    step: None for adaptive steps of ETDRK2 with a timing error of at most `lateness`; else the fixed step of `method`,
    a key of METHODS. stabilizer: of the methods with a stiff part; None for the field's own with adaptive steps, and 0
    with fixed ones.
    Frames are evenly spaced in √t, because walls move fast at first. Fixed steps end at `end` or at the first multiple
    beyond it.
    """
    times = np.array([0.0, end]) if step is None else solver_times(method, end, step)
    flow = field.system().flow()
    stabilizer = stabilizer if stabilizer is not None else field.stabilizer if step is None else 0.0
    measure = FieldMeasure(field)
    exact = measure if len(times) <= MOST_FOLLOWED else measure.__call__  # many steps are short enough without the path
    recorder = EnergyRecorder(exact, np.linspace(0, 1, frames) ** 2 * times[-1] * (1 - 1e-12))
    options = {"record": "steps", "observe": recorder, "progress": progress}
    if METHODS[method].family == "stiff":
        options["stabilizer"] = stabilizer
    if step is None:
        path = solve(flow, start, times, "etdrk2_adaptive", rtol=1e-2, atol=1e-2, relative_lateness=lateness, **options)
    else:
        path = solve(flow, start, times, method, **options)
    return FieldRun(
        field,
        start,
        path,
        recorder.frames[:, 0],
        recorder.frame_times,
        recorder.times,
        recorder.energies[:, 0],
        recorder.rates[:, 0],
        recorder.balance.residual[:, 0],
    )
