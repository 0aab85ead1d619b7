"""Rows of the verdict: the drawn losses, the best time to stop and the best ridge penalty, against exact values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.common.numbers import number
from demos.common.progress import checkpoint
from demos.contract import Check
from demos.descent.early_stopping.config import EarlyStoppingConfig
from demos.descent.early_stopping.law import Law, Optimum, descent_share, flow_share, ridge_share
from demos.descent.early_stopping.problem import Problem

STOPPED, TIME, PENALTY = "risk when stopped in time", "best time to stop", "best ridge penalty λ"
RISK_END, TRAINING_END = "risk at the end", "training loss at the end"
RIDGE, LOSSES, WEIGHTS = "risk of the best ridge penalty", "both curves, for these very draws", "weights of every draw"
PENALTIES = np.geomspace(1e-6, 1e2, 101)
ROUNDING = 1e-8  # relative; thousands of steps in double precision
NOISE = "over the noise"


@dataclass(frozen=True)
class Measured:
    """What the picture shows of all draws, over F steps of the descent.

    steps (F,), their times (F,); weights (F, R, d), one for each draw of the noise; training, risk (F,): means over
    the draws; exact_training, exact_risk (F,): the expected ones; ridge (K,): mean risk at PENALTIES, and the expected
    one.
    """

    steps: np.ndarray
    times: np.ndarray
    weights: np.ndarray
    training: np.ndarray
    risk: np.ndarray
    exact_training: np.ndarray
    exact_risk: np.ndarray
    ridge: np.ndarray
    exact_ridge: np.ndarray
    best_time: Optimum  # of the flow
    best_penalty: Optimum

    @property
    def stop(self) -> int:
        """The frame in which the expected risk is lowest."""
        return int(np.argmin(self.exact_risk))

    @property
    def turns(self) -> bool:
        """Whether the expected risk has its minimum inside the run."""
        return 1 < self.stop < len(self.times) - 2 and bool(np.isfinite(self.best_time.spread))


def measure(problem: Problem, law: Law, lr: float, steps: np.ndarray, weights: np.ndarray) -> Measured:
    shares = [descent_share(law.curvatures, lr, int(k)) for k in steps]
    logs = np.log(PENALTIES)
    return Measured(
        steps,
        lr * steps,
        weights,
        problem.training_losses(weights).mean(1),
        problem.risks(weights).mean(1),
        np.array([law.training(share)[0] for share in shares]),
        np.array([law.risk(share) for share in shares]),
        problem.risks(problem.ridge(PENALTIES)).mean(1),
        np.array([law.risk(ridge_share(law.curvatures, log)) for log in logs]),
        law.optimum(flow_share, float(np.log(lr)), float(np.log(lr * steps[-1]))),
        law.optimum(ridge_share, float(logs[0]), float(logs[-1])),
    )


def lowest(log_x: np.ndarray, values: np.ndarray) -> float:
    """Where a curve is lowest: the vertex of the parabola through the lowest of its points and its two neighbours."""
    at = int(np.clip(np.argmin(values), 1, len(values) - 2))
    if not np.isfinite(values[at - 1 : at + 2]).all():
        return float("nan")
    x = log_x[at - 1 : at + 2] - log_x[at]
    a, b, _ = np.polyfit(x, values[at - 1 : at + 2], 2)
    vertex = -b / (2 * a) if a > 0 else 0.0
    return float(log_x[at] + np.clip(vertex, x[0], x[-1]))


def checks(config: EarlyStoppingConfig, problem: Problem, law: Law, seen: Measured) -> list[Check]:
    """All rows, the most informative first."""
    draws = np.sqrt(config.draws)
    rows = []
    if seen.turns:
        risks = (seen.risk, seen.exact_risk)
        rows.append(risk_row(STOPPED, law, seen, seen.stop, draws))
        rows.append(place_row(TIME, seen.times, risks, seen.best_time, config.draws, "this step", "gradient flow"))
    if np.isfinite(seen.best_penalty.spread):
        risks = (seen.ridge, seen.exact_ridge)
        rows.append(place_row(PENALTY, PENALTIES, risks, seen.best_penalty, config.draws, "these penalties", "ridge"))
    rows.append(risk_row(RISK_END, law, seen, len(seen.times) - 1, draws))
    rows.append(training_row(law, seen, draws))
    at = int(np.argmin(seen.exact_ridge))
    share = ridge_share(law.curvatures, float(np.log(PENALTIES[at])))
    rows.append(
        Check(
            RIDGE,
            float(seen.ridge[at]),
            float(seen.exact_ridge[at]),
            uncertainty=law.risk_spread(share) / draws,
            floor=ROUNDING * float(seen.exact_ridge[at]),
            source=f"expected {NOISE}",
            note=f"λ = {number(float(PENALTIES[at]))}, solved by elimination",
        )
    )
    return [*rows, *same_draws(law, seen)]


def risk_row(name: str, law: Law, seen: Measured, frame: int, draws: float) -> Check:
    share = flow_share(law.curvatures, float(np.log(seen.times[frame])))
    due = float(seen.exact_risk[frame])
    lr = float(seen.times[0] / seen.steps[0])
    return Check(
        name,
        float(seen.risk[frame]),
        law.risk(share),
        uncertainty=law.risk_spread(descent_share(law.curvatures, lr, int(seen.steps[frame]))) / draws,
        floor=ROUNDING * due,
        predicted=due,
        predicted_by="this step",
        source=f"gradient flow, expected {NOISE}",
        note=f"t = {number(float(seen.times[frame]))}, step {int(seen.steps[frame]):,}; half the mean square error",
    )


def training_row(law: Law, seen: Measured, draws: float) -> Check:
    lr, due = float(seen.times[0] / seen.steps[0]), float(seen.exact_training[-1])
    return Check(
        TRAINING_END,
        float(seen.training[-1]),
        law.training(flow_share(law.curvatures, float(np.log(seen.times[-1]))))[0],
        uncertainty=law.training(descent_share(law.curvatures, lr, int(seen.steps[-1])))[1] / draws,
        floor=ROUNDING * float(seen.training[0]),
        predicted=due,
        predicted_by="this step",
        source=f"gradient flow, expected {NOISE}",
        note="half the mean square error on the examples",
    )


def place_row(
    name: str,
    places: np.ndarray,
    risks: tuple[np.ndarray, np.ndarray],
    optimum: Optimum,
    draws: int,
    by: str,
    theory: str,
) -> Check:
    """Where the mean risk of the draws is lowest. risks: measured and exact, at the places (K,).

    Its error is that of one draw, to first order, over the root of their number.
    """
    (measured, exact), logs = risks, np.log(places)
    truth, error = float(np.exp(optimum.place)), optimum.error(draws)
    at = int(np.argmin(exact))
    return Check(
        name,
        float(np.exp(lowest(logs, measured))),
        truth,
        uncertainty=truth * error,
        floor=truth * float(logs[at + 1] - logs[at]) / 2,  # half of the distance of two points of the curve
        predicted=float(np.exp(lowest(logs, exact))),
        predicted_by=by,
        source=f"{theory}, least risk expected {NOISE}",
        incomparable="" if optimum.clear(draws) else "the risk is too flat at its lowest for so few draws",
    )


def same_draws(law: Law, seen: Measured) -> list[Check]:
    """Rows without an error bar: what the descent gives for the very noise that was drawn, by singular values."""
    lr = float(seen.times[0] / seen.steps[0])
    losses, weights = [], []
    for frame, k in enumerate(seen.steps):
        checkpoint()
        share = descent_share(law.curvatures, lr, int(k))
        due = np.array(law.losses_of_draws(share))
        found = np.array([seen.training[frame], seen.risk[frame]])
        losses.append(np.abs(found - due).max() / np.abs(due).max())
        exact = (share * law.solutions) @ law.basis
        weights.append(np.linalg.norm(seen.weights[frame] - exact) / np.linalg.norm(exact))
    source = "singular values of the features: 1 − (1 − lr s)^k of the least-squares solution"
    note = f"relative, the worst of {len(seen.steps)} moments"
    return [
        Check(name, float(np.nan_to_num(values, nan=np.inf).max()), 0.0, floor=ROUNDING, source=source, note=note)
        for name, values in ((LOSSES, losses), (WEIGHTS, weights))
    ]
