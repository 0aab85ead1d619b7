"""The hanging chain's twin: a column of rigid links with springs in its joints, under a load. Past a load it buckles.

The state is the links' angles to the axis, so that no link can change its length; what is left of the constraints is
that the loaded end stays on the axis.
"""

from __future__ import annotations

from math import pi, sin

import numpy as np
import torch
from scipy.optimize import brentq
from scipy.special import ellipj, ellipk
from torch import Tensor

from demos.physics.bench.certificate import certify
from demos.physics.bench.constraints import EndOnAxis
from demos.physics.bench.system import Invariant, Reference, System
from demos.physics.chain.model import check_links

HEAVIEST = 1.8 * pi**2  # past 2.18 π² the ends of the bent column cross, and it swings round to hang from its pin
EULER = pi**2  # of a pinned column, in units of EI/L²
EULER_LOADS = {  # Euler 1744; the third is the square of the first root of tan u = u
    "pinned at both ends": pi**2,
    "clamped at both ends": 4 * pi**2,
    "clamped and pinned": brentq(lambda u: sin(u) - u * np.cos(u), 4, 4.7, xtol=1e-15) ** 2,
    "clamped and free": pi**2 / 4,
}


def hencky_load(links: int) -> float:
    """4N² sin²(π/2N): the load at which N rigid links with springs of stiffness N (EI/L = 1) leave the straight line.

    Hencky, Der Eisenbau 11 (1920) 437. It rises to Euler's π² as N grows.
    """
    return 4 * links**2 * sin(pi / (2 * links)) ** 2


def elastica_deflection(load: float) -> float:
    """The sideways deflection of the middle of a pinned smooth column of length one under a load, 0 below π².

    P = (2K(k))² with k = sin(α/2) for the end's slope α; the deflection is 2k/√P (Love, Theory of Elasticity, §263).
    """
    if load <= EULER:
        return 0.0
    k = brentq(lambda k: (2 * ellipk(k * k)) ** 2 - load, 0.0, 1 - 1e-15, xtol=1e-15)
    return 2 * k / load**0.5


def elastica(load: float, points: int = 81) -> np.ndarray:
    """(points, 2): x and y along a pinned smooth column of length one past its load, from end to end; straight below.

    sin(θ/2) = k sn(u, k) and y = −(2k/√P) cn(u, k) with u = K + √P s (Love, §263); x = ∫cos θ ds by Gauss's rule
    between the points, since SciPy's incomplete elliptic integral jumps at single places.
    """
    s = np.linspace(0, 1, points)
    if load <= EULER:
        return np.stack((s, np.zeros_like(s)), 1)
    k, root = 0.5 * elastica_deflection(load) * load**0.5, load**0.5
    jacobi = lambda s: ellipj(ellipk(k * k) + root * s, k * k)
    nodes, weights = np.polynomial.legendre.leggauss(5)
    between = s[:-1, None] + (nodes + 1) / (2 * (points - 1))
    moves = (1 - 2 * np.square(k * jacobi(between)[0])) @ weights / (2 * (points - 1))
    return np.stack((np.r_[0.0, moves.cumsum()], -2 * k / root * jacobi(s)[1]), 1)


def polygon(links: int, load: float) -> np.ndarray:
    """(N,) the angles of N links in equilibrium under a load, bent to the positive side; 0 below Hencky's load.

    Every joint balances where θₖ₊₁ = 2θₖ − θₖ₋₁ − (P/N²) sin θₖ, with no moment at the ends, θ₀ = θ₁: shooting for the
    θ₁ whose angles are odd about the middle. No energy is minimized.
    """
    if load <= hencky_load(links):
        return np.zeros(links)
    push, half = load / links**2, links // 2

    def angles(first: float) -> np.ndarray:
        theta, before, rows = first, first, []
        for _ in range(links):
            rows.append(theta)
            theta, before = 2 * theta - before - push * sin(theta), theta
        return np.array(rows)

    def odd(first: float) -> float:
        theta = angles(first)
        return (theta[half] + theta[links - 1 - half]) / first

    return angles(brentq(odd, 1e-7, 3.0, xtol=1e-15))


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

    Raises ValueError out of range.
    """
    check_links(links)
    if not 0 <= load <= HEAVIEST:
        raise ValueError(f"load = {load:g} must be from 0 to 1.8π² = {HEAVIEST:.4g} (EI/L²), or the column turns over.")
    project, bending, critical = EndOnAxis(), Bending(links, load), hencky_load(links)

    def nearly_straight(seed: int, replicas: int) -> Tensor:
        noise = np.random.default_rng([seed, 7]).standard_normal((replicas, links))
        return project.retract(0.02 * torch.from_numpy(noise))

    references = (Reference("energy", load, "the straight column", floor=1e-12),) if load <= critical else ()
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
        duration=8 * links / max(abs(load - critical), 0.5),
        parts={"critical": critical, "nodes": nodes},
    )


def nodes(x: Tensor) -> Tensor:
    """(B, N + 1, 2): the joints of columns with angles x (B, N), from (0, 0)."""
    steps = torch.stack((x.cos(), x.sin()), dim=-1) / x.shape[-1]
    return torch.nn.functional.pad(steps.cumsum(-2), (0, 0, 1, 0))


def deflection(x: Tensor) -> Tensor:
    """(B,) how far the joint furthest from the axis is from it, with its sign; of angles (B, N)."""
    heights = nodes(x)[..., 1]
    return heights.gather(-1, heights.abs().argmax(-1, keepdim=True))[..., 0]


def softest(links: int, load: float) -> float:
    """The smallest eigenvalue of the straight column's Hessian on its constraint set: it falls through 0 where the
    column buckles."""
    system = column(links, load)
    return float(certify(system, system.start("straight")[0]).eigenvalues[0])


def measured_load(links: int) -> float:
    """The load at which the straight column stops being a minimum, by bisection on its softest mode."""
    return brentq(lambda load: softest(links, load), 1.0, 12.0, xtol=1e-12)
