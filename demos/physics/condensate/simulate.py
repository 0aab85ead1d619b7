"""The normalized flow of one condensate to its ground state, and the vortices of a rotating one in every frame."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress, part
from demos.gradient_flow import Stiff, Trajectory, solve
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.condensate.observables import Vortices, find_vortices

FRAMES = 100
STEP = 1.0  # far above the inverse of the stabilizer, so that a step hardly depends on its size
REST_RESIDUAL = 1e-9  # largest component of Hφ − μφ at which a run stops
CHUNK = 8  # frames between two progress reports
SOLVED = 0.85  # share of the progress of `ground_state` at the end of the flow; the rest is for its observables
FOLLOWED, FOUND = 0.8, 0.9  # shares of the demo's progress after the flow, and after the search for vortices


@dataclass(frozen=True)
class CondensateRun:
    """states (F, …); densities (F, n) or (F, n, n); phases (F, n, n) where φ is complex, else None; energies,
    chemical_potentials and residuals ‖Hφ − μφ‖ (F,), after `steps` (F,). vortices: of each frame, if they were
    computed.

    The frames are evenly spaced in the square root of the number of steps, because the cloud changes most at first.
    """

    condensate: GrossPitaevskii
    path: Trajectory
    steps: np.ndarray
    states: Tensor
    densities: np.ndarray
    phases: np.ndarray | None
    energies: np.ndarray
    chemical_potentials: np.ndarray
    residuals: np.ndarray
    vortices: tuple[Vortices, ...] = ()

    @property
    def end(self) -> Tensor:
        """(1, …)"""
        return self.states[-1:]

    @property
    def residual(self) -> float:
        """‖Hφ − μφ‖ at the end"""
        return float(self.residuals[-1])

    @property
    def converged(self) -> bool:
        return self.path.status.kind == "converged"

    @property
    def finite(self) -> bool:
        """Whether the end is finite; steps without the multiplier may diverge."""
        return bool(torch.isfinite(self.end).all())


def simulate(config: CondensateConfig, progress: Progress | None = None) -> CondensateRun:
    """The run of a config."""
    condensate = config.condensate
    start = condensate.system().start(config.start, config.seed)
    run = ground_state(
        condensate,
        start,
        REST_RESIDUAL,
        config.iterations,
        FRAMES,
        step=config.step,
        multiplier=config.multiplier,
        progress=part(progress, 0, 1, FOLLOWED),
    )
    if not condensate.is_complex:
        return run
    found, report = [], part(progress, FOLLOWED, 1, FOUND - FOLLOWED)
    for i, state in enumerate(run.states):
        found.append(find_vortices(condensate, state[None]))
        if report is not None and i % CHUNK == 0:
            report(i / len(run.states))
    return replace(run, vortices=tuple(found))


def ground_state(
    condensate: GrossPitaevskii,
    start: Tensor,
    tolerance: float = REST_RESIDUAL,
    most_steps: int = 2000,
    frames: int = 120,
    *,
    step: float = STEP,
    multiplier: bool = True,
    progress: Progress | None = None,
) -> CondensateRun:
    """The normalized flow of one condensate, until no component of Hφ − μφ exceeds `tolerance` or after `most_steps`.

    The stabilizer is that of the current state or of the Thomas–Fermi cloud, whichever is larger, so that it decreases
    while a dense start spreads. multiplier: if False, the step leaves out μφ; its end then depends on the step size and
    on the stabilizer, which is that of the start.
    """
    system = condensate.system()
    least = condensate.stabilizer(system.start("thomas_fermi"))
    flow, stabilizer = system.flow(), max(condensate.stabilizer(start), least)
    if multiplier:
        flow, stabilizer = replace(flow, stiff=_following(condensate, least)), 1.0
    recorder = _Recorder(np.unique(np.round(np.linspace(0, 1, frames) ** 2 * most_steps)) * step)
    path = solve(
        flow,
        start,
        np.arange(most_steps + 1) * step,
        "normalized",
        record="steps",
        observe=recorder,
        progress=part(progress, 0, 1, SOLVED),
        tolerance=2 * condensate.torus.cell * tolerance,
        stabilizer=stabilizer,
        multiplier=int(multiplier),
    )
    stopped_between = recorder.times[-1] < path.times[-1]
    states = torch.cat([*recorder.states, path.states[-1]] if stopped_between else recorder.states)
    recorder.states.clear()  # they would be twice in memory
    steps = np.rint(np.unique([*recorder.times, float(path.times[-1])]) / step).astype(int)
    phases = torch.atan2(states[:, 1], states[:, 0]).float().numpy() if condensate.is_complex else None
    energies, potentials, residuals = _measured(condensate, states, part(progress, SOLVED, 1, 1 - SOLVED))
    densities = condensate.density(states).float().numpy()
    return CondensateRun(condensate, path, steps, states, densities, phases, energies, potentials, residuals)


def _following(condensate: GrossPitaevskii, least: float) -> Stiff:
    """The stiff part with stabilizer 1, scaled to the stabilizer of the current state, at least `least`."""
    stiff, damping = condensate.stiff, torch.tensor(least, dtype=torch.float64)

    def rest(x: Tensor, t: float) -> Tensor:
        damping.fill_(max(condensate.stabilizer(x), least))
        return stiff.rest(x, t)

    return Stiff(stiff.transform, stiff.linear, rest, damping)


def _measured(condensate: GrossPitaevskii, states: Tensor, progress: Progress | None) -> np.ndarray:
    """(3, F): energies, chemical potentials and residuals of states (F, …), a few at a time."""
    measured = []
    for first in range(0, len(states), CHUNK):
        some = states[first : first + CHUNK]
        terms = condensate.parts(some)
        total = sum(terms.values())
        measured.append(torch.stack((total, total + terms["interaction"], condensate.residual(some))))
        if progress is not None:
            progress(min((first + CHUNK) / len(states), 1.0))
    return torch.cat(measured, 1).numpy()


class _Recorder:
    """An observer for `solve` that records the states at given times, ascending."""

    def __init__(self, due: np.ndarray):
        self._due = list(due * (1 - 1e-12))
        self.times: list[float] = []
        self.states: list[Tensor] = []

    def __call__(self, x: Tensor, t: float) -> float:
        if self._due and t >= self._due[0]:
            del self._due[0]
            self.times.append(t)
            self.states.append(x.clone())
        return 0.0
