"""A column of rigid links with springs in its joints, under a load. Above a critical load it buckles.

The state is the angles of the links to the axis, so that link lengths are constant; the only constraint is that the
loaded end stays on the axis.
"""

from __future__ import annotations

from math import pi

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor

from demos.physics.bench.certificate import certify
from demos.physics.bench.constraints import EndOnAxis
from demos.physics.bench.system import Invariant, Reference, System
from demos.physics.column.reference import EULER, hencky_load, polygon

FEWEST, MOST = 3, 120  # links
HEAVIEST = 1.8 * pi**2  # above 2.18 π² the ends of the bent column cross, and it swings round to hang from its pin


class Bending:
    """E = ½ C Σ (θₖ₊₁ − θₖ)² + P ℓ Σ cos θₖ for angles (B, N): springs of stiffness C = N (EI = L = 1) in the joints,
    and a load P that pushes the end, at ℓ Σ cos θₖ, back along the axis."""

    def __init__(self, links: int, load: float):
        steps = torch.diff(torch.eye(links, dtype=torch.float64), dim=0)
        self._springs = links * (steps.T @ steps)
        self._push = load / links

    def energy(self, x: Tensor, t: float = 0.0) -> Tensor:
        return 0.5 * ((x @ self._springs) * x).sum(1) + self._push * x.cos().sum(1)

    def gradient(self, x: Tensor, t: float = 0.0) -> Tensor:
        return x @ self._springs - self._push * x.sin()

    def hessian(self, x: Tensor, t: float = 0.0) -> Tensor:
        return self._springs - torch.diag_embed(self._push * x.cos())


def column(links: int = 20, load: float = 1.2 * EULER) -> System:
    """A pinned column of length one and EI = 1 under a load; its loaded end slides along the axis.

    Its reference is the straight column up to Hencky's load, and the bent polygon above it. Raises ValueError for
    links or load out of range.
    """
    check_column(links, load)
    if load <= hencky_load(links):
        reference = Reference("energy", load, "the straight column", floor=1e-12)
    else:
        bent = torch.from_numpy(polygon(links, load))[None]
        energy = float(Bending(links, load).energy(bent)[0])
        reference = Reference("energy", energy, "bent polygon, by shooting", floor=1e-9)
    return _column(links, load, (reference,))


def _column(links: int, load: float, references: tuple[Reference, ...] = ()) -> System:
    project, bending = EndOnAxis(), Bending(links, load)

    def nearly_straight(seed: int, replicas: int) -> Tensor:
        noise = np.random.default_rng([seed, 7]).standard_normal((replicas, links))
        return project.retract(0.02 * torch.from_numpy(noise))

    return System(
        name="column",
        title=f"Column of {links} rigid links under load",
        sentence="Below a load the column stays straight; past it the straight line is a saddle and it bends aside.",
        formula=r"\tfrac C2\sum_k (\theta_{k+1}-\theta_k)^2 + P\,\ell\sum_k\cos\theta_k,\quad \sum_k\sin\theta_k = 0",
        shape=(links,),
        energy=bending.energy,
        gradient=bending.gradient,
        hessian=bending.hessian,
        project=project,
        starts={
            "nearly straight": nearly_straight,
            "straight": lambda seed, replicas: torch.zeros(replicas, links, dtype=torch.float64),
        },
        references=references,
        invariants=(
            Invariant("end off the axis", lambda x: x.sin().sum(1) / links, 0.0, floor=1e-15, source="sliding end"),
        ),
        longest=0.2,
        newton=0.1,
        duration=8 * links / max(abs(load - hencky_load(links)), 0.5),
        own_energy=lambda x: links / 2 * np.square(np.diff(x, axis=1)).sum(1) + load / links * np.cos(x).sum(1),
    )


def nodes(x: Tensor) -> Tensor:
    """(B, N + 1, 2): the joints of columns with angles x (B, N), from (0, 0)."""
    steps = torch.stack((x.cos(), x.sin()), dim=-1) / x.shape[-1]
    return torch.nn.functional.pad(steps.cumsum(-2), (0, 0, 1, 0))


def deflection(x: Tensor) -> Tensor:
    """(B,) the deflection with the largest size among the joints, signed, for angles (B, N)."""
    heights = nodes(x)[..., 1]
    return heights.gather(-1, heights.abs().argmax(-1, keepdim=True))[..., 0]


def check_column(links: int, load: float) -> None:
    """Raise ValueError where the number of links or the load is out of range."""
    if not FEWEST <= links <= MOST:
        raise ValueError(f"{links} links are out of range; a column here has {FEWEST} to {MOST}.")
    if not 0 <= load <= HEAVIEST:
        raise ValueError(f"load = {load:g} must be from 0 to 1.8π² = {HEAVIEST:.4g} (EI/L²), or the column turns over.")


def softest_curvature(links: int, load: float) -> float:
    """The smallest eigenvalue of the straight column's Hessian on its constraint set: 0 at the critical load."""
    system = _column(links, load)
    return float(certify(system, system.start("straight")[0]).eigenvalues[0])


def measured_load(links: int) -> float:
    """The load at which the straight column stops being a minimum, by bisection on its softest mode."""
    return brentq(lambda load: softest_curvature(links, load), 1.0, 12.0, xtol=1e-12)
