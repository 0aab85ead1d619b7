"""One run: the same function with other weights, its sharpness, and gradient descent from near its minimum."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import torch

from demos.common.numbers import counted, number
from demos.common.progress import Progress, checkpoint
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.stochastic.bench.descent import Descent, descend
from demos.stochastic.rescaling.config import RescalingConfig
from demos.stochastic.rescaling.network import REACH, Network, outputs, rescaled
from demos.stochastic.rescaling.picture import picture

BREATH = 1e-7  # distance of gradient descent's start from the minimum, along the sharpest direction
SMALLEST, LARGEST = 1e-10, 1e-5  # distances between which motion is linear: above rounding, below nonlinear terms
ROUNDING = 1e-10  # relative error of sums of a few hundred products in double precision
CURVED = 1e-3  # relative error of a factor by nonlinear terms at distances up to LARGEST


def simulate(config: RescalingConfig, network: Network, progress: Progress | None = None) -> Descent:
    """Gradient descent on all examples from near the rescaled minimum; every step is recorded."""
    _, direction = network.sharpest(config.factor)
    start = rescaled(network.weights, config.factor) + BREATH * torch.from_numpy(direction)
    rates, every = np.full(config.steps, config.lr), config.steps + 1
    gradient = lambda weights, step: network.gradient(weights)
    return descend(gradient, start, rates, energy=network.loss, record=every, progress=progress)


def distances(config: RescalingConfig, network: Network, run: Descent) -> np.ndarray:
    """(F,) along the sharpest direction, from the minimum."""
    _, direction = network.sharpest(config.factor)
    away = run.states[:, 0] - rescaled(network.weights, config.factor)[0].numpy()
    with np.errstate(invalid="ignore", over="ignore"):  # above the stability limit numbers overflow
        return away @ direction


def checks(config: RescalingConfig, network: Network, run: Descent) -> list[Check]:
    """Rows of the sharpness by autograd against the theorem, the outputs, the invariant measure, a step's factor."""
    hessian = network.measured_hessian(config.factor)
    checkpoint()
    at = rescaled(network.weights, config.factor)
    exact, first = network.rescaled_hessian(config.factor), network.hessian
    sharpness, _ = network.sharpest(config.factor)
    x = torch.linspace(-REACH, REACH, 201, dtype=torch.float64)
    apart = float((outputs(at, x) - outputs(network.weights, x)).abs().max())
    largest = float(outputs(network.weights, x).abs().max())
    theorem = "D⁻¹HD⁻¹: Dinh, Pascanu, Bengio & Bengio 2017"
    rows = [
        Check(
            "sharpness, the largest curvature",
            float(np.linalg.eigvalsh(hessian)[-1]),
            sharpness,
            floor=ROUNDING * sharpness,
            source=theorem,
            note=f"{number(network.sharpest(1.0)[0])} before rescaling",
        ),
        Check(
            "largest difference of the outputs",
            apart,
            0.0,
            floor=ROUNDING * max(largest, 1.0),
            source="max(0, az) = a max(0, z)",
        ),
        Check(
            "Σ θ² ∂²L/∂θ², which no rescaling changes",
            float((at[0].numpy() ** 2 * np.diag(hessian)).sum()),
            float((network.weights[0].numpy() ** 2 * np.diag(first)).sum()),
            floor=1e-8 * float((network.weights[0].numpy() ** 2 * np.diag(first)).sum()),
            source="its value before rescaling",
        ),
        Check(
            "trace of the Hessian",
            float(np.trace(hessian)),
            float(np.trace(exact)),
            floor=ROUNDING * float(np.trace(exact)),
            source=theorem,
        ),
    ]
    if factor := factor_check(config, network, run, sharpness):
        rows.insert(0 if factor.measured > 1 else 2, factor)
    return rows


def factor_check(config: RescalingConfig, network: Network, run: Descent, sharpness: float) -> Check | None:
    """The row of the factor |1 − lr λ| by which a step multiplies the distance along the sharpest direction."""
    exact = abs(1 - config.lr * sharpness)
    reached = math.log(BREATH) + np.arange(1, len(run.steps)) * math.log(max(exact, 1e-300))
    good = np.flatnonzero((reached >= math.log(SMALLEST)) & (reached <= math.log(LARGEST)))
    # only the steps from the start until the distance first leaves the window
    good = good[good == np.arange(len(good))]
    if not len(good):
        return None
    last = int(good[-1]) + 1
    away = np.abs(distances(config, network, run))
    with np.errstate(divide="ignore", invalid="ignore"):
        measured = float((away[last] / BREATH) ** (1 / last))
    scale = max(1.0, float(rescaled(network.weights, config.factor).abs().max()))
    rounding = 1e-15 * scale / SMALLEST
    return Check(
        "factor of a step along the sharpest direction",
        measured,
        exact,
        floor=exact * (CURVED + rounding),
        source="|1 − lr λ|, linear stability",
        note=f"over {counted(last, 'step')}",
    )


def headline(config: RescalingConfig, rows: list[Check], network: Network) -> str:
    """The headline: how much sharper the same function is, and whether gradient descent stays at its minimum."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        return (
            f"Not as the theorem says: {wrong.name} is {number(wrong.measured)}, exactly {number(wrong.truth or 0.0)}."
        )
    before = network.sharpest(1.0)[0]
    now = next(row.measured for row in rows if row.name.startswith("sharpness"))
    times = f"{number(now / before)} times as sharp" if now > before else f"{number(before / now)} times as flat"
    stays = "stays" if config.lr * now < 2 else f"leaves, past 2/λ = {number(2 / now)}"
    what = "The network" if config.factor == 1 else f"The same function, {times}"
    return f"{what}: sharpness λ = {number(now)}; gradient descent at lr = {config.lr:g} {stays}."


@demo_run
def run(config: RescalingConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Rescale the network, and measure what changes and what does not."""
    network = Network(config)
    drawn = picture(config, network)
    if on_picture is not None:
        on_picture(drawn)
    path = simulate(config, network, progress)
    rows = checks(config, network, path)
    sharpness = network.sharpest(config.factor)[0]
    warnings = []
    if config.lr * sharpness > 2:
        warnings.append(
            f"lr = {config.lr:g} is {number(config.lr * sharpness / 2)} times the stability limit 2/λ = "
            f"{number(2 / sharpness)} at this minimum."
        )
    losses = path.energies
    notes = (
        f"Gradient descent started {BREATH:g} beside the minimum; after {counted(int(path.steps[-1]), 'step')} its "
        f"loss is {number(float(losses[-1, 0]))}.",
    )
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(rows),
        {"descent": descent_table(config, network, path)},
        notes,
        tuple(warnings),
        headline(config, rows, network),
    )


def descent_table(config: RescalingConfig, network: Network, run: Descent) -> pd.DataFrame:
    """Columns series, step, distance: along the sharpest direction, measured and by linear stability."""
    away = np.abs(distances(config, network, run))
    exact = abs(1 - config.lr * network.sharpest(config.factor)[0])
    rows = []
    for step, distance in zip(run.steps.tolist(), away, strict=True):
        linear = BREATH * math.exp(min(step * math.log(max(exact, 1e-12)), 60.0))
        if 1e-16 < distance < 1e6:
            rows.append({"series": "gradient descent", "step": step, "distance": float(distance)})
        if 1e-16 < linear < 1e2:
            rows.append({"series": "exact: |1 − lr λ|ᵏ", "step": step, "distance": linear})
    return pd.DataFrame(rows, columns=["series", "step", "distance"])
