"""Checks of the paths against the flow and the updates of the papers; of step and field at the equilibrium."""

from __future__ import annotations

import numpy as np
import torch

from demos.common.numbers import counted
from demos.contract import Check
from demos.networks.gan import law
from demos.networks.gan.config import METHODS, GanConfig
from demos.networks.gan.game import downhill

RADIUS, FACTOR = "distance from the equilibrium at the end", "factor of a step at the equilibrium"
UPDATES = "every step against the updates, largest difference"
ROTATION, SPIRAL = "rotation of the field, ∂v_ψ/∂θ − ∂v_θ/∂ψ", "eigenvalues of the field, "
REFERENCE = 1e-12  # error of a distance: ten times the absolute tolerance of the reference flow
TINY, SMALL = 1e-14, 1e-4  # errors of a step's growth factor by rounding, and by nonlinear terms


def checks_of(config: GanConfig, method: str, states: np.ndarray, exact: np.ndarray) -> list[Check]:
    """The rows of a method. states (F, 2, 2): of the path, and of the one near the equilibrium; exact (F, 2): the
    flow."""
    path, wanted = states[:, 0], law.steps(config, method, (config.theta, config.psi))[: len(states)]
    return [
        radius(method, path, exact, wanted),
        updates(method, path, wanted),
        growth(config, method, states[:, 1]),
    ]


def last_of(path: np.ndarray, wanted: np.ndarray) -> int:
    """The last step at which both are finite."""
    return int(np.flatnonzero(np.isfinite(wanted).all(1) & np.isfinite(path).all(1))[-1])


def updates(method: str, path: np.ndarray, wanted: np.ndarray) -> Check:
    """The row of the difference of all recorded states from the papers' updates, relative to the largest distance of
    the path until then."""
    upto = slice(last_of(path, wanted) + 1)
    sizes = np.maximum.accumulate(np.hypot(*wanted[upto].T))
    return Check(
        f"{UPDATES} · {METHODS[method]}",
        float((np.hypot(*(path[upto] - wanted[upto]).T) / sizes).max()),
        0.0,
        floor=1e-9,
        source="the updates of the papers, one number after the other",
        note="as vectors, relative to the distance",
    )


def radius(method: str, path: np.ndarray, exact: np.ndarray, wanted: np.ndarray) -> Check:
    last = last_of(path, wanted)
    sizes = [float(np.hypot(*places[last])) for places in (path, exact, wanted)]
    return Check(
        f"{RADIUS} · {METHODS[method]}",
        sizes[0],
        sizes[1],
        floor=1e-9 * sizes[2] + REFERENCE,
        predicted=sizes[2],
        predicted_by="this step",
        source="the continuous flow, to 11 digits",
        note=f"after {counted(last, 'step')}; 0 is the equilibrium",
    )


def growth(config: GanConfig, method: str, near: np.ndarray) -> Check:
    """The row of the growth factor per step, from a least-squares fit of the matrix that maps each state of the near
    path to the next."""
    size = np.hypot(*near.T)
    good = (size[:-1] > 1e-150) & (size[:-1] < SMALL) & (size[1:] < SMALL)
    before, after = near[:-1][good] / size[:-1][good, None], near[1:][good] / size[:-1][good, None]
    wanted, measured, error = law.factor(config, method), np.nan, 0.0
    if len(before) > 1:
        matrix, *_ = np.linalg.lstsq(before, after, rcond=None)
        spread = np.linalg.svd(before, compute_uv=False)
        measured = float(np.abs(np.linalg.eigvals(matrix)).max())
        error = (100 * TINY + float(size[:-1][good].max()) ** 2) * float(spread[0] / max(spread[-1], 1e-300))
    return Check(
        f"{FACTOR} · {METHODS[method]}",
        measured,
        law.flow_factor(config),
        floor=max(error, (10 * error) ** 0.5 if double(config) else 0.0),  # √error for a double eigenvalue
        predicted=wanted,
        predicted_by="this step",
        source="e^{hλ}, λ = −γ/2 ± √(γ²/4 − f'(0)²)",
        note="above 1 it leaves the equilibrium",
    )


def double(config: GanConfig) -> bool:
    """Whether the eigenvalues are nearly equal; they are then known only to half the digits."""
    first, second = law.eigenvalues(config)
    return abs(first - second) < 1e-2


def of_the_field(config: GanConfig) -> list[Check]:
    """The row of the Jacobian, at the equilibrium, of the field that the solver integrates."""
    zero = torch.zeros(1, 2, dtype=torch.float64)
    h = 1e-4
    columns = []
    for axis in (0, 1):
        move = torch.zeros_like(zero)
        move[0, axis] = h
        columns.append(-(downhill(config, zero + move) - downhill(config, zero - move))[0].numpy() / (2 * h))
    jacobian = np.stack(columns, 1)
    measured = sorted(np.linalg.eigvals(jacobian).astype(complex), key=lambda z: (z.real, z.imag))[-1]
    exact = sorted(law.eigenvalues(config), key=lambda z: (z.real, z.imag))[-1]
    slope = law.slope(config, 0.0)
    floor = 1e-4 if double(config) else 1e-7
    return [
        Check(
            ROTATION,
            float(jacobian[1, 0] - jacobian[0, 1]),
            2 * slope,
            floor=1e-7,
            source="2 f'(0), Mescheder et al. 2018",
            note="0 for the gradient of any function",
        ),
        Check(
            f"{SPIRAL}real part",
            float(measured.real),
            float(exact.real),
            floor=floor,
            source="−γ/2 ± √(γ²/4 − f'(0)²)",
            note="below 0: the flow comes to rest",
        ),
        Check(
            f"{SPIRAL}imaginary part",
            float(abs(measured.imag)),
            float(abs(exact.imag)),
            floor=floor,
            source="−γ/2 ± √(γ²/4 − f'(0)²)",
            note="radians per unit of time",
        ),
    ]
