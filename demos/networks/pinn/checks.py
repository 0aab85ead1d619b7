"""Checks of the recorded networks against the exact solution, and against independent computations."""

from __future__ import annotations

import numpy as np

from demos.contract import Check
from demos.networks.pinn import again
from demos.networks.pinn.config import PinnConfig
from demos.networks.pinn.network import INSIDE, Network
from demos.networks.pinn.train import WINDOW, Training

NAMES = ("fixed λ", "balanced")
ERROR, LARGEST = "relative error", "largest error"
LOSSES, GRADIENTS, STEPS = "losses again", "gradients again", "steps again"
SOME, FEW = 12, 3  # number of frames for which losses, and gradients, are recomputed


def checks_of(config: PinnConfig, path: Training, places: np.ndarray, u: np.ndarray) -> list[Check]:
    """The rows of a run. places (n,); u (F, 2, n): the drawn values there."""
    rows = []
    exact = np.sin(config.frequency * np.pi * places)
    for index, name in enumerate(NAMES):
        known = again.error(config, path.weights[-1, index], places)
        found = u[-1, index] - exact
        rows.append(
            Check(
                f"{ERROR} · {name}",
                size(found, places),
                0.0,
                predicted=size(known.by_boundary + known.by_residual, places),
                predicted_by="Green's function",
                floor=known.unresolved,
                source="the exact solution is sin kπx",
                note=f"of u, rms; the ends alone make {size(known.by_boundary, places):.3g}",
            )
        )
        rows.append(
            Check(
                f"{LARGEST} · {name}",
                float(np.abs(found).max()),
                known.bound,
                floor=known.unresolved,
                bound="upper",
                source="maximum principle: max |u(±1)| + max |u″ + f|/2",
            )
        )
    return [*rows, losses(config, path), gradients(config, path), steps(config, path)]


def size(values: np.ndarray, places: np.ndarray) -> float:
    """The root mean square, relative to that of the sine, 1/√2."""
    return float(np.sqrt(np.trapezoid(values**2, places)))


def chosen(path: Training, count: int) -> np.ndarray:
    return np.unique(np.rint(np.linspace(0, len(path.at) - 1, count)).astype(int))


def losses(config: PinnConfig, path: Training) -> Check:
    worst, floor, ends = 0.0, 0.0, np.array([-1.0, 1.0])
    for frame in chosen(path, SOME):
        for index, weights in enumerate(path.weights[frame]):
            step = path.at[frame]
            inside = again.residual(config, weights, again.middles(INSIDE))
            edge = again.value(config, weights, ends)
            for kept, misfit in ((path.residual, inside), (path.boundary, edge)):
                worst = max(worst, abs(float(np.sqrt(kept[step, index])) - float(np.sqrt((misfit**2).mean()))))
            floor = max(floor, again.rounding(config, weights))
    return Check(
        f"{LOSSES}, largest difference of √ℒ",
        worst,
        0.0,
        floor=floor,
        source="u″ by Cauchy's integral in the complex plane",
        note=f"residual and boundary, {SOME} frames",
    )


def gradients(config: PinnConfig, path: Training) -> Check:
    """The row of the gradients' lengths against derivatives along their directions. A gradient of wrong direction
    fails too, because the derivative along it is smaller than its length."""
    network, worst, floor = Network(config), 0.0, 1e-5
    for frame in chosen(path, FEW):
        step, found = path.at[frame], network.losses(path.weights[frame])
        for kept, gradient, inside in (
            (path.by_residual, found.by_residual, INSIDE),
            (path.by_boundary, found.by_boundary, 0),
        ):
            for index, weights in enumerate(path.weights[frame]):
                along = gradient[index] / np.linalg.norm(gradient[index])
                length = float(kept[step, index])
                worst = max(worst, abs(again.slope(config, weights, along, inside) / length - 1))
    return Check(
        f"{GRADIENTS}, largest relative difference",
        worst,
        0.0,
        floor=floor,
        source="central differences along the gradient",
        note=f"|∇ℒᵣ| and |∇ℒ_b|, {FEW} frames",
    )


def steps(config: PinnConfig, path: Training) -> Check:
    worst = 0.0
    for before, after in path.windows:
        for index in (0, 1):
            found = again.steps(config, before, WINDOW, index)
            worst = max(worst, float(np.abs(found - after[index]).max()) / config.lr)
    return Check(
        f"{STEPS}, largest difference over lr",
        worst,
        0.0,
        floor=1e-5,
        source="torch.optim.Adam with torch's derivatives",
        note=f"the first and the last {WINDOW}",
    )
