"""A run of the condensate from a config, and its vortices in every frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from demos.common.progress import Progress
from demos.physics.condensate.descent import CondensateRun, ground_state, vortices
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.config import STARTS, EnergyConfig

FRAMES = 100
STILL = 1e-9  # largest component of Hφ − μφ at which a run stops
FOLLOWING, FINDING = 0.8, 0.1  # of the progress; the rest is for the cloud that the checks compare with
FINE = 0.2  # spacing of a grid that resolves vortices; where 96 points are coarser, there are 128


@dataclass(frozen=True)
class Followed:
    """One condensate with its run. found: for each frame the places (K, 2) and charges (K,) of its vortices."""

    condensate: GrossPitaevskii
    run: CondensateRun
    found: list[tuple[np.ndarray, np.ndarray]]

    @property
    def at_rest(self) -> bool:
        return self.run.path.status.kind == "converged"

    @property
    def residual(self) -> float:
        """‖Hφ − μφ‖ at the end"""
        return float(self.run.residuals[-1])


def condensate_of(config: EnergyConfig) -> GrossPitaevskii:
    """Raises ValueError, in one sentence, where there is none: too fast a rotation, a lattice in two dimensions."""
    dimensions = int(config.dimensions)
    rotation = config.rotation if dimensions == 2 else 0.0
    trap = config.trap if dimensions == 1 else "harmonic"
    condensate = GrossPitaevskii(dimensions, config.beta, trap, rotation)
    if dimensions == 2:
        points = 96 if rotation == 0 or condensate.width / 96 <= FINE else 128
        condensate = GrossPitaevskii(dimensions, config.beta, trap, rotation, points=points)
    if config.start in ("vortex", "turbulent") and rotation == 0:
        raise ValueError(f"start = {config.start}: {STARTS[config.start]} needs two dimensions and a rotation.")
    return condensate


def follow(config: EnergyConfig, progress: Progress | None = None) -> Followed:
    condensate = condensate_of(config)
    start = condensate.system().start(config.start, config.seed)
    share = None if progress is None else lambda done: progress(FOLLOWING * done)
    run = ground_state(condensate, start, STILL, config.iterations, FRAMES, share, config.step, config.multiplier)
    found = []
    for i, state in enumerate(run.states if condensate.is_complex else ()):
        found.append(vortices(condensate, state[None]))
        if progress is not None and i % 8 == 0:
            progress(FOLLOWING + FINDING * i / len(run.states))
    return Followed(condensate, run, found)


def settled(run: CondensateRun) -> bool:
    """Whether all numbers are finite: a step without its multiplier may run away."""
    return bool(torch.isfinite(run.end).all())
