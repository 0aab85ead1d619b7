"""Gradients on the screen beside Jacobians written out by hand, and beside what is known in closed form."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import torch

from demos.common.progress import checkpoint
from demos.contract import Check
from demos.networks.time.cells import jacobian
from demos.networks.time.config import BLOCKS, GATED, TimeConfig
from demos.networks.time.law import Law
from demos.networks.time.measure import Measured, Network, log_norm

DECAY = "log₁₀ of |∂ℒ/∂s|, first step over last"
LAW = "log₁₀ of |∂ℒ/∂s|"
PRODUCT = "Π of the gates"
ROUNDING = 1e-15  # relative, of one step


def checks_of(config: TimeConfig, cell: str, network: Network, measured: Measured, law: Law | None) -> list[Check]:
    """Rows about one cell, the closed form first where there is one."""
    rows = [by_hand(config, cell, network, measured)]
    if law is not None:
        rows.insert(0, gates(config, measured, law) if cell in GATED else profile(config, measured, law))
    if cell in GATED and config.gain == 0:
        rows.insert(1, product(config, cell, measured))
    return rows


def by_hand(config: TimeConfig, cell: str, network: Network, measured: Measured) -> Check:
    """The first sequence of the first network: the product of all Jacobians, from the recorded states."""
    blocks, n, T = BLOCKS[cell], config.width, config.steps
    weights = network.weights[0]
    states = torch.from_numpy(measured.states)
    last = network.last[0, 0]
    back = torch.cat((torch.zeros_like(last), last)) if cell == "lstm" else last
    scale = 0.0  # log10 of what has been divided out
    for t in range(T - 1, 0, -1):
        checkpoint()
        inputs = network.inputs[t, 0, :, 0].reshape(blocks, n)
        back = back @ jacobian(cell, tuple(states[t]), weights, inputs, config.bias)
        size = float(back.abs().max()) or 1.0
        back, scale = back / size, scale + np.log10(size)
    with np.errstate(divide="ignore"):
        exact = scale + float(np.log10(float(back[-n:].norm()) / float(last.norm())))
    seen = log_norm(measured.gradients[[0, -1], 0, 0])
    return Check(
        f"{DECAY}, one sequence",
        float(seen[0] - seen[1]),
        exact,
        floor=1e-9,
        source="product of the Jacobians, derived by hand",
        note="autograd and the formulas of the cell agree",
    )


def profile(config: TimeConfig, measured: Measured, law: Law) -> Check:
    """Mean over networks, as far back as the law holds."""
    seen, steps = measured.profile[law.first], config.steps - 1 - law.first
    spread = float(law.spread[law.first])
    if law.name == "exact":
        floor = 10 * ROUNDING * config.steps
    else:  # the mean of a logarithm is below the logarithm of the mean; terms of order 1/n at each step
        floor = log(10) * spread**2 + steps / (log(10) * config.width)
    return Check(
        f"{LAW}, {steps} steps before the end over the end",
        float(seen.mean()),
        float(law.profile[law.first]),
        uncertainty=spread / sqrt(config.networks),
        floor=floor,
        source=law.source,
        note="mean over networks" + (", up to √n steps: later the eigenvalues rule" if law.first else ""),
    )


def gates(config: TimeConfig, measured: Measured, law: Law) -> Check:
    """Mean of log10 of what a unit's carry keeps, from |∂L/∂carry_1| itself."""
    kept = np.abs(measured.gradients[0] / measured.gradients[-1])
    with np.errstate(divide="ignore"):
        return Check(
            f"log₁₀ of what {config.steps - 1} steps keep, mean over units",
            float(np.log10(kept).mean()),
            float(law.profile[0]),
            uncertainty=float(law.spread[0]) / sqrt(config.networks),
            floor=10 * ROUNDING * config.steps,
            source=law.source,
        )


def product(config: TimeConfig, cell: str, measured: Measured) -> Check:
    """The largest relative difference, over all units, between ∂s_T/∂s_1 and the product of the gates."""
    kept = measured.gradients[0] / measured.gradients[-1]
    exact = measured.gates[1:].prod(0)
    name = "f" if cell == "lstm" else "z"
    return Check(
        f"∂s_T/∂s_1 against {PRODUCT} {name}, largest relative difference",
        float(np.abs(kept / exact - 1).max()),
        0.0,
        floor=2 * ROUNDING * config.steps,
        source=f"Π {name}_t: without recurrent weights nothing else leads back",
    )
