"""Runs of the condensate that a page shows: its way to the ground state, and the vortices of a stirred one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.contract import Check
from demos.gradient_flow import Trajectory, solve
from demos.physics.bench.vortices import charges, places
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.condensate.reference import tables

STEP = 1.0  # far above the stabilizer's own scale: what a step does hardly depends on it
SOLVING = 0.85  # of the progress; the rest is for what is measured on the frames
MEASURED = 8  # frames at a time
TELLING = 0.01  # share of a number that a comparison with it may allow


@dataclass(frozen=True)
class CondensateRun:
    """states (F, …); densities (F, n) or (F, n, n); phases (F, n, n) where φ is complex, else None; the others (F,),
    after `steps`.

    The frames are evenly spaced in the root of the steps: the cloud takes its shape at first.
    """

    path: Trajectory
    steps: np.ndarray
    states: Tensor
    densities: np.ndarray
    phases: np.ndarray | None
    energies: np.ndarray
    chemical_potentials: np.ndarray
    residuals: np.ndarray
    checks: tuple[Check, ...]

    @property
    def end(self) -> Tensor:
        """(1, …)"""
        return self.states[-1:]


class _Kept:
    """An observer that keeps the states at some of the steps."""

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


def ground_state(
    condensate: GrossPitaevskii,
    start: Tensor,
    tolerance: float = 1e-9,
    most_steps: int = 2000,
    frames: int = 120,
    progress: Progress | None = None,
    step: float = STEP,
    multiplier: bool = True,
) -> CondensateRun:
    """The normalized flow of one condensate until no component of Hφ − μφ exceeds `tolerance`, or out of steps.

    The stabilizer is that of the start and of the Thomas–Fermi cloud, whichever is larger. multiplier False leaves
    μφ out of the step, to show where that leads: to another state for every step size.
    """
    system = condensate.system()
    stabilizer = max(condensate.stabilizer(x) for x in (start, system.start("thomas_fermi")))
    kept = _Kept(np.unique(np.round(np.linspace(0, 1, frames) ** 2 * most_steps)) * step)
    share = None if progress is None else lambda done: progress(SOLVING * done)
    path = solve(
        system.flow(),
        start,
        np.arange(most_steps + 1) * step,
        "normalized",
        record="steps",
        observe=kept,
        progress=share,
        tolerance=2 * condensate.torus.cell * tolerance,
        stabilizer=stabilizer,
        multiplier=int(multiplier),
    )
    states = torch.cat([*kept.states, path.states[-1]] if kept.times[-1] < path.times[-1] else kept.states)
    steps = np.rint(np.unique([*kept.times, float(path.times[-1])]) / step).astype(int)
    phases = torch.atan2(states[:, 1], states[:, 0]).float().numpy() if condensate.is_complex else None
    measured = []
    for first in range(0, len(states), MEASURED):  # a few at a time: a visitor who leaves is noticed
        some = states[first : first + MEASURED]
        energy = condensate.parts(some)
        total = sum(energy.values())
        measured.append(torch.stack((total, total + energy["interaction"], condensate.residual(some))))
        if progress is not None:
            progress(SOLVING + (1 - SOLVING) * min((first + MEASURED) / len(states), 1.0))
    energies, potentials, residuals = torch.cat(measured, 1).numpy()
    return CondensateRun(
        path,
        steps,
        states,
        condensate.density(states).float().numpy(),
        phases,
        energies,
        potentials,
        residuals,
        ground_state_checks(condensate, states[-1:]),
    )


def ground_state_checks(condensate: GrossPitaevskii, x: Tensor) -> tuple[Check, ...]:
    """Measured beside exact for one state (1, …): the tables' numbers where they have this β, the virial, the norm.

    The floors grow with ‖Hφ − μφ‖; what would allow more than a `TELLING` share of itself (of E, for the virial) is
    left out: a state that is still far from rest says nothing there.
    """
    residual, energy = float(condensate.residual(x)), float(condensate.energy(x))
    away = 2 * residual  # from the stationary state, in norm: the lowest excitation of the traps here costs ½ or more
    peak, width = condensate.beta * float(condensate.density(x).max()), float(condensate.width_rms(x))
    measured = {"energy": energy, "chemical potential": condensate.chemical_potential(x), "width": width}
    floors = {
        "energy": residual * away,
        "chemical potential": 2 * peak * away,
        "width": (condensate.cloud_radius + 1) ** 2 / width * away,
    }
    checks = [
        Check(r.name, float(measured[r.name]), r.value, floor=r.floor + floors[r.name], source=r.source)
        for r in condensate.system().references
        if floors[r.name] <= TELLING * r.value
    ]
    if condensate.trap == "harmonic":
        reach = width * condensate.width  # Hφ − μφ against r·∇φ
        edge = condensate.width**4 * float(condensate.density(x)[..., 0].max())  # V|φ|² along the sides of the box
        floor = 1e-9 + reach * residual + edge
        if floor <= TELLING * energy:
            checks.append(
                Check(
                    "virial",
                    float(condensate.virial(x)),
                    0.0,
                    floor=floor,
                    source="E cannot gain by stretching φ: 2 kinetic − 2 trap + d interaction = 0",
                )
            )
    norm = float(condensate.torus.cell * x.square().sum())
    checks.append(Check("norm", norm, 1.0, floor=1e-13, source="the constraint"))
    return tuple(checks)


def vortices(condensate: GrossPitaevskii, x: Tensor, faintest: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Positions (K, 2) and charges (K,) of the vortices of one state (1, 2, n, n), inside the Thomas–Fermi radius and
    where the density around them reaches `faintest` of its largest: farther out the phase means nothing."""
    winding = charges(torch.atan2(x[:, 1], x[:, 0]), periodic=False)[0]
    density = condensate.density(x)[None]
    around = torch.nn.functional.max_pool2d(density, 5, 1, 2)[0, 0]
    winding = torch.where(around >= faintest * around.max(), winding, 0)
    centres, signs = places(winding)
    spacing = condensate.torus.spacings[0]
    centres = centres * spacing - condensate.width / 2
    inside = np.hypot(*centres.T) < condensate.cloud_radius
    return centres[inside], signs[inside]


