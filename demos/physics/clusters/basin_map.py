"""Maps of basins of attraction: each point of a plane of starts has the colour of the minimum where a method ends.

Three and four atoms: the atoms stay in a plane. All but one have fixed starting places, and the last one starts at each
point of a grid. Forces of atoms in a plane lie in it, so that the planar problem is closed; its minima are identified
by which atoms are where. Seven atoms in space: the plane goes through a random start along two random directions, and
the colour is that of the four energies that seven atoms can have at a minimum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress, part
from demos.gradient_flow import METHODS, GradientFlow, solve
from demos.physics.bench.endpoint import INSIDE_BOWL
from demos.physics.bench.quench import quench
from demos.physics.bench.system import System
from demos.physics.clusters.model import cluster

ROUNDS = 12  # most rounds of integration, each twice as long as the one before
SEVEN = (-16.505384, -15.935043, -15.593211, -15.533060)  # Hoare & Pal, Adv. Phys. 20 (1971) 161; recomputed
PAIRS = ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))


@dataclass(frozen=True)
class BasinMap:
    """labels (H, W), row 0 at the bottom: the index of the minimum in `names`, −1 where the method came to no rest.
    half: the map covers −half … half in x and y. fixed (K, 2): the atoms with the same start on the whole map."""

    method: str
    labels: np.ndarray
    names: tuple[str, ...]
    half: float
    fixed: np.ndarray
    evaluations: int


def three_atoms(size: int = 64, method: str = "rkc", half: float = 2.0, progress: Progress | None = None) -> BasinMap:
    """Two atoms at a fixed distance and a third at (x, y). The minimum is a triangle, which points up or down.

    The exact map is known by symmetry: reflection turns y into −y, so atoms on a line stay on a line, no orbit of the
    flow crosses that line, and the triangle points to the side of the third atom's start. See `three_atoms_exactly`.
    """
    system = cluster(3)
    rest = system.pairs.potential.distance
    fixed = np.array([[-rest / 2, 0.0], [rest / 2, 0.0]])

    def label(x: np.ndarray) -> np.ndarray:
        a, b = x[:, 1] - x[:, 0], x[:, 2] - x[:, 0]
        return (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] < 0).astype(int)

    start = _with_one_more(fixed, size, half)
    return _map(system, start, label, ("pointing up", "pointing down"), size, method, half, fixed, progress)


def three_atoms_exactly(size: int) -> np.ndarray:
    """(size, size) the labels of `three_atoms` for the true flow: 0 where y > 0, 1 where y < 0."""
    return np.repeat((grid(size, 1.0) < 0).astype(int)[:, None], size, axis=1)


def four_atoms(size: int = 64, method: str = "rkc", half: float = 2.0, progress: Progress | None = None) -> BasinMap:
    """Three atoms in a triangle and a fourth at (x, y). The minimum in the plane is a rhombus, named by the pair of
    atoms that are farthest apart."""
    system = cluster(4)
    radius = system.pairs.potential.distance / 3**0.5
    angles = np.pi / 2 + 2 * np.pi / 3 * np.arange(3)
    fixed = radius * np.stack((np.cos(angles), np.sin(angles)), axis=1)

    def label(x: np.ndarray) -> np.ndarray:
        return np.stack([((x[:, i] - x[:, j]) ** 2).sum(1) for i, j in PAIRS], axis=1).argmax(1)

    names = tuple(f"{'ABCD'[i]} and {'ABCD'[j]} apart" for i, j in PAIRS)
    return _map(system, _with_one_more(fixed, size, half), label, names, size, method, half, fixed, progress)


def seven_atoms(
    size: int = 40, method: str = "rkc", half: float = 2.0, progress: Progress | None = None, seed: int = 0
) -> BasinMap:
    """Seven atoms in space, from x₀ + a u + b v with a random start x₀ and random directions u ⊥ v of length one."""
    system = cluster(7)
    centre = system.start("random", seed)[0].numpy()
    plane = np.linalg.qr(np.random.default_rng([seed, 8]).standard_normal((21, 2)))[0].T.reshape(2, 7, 3)
    axis = grid(size, half)
    b, a = np.meshgrid(axis, axis, indexing="ij")
    start = centre + a.reshape(-1, 1, 1) * plane[0] + b.reshape(-1, 1, 1) * plane[1]

    def label(x: np.ndarray) -> np.ndarray:
        gaps = np.abs(system.energy(torch.from_numpy(x)).numpy()[:, None] - SEVEN)
        return np.where(gaps.min(1) < 1e-4, gaps.argmin(1), -1)

    names = tuple(f"{energy:.3f}" for energy in SEVEN)
    return _map(system, start, label, names, size, method, half, np.empty((0, 2)), progress)


MAPS = {"three": three_atoms, "four": four_atoms, "seven": seven_atoms}


def grid(size: int, half: float) -> np.ndarray:
    """(size,) cell centres from −half to half; size is even, so that none lies on an axis of symmetry."""
    if not 4 <= size <= 256 or size % 2:
        raise ValueError(f"size = {size} must be an even number from 4 to 256.")
    return half * ((2 * np.arange(size) + 1) / size - 1)


def _with_one_more(fixed: np.ndarray, size: int, half: float) -> np.ndarray:
    """(size², K + 1, 3): K fixed atoms in the plane, and one more at each point of the grid."""
    axis = grid(size, half)
    y, x = np.meshgrid(axis, axis, indexing="ij")
    start = np.zeros((size * size, len(fixed) + 1, 3))
    start[:, :-1, :2] = fixed
    start[:, -1, 0], start[:, -1, 1] = x.ravel(), y.ravel()
    return start


def _map(
    system: System,
    start: np.ndarray,
    label: Callable[[np.ndarray], np.ndarray],
    names: tuple[str, ...],
    size: int,
    method: str,
    half: float,
    fixed: np.ndarray,
    progress: Progress | None,
) -> BasinMap:
    finals, evaluations = _minima(system, torch.from_numpy(start), method, progress)
    labels = label(finals.numpy())
    labels[~(system.force(finals) <= 1e-6).numpy()] = -1
    return BasinMap(method, labels.reshape(size, size), names, half, fixed, evaluations)


def _minima(
    system: System, start: Tensor, method: str, progress: Progress | None, rtol: float = 1e-5
) -> tuple[Tensor, int]:
    """The minima (B, *shape) in the plane, and the most gradients that a start took."""
    if METHODS[method].family == "optimizer":
        path = quench(system, start, method, steps=3000, tolerance=1e-6, progress=progress, **_plain(method))
        return path.states[-1], path.evaluations
    flow, x, active = _with_bounded_speed(system), start.clone(), torch.arange(len(start))
    evaluations, span = 0, 0.25
    for i in range(ROUNDS):
        share = part(progress, i, ROUNDS)
        path = solve(flow, x[active], [0.0, span], method, rtol=rtol, atol=rtol, record=2, progress=share)
        x[active], evaluations, span = path.states[-1], evaluations + path.evaluations, 2 * span
        active = active[~(system.force(x[active]) <= INSIDE_BOWL)]
        if not len(active) or path.status.kind == "cancelled":
            break
    finished = quench(system, x, steps=200, tolerance=1e-6, **_plain("lbfgs"))
    return finished.states[-1], evaluations + finished.evaluations


def _plain(method: str) -> dict[str, Any]:
    """Options of a method that switch Newton's method off: a minimum of the planar problem is a saddle in space."""
    return {"newton": 0.0} if method == "lbfgs" else {}


def _with_bounded_speed(system: System) -> GradientFlow:
    """dx/ds = −∇E/√(1 + |∇E|²): the orbits and therefore the basins are those of the flow; the speed is at most one.
    Otherwise the one start with two atoms at nearly the same place would determine the step for all."""

    def bounded(x: Tensor, t: float) -> Tensor:
        gradient = system.gradient(x)
        size = gradient.flatten(1).norm(dim=1).reshape(-1, *[1] * (x.ndim - 1))
        return gradient / (1 + size.square()).sqrt()

    return GradientFlow(gradient=bounded)
