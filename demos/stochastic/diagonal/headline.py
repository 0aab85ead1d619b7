"""Headline, notes and warnings of a run of the diagonal linear network."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import number
from demos.contract import Check, State
from demos.stochastic.diagonal.config import DiagonalConfig
from demos.stochastic.diagonal.error_map import best_sizes, replicas, shipped
from demos.stochastic.diagonal.law import stable_rate
from demos.stochastic.diagonal.problem import Data, log_alpha
from demos.stochastic.diagonal.recording import Run

KEPT = 0.99  # of α, from which on nothing is said to have shrunk


def effective_alpha(config: DiagonalConfig, states: np.ndarray) -> float:
    """The geometric mean of √|w v| over chains and coefficients of states (n, 2d)."""
    return config.alpha * float(np.exp(log_alpha(states, config.alpha).mean() / 2))


def noisy(config: DiagonalConfig) -> str:
    """The method that is the subject: SGD with label noise, or SGD where there is none."""
    return "label noise" if config.label_noise else "SGD"


def headline(config: DiagonalConfig, data: Data, run: Run, rows: list[Check]) -> str:
    """The headline: the reduction of the effective α by noise, and its effect on the test error."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        due = wrong.predicted if wrong.predicted is not None else wrong.truth or 0.0
        return f"Not the distribution of SGD: {wrong.name} is {number(wrong.measured)}, exactly {number(due)}."
    states = {name: part[-1] for name, part in run.methods.items()}
    name = noisy(config)
    if not np.isfinite(states[name]).all():
        return f"With {name} a chain has diverged: lr = {config.lr:g} is too large for batches of {config.batch}."
    noise, plain = (float(data.test_error(states[key]).mean()) for key in (name, "gradient descent"))
    kept = effective_alpha(config, states[name]) / config.alpha
    if kept > KEPT:
        flow, before = (float(data.test_error(one).mean()) for one in (states["gradient flow"], run.states[0]))
        return (
            f"The effective α stays at {number(config.alpha)}: gradient flow ends with a test error of {number(flow)}, "
            f"of {number(before)} before training; {name} with {number(noise)}."
        )
    which = "Label noise" if config.label_noise else "SGD"
    shrunk = f"shrank the effective α from {config.alpha:g} to {number(effective_alpha(config, states[name]))}"
    best = best_sizes(shipped()).get(config.lr) if replicas(config) else None
    sizes = f" At this rate B = {best} is best." if best else ""
    return f"{which} {shrunk}: test error {number(noise)}, gradient descent {number(plain)}.{sizes}"


def notes_of(config: DiagonalConfig, data: Data, run: Run, rows: list[Check]) -> tuple[str, ...]:
    alphas = {name: effective_alpha(config, states[-1]) for name, states in run.methods.items()}
    listed = ", ".join(f"{name} {number(value)}" for name, value in alphas.items() if np.isfinite(value))
    limit = stable_rate(data.x, data.truth)
    return (
        f"Effective α at the end: {listed}.",
        f"At the sparse solution gradient descent is stable below lr = 2/λ = {number(limit)}.",
    )


def warnings_of(config: DiagonalConfig, data: Data, run: Run) -> tuple[str, ...]:
    lost = int((~np.isfinite(run.states[-1]).all(1)).sum())
    if not lost:
        return ()
    return (f"{lost} of {run.states.shape[1]} chains diverged: lr = {config.lr:g} is too large for their batches.",)
