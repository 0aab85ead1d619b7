"""The run of planar spins: the flow at T = 0, Langevin dynamics at T > 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from demos.common.progress import Progress, checkpoint
from demos.gradient_flow import METHODS, Status, solve
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.bench.method_run import solver_times
from demos.physics.bench.system import System
from demos.physics.bench.vortices import charges, places
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.model import XYModel

FRAMES = 110
FINER = 0.01  # factor on the config's tolerance: Simpson's rule over the steps is less accurate than the steps
LARGEST = 8.0  # J: no state has a larger curvature than the aligned one


@dataclass(frozen=True)
class SpinPath:
    """thetas (F, n, n) float32 at times (F,); vortices: of each frame the centres (K, 2) and charges (K,).

    recorder: energy and |∇E|² after every step. work: gradients taken.
    """

    model: XYModel
    system: System
    times: np.ndarray
    thetas: np.ndarray
    vortices: list[tuple[np.ndarray, np.ndarray]]
    recorder: EnergyRecorder
    status: Status
    work: int
    step: float  # 0 for an adaptive method
    work_done: float | None = None  # for explicit Euler: the work of the torque on its straight steps

    @property
    def energies(self) -> np.ndarray:
        """(F,) at the frames"""
        return np.interp(self.times, self.recorder.times, self.recorder.energies[:, 0])

    @property
    def pairs(self) -> np.ndarray:
        """(F,) the number of vortices, which is also that of antivortices"""
        return np.array([int((signs > 0).sum()) for _, signs in self.vortices])

    @property
    def end(self) -> torch.Tensor:
        """(1, n, n)"""
        return torch.from_numpy(self.thetas[-1:].astype(np.float64))


def stability_limit() -> float:
    """2/L of explicit Euler, L = 8J."""
    return METHODS["euler"].step_limit(LARGEST)


def rugh_temperature(squares: np.ndarray, energies: np.ndarray) -> float:
    """⟨|∇E|²⟩/⟨∇²E⟩ with ∇²E = −2E: the temperature of states (S,) in equilibrium, from their |∇E|² and E."""
    return float(squares.mean() / (-2 * energies.mean()))


class StraightWork:
    """The work of the torque on explicit Euler's straight steps x − h∇E(x), by Simpson's rule; E falls by as much."""

    def __init__(self, model: XYModel, step: float):
        self._model, self._step, self.total = model, step, 0.0
        self._before: tuple[torch.Tensor, torch.Tensor] | None = None

    def add(self, x: torch.Tensor) -> None:
        gradient = self._model.gradient(x)
        if self._before is not None:
            state, first = self._before
            middle = self._model.gradient(state - 0.5 * self._step * first)
            last = self._model.gradient(state - self._step * first)
            self.total += self._step / 6 * float((first * (first + 4 * middle + last)).sum())
        self._before = x.clone(), gradient


def simulate(config: XYMagnetConfig, progress: Progress | None = None) -> SpinPath:
    """The run of a config. At T > 0 frames are evenly spaced in time, else denser at the start."""
    model = XYModel(config.side)
    system, frames = model.system(), np.linspace(0, 1, FRAMES)
    times = solver_times(config.method, config.duration, config.step, least=2)
    recorder = EnergyRecorder(model.measure, times[-1] * (frames if config.kT > 0 else frames**2) * (1 - 1e-12))
    tolerance = FINER * config.tolerance
    straight = StraightWork(model, config.step) if config.method == "euler" else None

    def observe(x: torch.Tensor, t: float) -> float:
        if straight is not None:
            straight.add(x)
        return recorder(x, t)

    path = solve(
        system.flow(config.kT),
        system.start(config.start, config.seed),
        times,
        config.method,
        seed=config.seed,
        record="steps",
        observe=observe,
        rtol=tolerance,
        atol=tolerance,
        progress=progress,
    )
    thetas = recorder.frames[:, 0]
    vortices = []
    for theta in torch.from_numpy(thetas):
        checkpoint()
        vortices.append(places(charges(theta[None])[0]))
    return SpinPath(
        model,
        system,
        recorder.frame_times,
        thetas,
        vortices,
        recorder,
        path.status,
        path.evaluations,
        0.0 if METHODS[config.method].adaptive is not None else config.step,
        None if straight is None else straight.total,
    )
