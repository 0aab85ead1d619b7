"""Checks of gradients against Jacobians written out by hand, and against closed forms."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import torch

from demos.common.numbers import counted
from demos.common.progress import checkpoint
from demos.contract import Check
from demos.networks.theory.mean_field import LARGEST_SPREAD
from demos.networks.time.cells import back
from demos.networks.time.config import GATED, TimeConfig
from demos.networks.time.law import Law
from demos.networks.time.measure import Measured, Network, log_norm

DECAY = "log₁₀ of |∂ℒ/∂s|, first step over last"
LAW = "log₁₀ of |∂ℒ/∂s|"
EVERY = "every ∂ℒ/∂s_t against formulas"
PRODUCT = "Π of the gates"
ROUNDING = 1e-15  # relative rounding error of one step
SHARED = 0.2  # share of the variance between networks that all sequences have in common, as measured; see `profile`
SMALLEST = 1e-290  # smaller numbers lose digits


def checks_of(config: TimeConfig, cell: str, network: Network, measured: Measured, law: Law | None) -> list[Check]:
    """Rows about one cell, the closed form first where there is one."""
    rows = by_hand(config, cell, network, measured)
    if law is not None:
        rows = ([gates(config, measured, law)] if cell in GATED else profile(config, measured, law)) + rows
    if cell in GATED and config.gain == 0:
        rows.insert(1, product(config, cell, measured))
    return rows


def by_hand(config: TimeConfig, cell: str, network: Network, measured: Measured) -> list[Check]:
    """Rows of every gradient of every network against the formulas, backward from the last step with the recorded
    states."""
    states = torch.from_numpy(measured.states)
    grown = (torch.zeros_like(network.last), network.last) if cell == "lstm" else (network.last,)
    exact = [grown[-1]]
    for t in range(config.steps - 1, 0, -1):
        checkpoint()
        grown = back(cell, grown, tuple(states[t]), network.weights, network.inputs[t], config.bias)
        exact.append(grown[-1])
    wanted = torch.stack(exact[::-1]).numpy()
    sizes = np.maximum(np.abs(wanted).max(-1), SMALLEST)
    seen, known = (log_norm(values[[0, -1], 0, 0]) for values in (measured.gradients, wanted))
    return [
        Check(
            f"{DECAY}, one sequence",
            float(seen[0] - seen[1]),
            float(known[0] - known[1]),
            floor=1e-9,
            source="product of the Jacobians, derived by hand",
            note="autograd and the formulas of the cell agree",
        ),
        Check(
            f"{EVERY}, largest relative difference",
            float((np.abs(measured.gradients - wanted).max(-1) / sizes).max()),
            0.0,
            floor=1e-9,
            source="product of the Jacobians, derived by hand",
            note="over all steps, networks and sequences",
        ),
    ]


def profile(config: TimeConfig, measured: Measured, law: Law) -> list[Check]:
    """The row of the profile's mean over networks against theory, as far back as that holds; no row where its spread is
    a decade or more.

    The mean of a logarithm is below the logarithm of the mean by ln 10·s², s the spread for one sequence; a fifth of
    that variance is common to the sequences of a network. About half of the difference is compensated by a mean square
    that is larger at finite width: measured over 32 to 64 networks each, with 8 to 128 units, gains of 0.3 to 2, inputs
    of 0.1 to 1, 1 to 32 sequences, measured − theory + half is within −0.6 … 0.5 of ln 10·s². For the same Gaussian
    matrix at every step it goes down to −2.8 of it with one sequence, and networks fluctuate by the whole s.
    """
    seen, steps = measured.profile[law.first], config.steps - 1 - law.first
    spread, exact = float(law.spread[law.first]), law.name == "exact"
    if spread > LARGEST_SPREAD:
        return []
    shared = SHARED + (1 - SHARED) / config.sequences  # of s²
    gaussian = config.recurrence == "gaussian"
    below = log(10) * spread**2
    return [
        Check(
            f"{LAW}, {counted(steps, 'step')} before the end over the end",
            float(seen.mean()),
            float(law.profile[law.first]) - shared * below / 2,
            uncertainty=spread * sqrt(1.0 if gaussian else shared) / sqrt(config.networks),
            floor=10 * ROUNDING * config.steps if exact else (2.0 if gaussian else 0.5) * below,
            source=law.source,
            note="mean over networks" + (", up to √n steps: later the eigenvalues rule" if law.first else ""),
        )
    ]


def gates(config: TimeConfig, measured: Measured, law: Law) -> Check:
    """The row of the mean log10 of the retained share of a unit's carry, computed from |∂L/∂carry_1|."""
    kept = np.abs(measured.gradients[0] / measured.gradients[-1])
    with np.errstate(divide="ignore"):
        return Check(
            f"log₁₀ of what {counted(config.steps - 1, 'step')} keep, mean over units",
            float(np.log10(kept).mean()),
            float(law.profile[0]),
            uncertainty=float(law.spread[0]) / sqrt(config.networks),
            floor=10 * ROUNDING * config.steps,
            source=law.source,
        )


def product(config: TimeConfig, cell: str, measured: Measured) -> Check:
    """The row of the largest relative difference, over all units, between ∂s_T/∂s₁ and the product of the gates."""
    kept = measured.gradients[0] / measured.gradients[-1]
    exact = measured.gates[1:].prod(0)
    name = "f" if cell == "lstm" else "z"
    return Check(
        f"∂s_T/∂s₁ against {PRODUCT} {name}, largest relative difference",
        float(np.abs(kept / exact - 1).max()),
        0.0,
        floor=2 * ROUNDING * config.steps,
        source=f"Π {name}_t: without recurrent weights nothing else leads back",
    )
