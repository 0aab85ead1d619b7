"""The check of implicit Euler that holds at any rate: its energy falls."""

from __future__ import annotations

import numpy as np
import torch

from demos.contract import Check
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun

RISES = "steps on which E rises"
ROUNDING = 1e-11  # of an energy, in parts of it or of 1: the minimizations end where energies differ by less


def descent_checks(setup: Setup, run: MethodRun) -> list[Check]:
    """The number of implicit steps, of all starts, on which the energy rises: none at any rate."""
    if run.method != "implicit_euler":
        return []
    with np.errstate(all="ignore"):
        flat = torch.from_numpy(run.states.reshape(-1, 2))
        energies = setup.surface.energy(flat).numpy().reshape(run.states.shape[:2])
        rises = np.diff(energies, axis=0) > ROUNDING * np.maximum(1.0, np.abs(energies[:-1]))
    source = "a step minimizes E(y) + |y − x|²/2h, which is E(x) at y = x"
    return [Check(RISES, float(rises.sum()), 0.0, source=source)]
