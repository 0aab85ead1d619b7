"""Checks of the diagonal linear network: identities of its steps, end points, batch noise, conserved quantities."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import number
from demos.common.progress import checkpoint
from demos.contract import Check
from demos.stochastic.diagonal.config import EXAMPLES, DiagonalConfig
from demos.stochastic.diagonal.error_map import replicas
from demos.stochastic.diagonal.law import flow_at, interpolating
from demos.stochastic.diagonal.problem import Data, coefficients, log_alpha, log_ratio
from demos.stochastic.diagonal.recording import Run

IDENTITY = 1e-10  # error of a sum of logarithms by the rounding of 20,000 factors
ROUNDING = 1e-14  # rounding of a factor 1 ± q, relative to 1 + |q|
CONSERVED = 1e-6  # error of a logarithm by the flow's tolerance of 1e-9 in each of its thousand steps
NEWTON = 1e-7  # error of a test error by the tolerances of the flow and of Newton's method
ENTROPY = "least hyperbolic entropy with its effective α and its fit: Woodworth et al. 2020, Even et al. 2023"
MOVING = 0.4  # fraction of the frames at which the flow is compared while it still moves
KINDS = (
    ("square of a batch gradient less its mean, in standard deviations", "exact moments of a batch"),
    ("product of two chains' noise", "their batches are independent"),
    ("product of two steps' noise", "their batches are independent"),
)
WHICH = ("a true coefficient", "one that is 0")


def checks(config: DiagonalConfig, data: Data, run: Run) -> list[Check]:
    """Rows of the ends of each method, of the identities of w·v and w/v, of batch noise, and of conservation by the
    flow."""
    rows = ends(config, data, run)
    if config.batch == EXAMPLES and not config.label_noise:
        rows.reverse()  # without noise the flow is the subject
    if row := label_noise(config, data, run):
        rows.insert(0, row)
    rows += identities(config, run)
    rows.append(on_the_way(config, data, run))
    kept = np.abs(log_alpha(run.flow, config.alpha)).max()
    rows.append(
        Check(
            "gradient flow: largest |log(w v/α²)|", kept, 0.0, floor=CONSERVED, source="conserved: (w v)' = 0 exactly"
        )
    )
    return [*rows, *batch_rows(run)]


def identities(config: DiagonalConfig, run: Run) -> list[Check]:
    """Rows that compare w·v and w/v of the recorded states with the products of the recorded factors, for every frame
    and chain. Both are needed to determine β."""
    kinds = (
        ("log|w v/α²| from Σ log|1 − (2 lr g)²|", log_alpha(run.states, config.alpha), run.ledger.shrunk),
        ("log|w/v| from Σ log|(1 − 2 lr g)/(1 + 2 lr g)|", log_ratio(run.states), run.ledger.parted),
    )
    return [identity(name, run, found, wanted) for name, found, wanted in kinds]


def identity(name: str, run: Run, found: np.ndarray, wanted: dict[int, np.ndarray]) -> Check:
    """The row of the largest difference, relative to its rounding error, between found (F, chains, d) and the sums over
    steps `wanted`."""
    alive = np.isfinite(run.states[-1]).all(-1)
    apart = np.full(found.shape, np.nan)
    if alive.any():  # else the run ended early, and its last frame has no sum
        with np.errstate(invalid="ignore"):
            apart = np.abs(found - np.stack([wanted[step] for step in run.steps.tolist()]))
    apart[~(np.isfinite(apart) & alive[:, None])] = np.nan
    known = bool(np.isfinite(apart).any())
    allowed = np.broadcast_to(IDENTITY + rounding(run.ledger.closest), apart.shape)
    worst = np.unravel_index(np.nanargmax(apart / allowed) if known else 0, apart.shape)
    return Check(
        f"largest gap of {name}",
        float(apart[worst]),
        0.0,
        floor=float(allowed[worst]),
        source="an identity of every step",
        note=f"over {run.states.shape[1]} chains and all coefficients",
        incomparable="" if known else "every chain diverged",
    )


def rounding(closest: np.ndarray) -> np.ndarray:
    """The rounding error of a logarithm, for the least |1 − |q||/(1 + |q|) of its steps."""
    return ROUNDING / np.maximum(closest, np.finfo(float).tiny)


def ends(config: DiagonalConfig, data: Data, run: Run) -> list[Check]:
    """Rows of the test errors of the flow, gradient descent and SGD against those of the ends that theory predicts."""
    rows, closest = [], np.concatenate(([1.0], run.ledger.closest[: 1 + run.chains].min(1)))
    turned = np.concatenate((np.zeros((1, data.x.shape[1])), run.ledger.turned))
    states = np.concatenate((run.flow[-1:], run.states[-1, : 1 + run.chains]))
    errors, wanted = data.test_error(states), np.full(len(states), np.nan)
    for i, state in enumerate(states):
        checkpoint()
        if np.isfinite(state).all():
            effective = config.alpha**2 * np.exp(log_alpha(state, config.alpha))
            try:
                beta = interpolating(data.x, data.x @ coefficients(state), effective, turned[i])
            except (ArithmeticError, np.linalg.LinAlgError):
                continue
            wanted[i] = np.square(beta - data.truth).sum()
    parts = {"SGD": slice(2, None), "gradient descent": slice(1, 2), "gradient flow": slice(0, 1)}
    for name, part in parts.items():
        known = bool(np.isfinite(wanted[part]).all())
        rows.append(
            Check(
                f"test error of {name}",
                float(errors[part].mean()),
                float(wanted[part].mean()) if known else None,
                floor=NEWTON * (1 + float(errors[part].mean())) + float(rounding(closest[part]).max())
                if known
                else 0.0,
                source=ENTROPY,
                why="" if known else "a chain diverged, or has no interpolating coefficients",
            )
        )
    return rows


def on_the_way(config: DiagonalConfig, data: Data, run: Run) -> Check:
    """The row of the flow's test error at a frame in which it still moves, against an independent solution in other
    variables."""
    frame = int(MOVING * (len(run.steps) - 1))
    time = config.lr * float(run.steps[frame])
    wanted = float(np.square(flow_at(data.x, data.y, config.alpha, time) - data.truth).sum())
    return Check(
        f"test error of gradient flow at t = {number(time)}",
        float(data.test_error(run.flow[frame])),
        wanted,
        floor=NEWTON * (1 + wanted),
        source="the flow of the dual variables, another integrator",
    )


def label_noise(config: DiagonalConfig, data: Data, run: Run) -> Check | None:
    """The row of SGD's test error with label noise against the shipped map; None where the map has no such settings."""
    found = replicas(config)
    if found is None or config.label_noise == 0:
        return None
    mean, spread, count = found
    return Check(
        "test error with label noise",
        float(data.test_error(run.states[-1, 1 + run.chains :]).mean()),
        None,
        uncertainty=spread / run.chains**0.5,
        predicted=mean,
        predicted_error=spread / count**0.5,
        predicted_by=f"{count} other chains",
        note="from the shipped map",
    )


def batch_rows(run: Run) -> list[Check]:
    """Rows about the gradients of single coefficients, as they were drawn in the chains with label noise."""
    rows = []
    for kind, (name, source) in enumerate(KINDS):
        for which, (total, count) in enumerate(zip(run.noise.sums[kind], run.noise.counts[kind], strict=True)):
            if count:
                rows.append(
                    Check(
                        f"{name}, {WHICH[which]}",
                        float(total / count),
                        0.0,
                        uncertainty=float(count) ** -0.5,
                        source=source,
                        note=f"mean of {int(count):,}",
                    )
                )
    return rows
