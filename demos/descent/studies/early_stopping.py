"""Early stopping: gradient flow on noisy least squares, where the lowest training loss is not the lowest risk.

Training loss and true risk are compared with their exact curves, and the best stopping time with the best ridge
penalty. Ali, Kolter & Tibshirani, AISTATS 2019: at time t, the flow from 0 multiplies the least-squares solution in the
direction with eigenvalue s by 1 − e^{−ts}; ridge regression multiplies it by s/(s + λ), with λ = 1/t.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from scipy.optimize import minimize_scalar

from demos.common.progress import Progress
from demos.contract import Chart, Study
from demos.descent.config import DescentConfig
from demos.gradient_flow import GradientFlow, solve

COUNT, SIZE, NOISE, DECAY = (
    60,
    40,
    0.5,
    1.0,
)  # examples, features, noise, power of the features' scales
TIMES = np.geomspace(1e-2, 1e4, 121)


def problem(seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (n, d), whose scales fall as 1/i, the true coefficients (d,), and noisy targets (n,)."""
    random = np.random.default_rng(seed)
    features = random.standard_normal((COUNT, SIZE)) * np.arange(1, SIZE + 1) ** -DECAY
    truth = random.standard_normal(SIZE)
    return features, truth, features @ truth + NOISE * random.standard_normal(COUNT)


class Spectrum:
    """The problem in the singular basis of the features: exact training loss and risk of a shrunk solution."""

    def __init__(self, features: np.ndarray, truth: np.ndarray, targets: np.ndarray):
        u, s, vt = np.linalg.svd(features / np.sqrt(COUNT), full_matrices=False)
        self.values = s**2
        self.solution = (u.T @ targets) / np.sqrt(COUNT) / s  # the least-squares solution in the singular basis
        self.truth, self.basis = vt @ truth, vt
        self.rest = float(targets @ targets) / COUNT - float(np.sum(self.values * self.solution**2))
        scales = np.arange(1, SIZE + 1) ** -(2 * DECAY)  # the true covariance of the features
        self.metric = vt @ np.diag(scales) @ vt.T

    def training(self, kept: np.ndarray) -> float:
        """Half the mean square of the training errors if the solution is multiplied by `kept` in the singular basis."""
        return 0.5 * (float(np.sum(self.values * ((1 - kept) * self.solution) ** 2)) + self.rest)

    def risk(self, kept: np.ndarray) -> float:
        """Half the mean square error on new examples without noise, for the same solution."""
        off = kept * self.solution - self.truth
        return 0.5 * float(off @ self.metric @ off)


def flow_share(values: np.ndarray, t: float) -> np.ndarray:
    return -np.expm1(-t * values)


def ridge_share(values: np.ndarray, penalty: float) -> np.ndarray:
    return values / (values + penalty)


def best(function, low: float, high: float) -> float:
    """The minimizer of a function between 10^low and 10^high: the best of a grid, refined."""
    grid = np.linspace(low, high, 241)
    at = int(np.argmin([function(g) for g in grid]))
    edges = grid[max(at - 1, 0)], grid[min(at + 1, len(grid) - 1)]
    return float(minimize_scalar(function, bounds=edges, method="bounded", options={"xatol": 1e-8}).x)


def early_stopping(config: DescentConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns t, loss, series, stop, ridge: training loss and risk of the computed flow and their exact values; the
    best time (stop) and 1/λ of the best penalty (ridge)."""
    features, truth, targets = problem()
    spectrum = Spectrum(features, truth, targets)
    A, b = torch.from_numpy(features), torch.from_numpy(targets)
    curvature = (A.T @ A / COUNT)[None]
    flow = GradientFlow(
        lambda w: 0.5 * (w @ A.T - b).square().mean(1),
        lambda w: (w @ A.T - b) @ A / COUNT,
        hessian=lambda w: curvature,
    )
    path = solve(
        flow, torch.zeros(1, SIZE, dtype=torch.float64), [0.0, TIMES[-1]], "lsoda", record=TIMES.tolist(),
        rtol=1e-9, atol=1e-11, progress=progress,
    )  # fmt: skip
    weights = path.states[:, 0].numpy()
    scales = np.arange(1, SIZE + 1) ** -DECAY
    measured = {
        "training loss": 0.5 * np.square(weights @ features.T - targets).mean(1),
        "risk on new examples": 0.5 * np.square((weights - truth) * scales).sum(1),
    }
    shares = [flow_share(spectrum.values, t) for t in TIMES]
    exact = {
        "exact training loss": np.array([spectrum.training(share) for share in shares]),
        "exact risk": np.array([spectrum.risk(share) for share in shares]),
    }
    stop = 10 ** best(lambda u: spectrum.risk(flow_share(spectrum.values, 10**u)), -2, 4)
    penalty = 10 ** best(lambda u: spectrum.risk(ridge_share(spectrum.values, 10**u)), -4, 2)
    parts = [pd.DataFrame({"t": TIMES, "loss": values, "series": name}) for name, values in (measured | exact).items()]
    least, most = min(map(np.min, measured.values())), max(map(np.max, measured.values()))
    for name, at in ((f"stop at t = {stop:.3g}", stop), (f"1/λ of the best ridge = {1 / penalty:.3g}", 1 / penalty)):
        parts.append(pd.DataFrame({"t": [at, at], "loss": [least, most], "series": name}))
    return pd.concat(parts, ignore_index=True)


EARLY_STOPPING = Study(
    "early_stopping",
    "Lower loss, worse model",
    f"Gradient flow from 0 on least squares, {COUNT} noisy examples, {SIZE} features: the training loss falls "
    f"for ever, the risk on "
    "new examples turns. Stopping at the best time does what a ridge penalty of about its inverse does.",
    early_stopping,
    (Chart("early", "Training loss and risk", "t", "loss", "t", "half the mean square error",
           "Measured on the solved flow, over the exact curves (dashed); upright: the best stopping time, and "
           "1/λ of the best "
           "ridge penalty.", log_x=True, log_y=True),),
    on=(),
)  # fmt: skip