def angular_momentum(condensate: GrossPitaevskii, x: Tensor) -> Tensor:
    """(N,) ⟨L_z⟩ in ħ a particle; a rigid body turning at Ω would have Ω⟨r²⟩."""
    return -condensate.parts(x)["rotation"] / condensate.rotation


def multiplier_matters(
    condensate: GrossPitaevskii, steps: tuple[float, ...] = (0.2, 0.05, 0.0125), progress: Progress | None = None
) -> pd.DataFrame:
    """μ of the state where the normalized flow ends with and without the term μφ in its step, tidy: step, multiplier,
    mu, exact, residual. With it every step gives the same state; without it the bias grows with the step."""
    reference = next(r for r in condensate.system().references if r.name == "chemical potential")
    rows, jobs = [], [(step, multiplier) for step in steps for multiplier in (True, False)]
    for i, (step, multiplier) in enumerate(jobs):
        share = None if progress is None else lambda done, i=i: progress((i + done) / len(jobs))
        start = condensate.system().start("thomas_fermi")
        run = ground_state(condensate, start, 1e-9, 1500, 2, share, step, multiplier)
        if run.path.status.kind == "cancelled":
            break
        rows.append(
            {
                "step": step,
                "multiplier": multiplier,
                "mu": float(run.chemical_potentials[-1]),
                "exact": reference.value,
                "residual": float(run.residuals[-1]),
            }
        )
        if progress is not None and progress((i + 1) / len(jobs)) is False:
            break
    return pd.DataFrame(rows)


def published() -> pd.DataFrame:
    """The published two-dimensional table, tidy: beta, mu, r_rms; five decimals."""
    return pd.DataFrame(tables()["harmonic_2d"]["published"], columns=["beta", "mu", "r_rms"])
