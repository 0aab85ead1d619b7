"""Self-tests of Hamiltonian Monte Carlo: identities of its proposals, on the potential and with the step of the page.

They test the code and not the picture: none of its particles enters.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import numpy as np
import torch
from scipy.special import ndtri
from torch import Tensor
from torch.quasirandom import SobolEngine

from demos.common.progress import checkpoint
from demos.contract import Check
from demos.gradient_flow.methods.metropolis import leapfrog
from demos.landscapes import Landscape
from demos.langevin.reference.acceptance import places_of
from demos.langevin.reference.boltzmann import boltzmann
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

SCRAMBLINGS, POINTS = 16, 9  # 16 Sobol sequences of at most 2⁹ points: two dimensions for position, two for momentum
EVALUATIONS = 100_000  # most gradient evaluations
TURNED = 100  # points for the test of reversibility
SIGMAS = 5.5  # standard errors of a mean of 16, as rare as four of a normal number (Student's t)
STEEP = 3.0  # ⟨e^ΔH⟩ above which a few points dominate the mean of e^−ΔH
ROUNDINGS = 64  # largest error of a leapfrog step in units of rounding: some twenty operations of two coordinates
DULL = 1e-4  # largest tolerance of the test of reversibility, in widths of the potential: more would test nothing


def self_tests(setup: Setup, run: MethodRun) -> list[Check]:
    """The rows for Hamiltonian Monte Carlo in a known equilibrium: ⟨e^(−ΔH/kT)⟩ = 1, and reversibility."""
    if run.method != "hmc" or not (setup.is_constant and setup.is_confined):
        return []
    config = setup.config
    found = _proposals(setup.landscape, setup.kT, config.step, config.mass, config.leapfrog_steps)
    return [Check(**row, about="code") for row in found]


@lru_cache(maxsize=32)
def _proposals(landscape: Landscape, kT: float, h: float, mass: float, steps: int) -> tuple[dict, ...]:
    power = min(POINTS, int(np.log2(max(4, EVALUATIONS / SCRAMBLINGS / steps))))
    q, p = _equilibrium(landscape, kT, mass, power)
    there, flipped = _moved(landscape, q, p, h, steps, mass)
    if not (torch.isfinite(there).all() and torch.isfinite(flipped).all()):
        return ()  # above the stability limit the numbers diverge
    rows = []
    falls = (_energy(landscape, q, p, mass) - _energy(landscape, there, flipped, mass)) / kT
    each = falls.clamp(max=700).exp().reshape(SCRAMBLINGS, -1).mean(1)
    if float((-falls).clamp(max=700).exp().mean()) < STEEP:
        rows.append(
            {
                "name": "mean of e^(−ΔH/kT) over proposals from equilibrium",
                "measured": float(each.mean()),
                "truth": 1.0,
                "uncertainty": float(each.std(unbiased=True)) / sqrt(SCRAMBLINGS),
                "floor": 1e-6,
                "sigmas": SIGMAS,
                "source": "leapfrog keeps volume (Duane et al. 1987)",
                "note": "By quasi-random points; the error is that of independent scramblings.",
            }
        )
    q, there, flipped = q[:TURNED], there[:TURNED], flipped[:TURNED]
    back, _ = _moved(landscape, there, -flipped, h, steps, mass)
    nudged = _moved(landscape, there * (1 + 1e-7), -flipped, h, steps, mass)[0]
    width = float(q.abs().max())
    grown = 1 + float((nudged - back).abs().max()) / (1e-7 * width)  # growth of a small displacement on the way back
    floor = ROUNDINGS * np.finfo(float).eps * steps * grown * (1 + float(there.abs().max()) / width)
    if floor < DULL:
        rows.append(
            {
                "name": "leapfrog and back with the momentum reversed: distance from the start, relative",
                "measured": float((back - q).abs().max()) / width,
                "truth": 0.0,
                "floor": floor,
                "source": "velocity Verlet is reversible",
            }
        )
    return tuple(rows)


def _equilibrium(landscape: Landscape, kT: float, mass: float, power: int) -> tuple[Tensor, Tensor]:
    """Positions and momenta (SCRAMBLINGS · 2^power, 2), float64: quasi-random points of the exact distribution."""
    choose, places, momenta = places_of(boltzmann(landscape, kT)), [], []
    for seed in range(SCRAMBLINGS):
        checkpoint()
        u = SobolEngine(4, scramble=True, seed=seed).draw(2**power, dtype=torch.float64).numpy()
        places.append(choose(u[:, :2]))
        momenta.append(torch.from_numpy(ndtri(np.clip(u[:, 2:], 1e-12, 1 - 1e-12))) * sqrt(mass * kT))
    return torch.cat(places).to(torch.float64), torch.cat(momenta)


def _moved(landscape: Landscape, q: Tensor, p: Tensor, h: float, steps: int, mass: float) -> tuple[Tensor, Tensor]:
    """Position and momentum after one proposal of the method."""

    def gradient(x: Tensor) -> Tensor:
        checkpoint()
        return landscape.gradient(x)

    end, momentum, _ = leapfrog(gradient, q.clone(), p.clone(), gradient(q), h, steps, mass)
    return end, momentum


def _energy(landscape: Landscape, q: Tensor, p: Tensor, mass: float) -> Tensor:
    return landscape.energy(q) + p.square().sum(1) / (2 * mass)
