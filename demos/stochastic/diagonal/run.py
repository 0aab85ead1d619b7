"""One run: gradient flow, gradient descent, SGD, and SGD with label noise on one diagonal linear network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.progress import Progress, part
from demos.contract import OnPicture, Result
from demos.contract.running import demo_run
from demos.gradient_flow import GradientFlow, solve
from demos.stochastic.bench.batches import Draws
from demos.stochastic.bench.descent import Descent, descend
from demos.stochastic.diagonal.checks import checks
from demos.stochastic.diagonal.config import EXAMPLES, WEIGHTS, DiagonalConfig
from demos.stochastic.diagonal.error_map import shipped
from demos.stochastic.diagonal.headline import headline, notes_of, warnings_of
from demos.stochastic.diagonal.ledger import Ledger, Noise
from demos.stochastic.diagonal.picture import picture
from demos.stochastic.diagonal.problem import Data, batches, data_of, log_alpha
from demos.stochastic.diagonal.recording import Run, recorded

EVERY = 20  # steps between two pairs of steps whose noise is recorded
TOLERANCE = 1e-9  # relative and absolute tolerance of the gradient flow
FLOW_SHARE = 0.25  # share of the progress bar for the gradient flow


def follow(config: DiagonalConfig, data: Data, progress: Progress | None = None) -> np.ndarray:
    """(F, 2d) gradient flow in w and v at the recorded times."""

    def gradient(x: Tensor, t: float) -> Tensor:
        both = x.numpy()  # two thousand small products: NumPy's cost a third of torch's
        w, v = both[:, :WEIGHTS], both[:, WEIGHTS:]
        g = ((w * w - v * v) @ data.x.T - data.y) @ data.x
        g *= 2 / EXAMPLES
        out = np.empty_like(both)
        np.multiply(w, g, out=out[:, :WEIGHTS])
        np.multiply(v, -g, out=out[:, WEIGHTS:])
        return torch.from_numpy(out)

    start = torch.full((1, 2 * WEIGHTS), config.alpha, dtype=torch.float64)
    times = torch.from_numpy(config.lr * recorded(config).astype(float))
    path = solve(
        GradientFlow(gradient=gradient),
        start,
        times,
        "dopri5",
        record=times.tolist(),
        rtol=TOLERANCE,
        atol=TOLERANCE * config.alpha,
        progress=progress,
    )
    return path.states[:, 0].numpy()


def simulate(config: DiagonalConfig, data: Data, progress: Progress | None = None) -> tuple[Descent, Ledger, Noise]:
    """Gradient descent, and `chains` of SGD without and with label noise, on the same batches, as one state."""
    chains, steps, frames = config.chains, config.steps, recorded(config)
    draws = Draws(config.seed, "batches", batches(config), numbers=2 * chains * EXAMPLES)
    ledger = Ledger(WEIGHTS, 1 + 2 * chains, frames.tolist(), quiet=1 + chains)
    followed = [int(np.flatnonzero(data.truth)[0]), 0]  # coefficients whose noise is checked: a non-zero one and a zero
    noise = Noise(data.x[:, followed], config.batch, config.label_noise)
    x, xt, y = data.x, np.ascontiguousarray(data.x.T), data.y[:, None]
    # the solver's steps are differences of times, whose rounding, 1e-13 of lr, matters near |q| = 1
    lengths = np.diff(np.cumsum(np.full(steps, config.lr)), prepend=0.0)
    share = np.full((EXAMPLES, 1 + 2 * chains), 1 / EXAMPLES)

    def gradient(states: Tensor, step: int) -> Tensor:
        both = states.numpy().T  # (2d, chains): the solver's memory layout
        w, v = both[:WEIGHTS], both[WEIGHTS:]
        errors = x @ (w * w - v * v) - y
        drawn = draws[step].numpy()
        share[:, 1 : 1 + chains] = share[:, 1 + chains :] = drawn[0]
        weighted = share * errors
        weighted[:, 1 + chains :] -= drawn[1]
        g = xt @ weighted
        g *= 2
        if step < steps and ledger.is_new(step):
            ledger.add(lengths[step] * g)
            if step % EVERY < 2:
                noise.add(errors[:, 1 + chains :], g[followed, 1 + chains :] / 2, second=step % EVERY == 1)
        out = np.empty_like(both)
        np.multiply(w, g, out=out[:WEIGHTS])
        np.multiply(v, -g, out=out[WEIGHTS:])
        return torch.from_numpy(out).T

    start = torch.full((1 + 2 * chains, 2 * WEIGHTS), config.alpha, dtype=torch.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # numbers of a diverged chain overflow
        run = descend(gradient, start, np.full(steps, config.lr), record=frames, progress=progress)
    return run, ledger, noise


@demo_run
def run(config: DiagonalConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Run all four methods; compare their ends with the exact ones, and w·v with the identity of every step."""
    data = data_of(config.spikes)
    flow = follow(config, data, part(progress, 0.0, 1.0, FLOW_SHARE))
    path, ledger, noise = simulate(config, data, part(progress, FLOW_SHARE, 1.0, 1 - FLOW_SHARE))
    reached = np.isin(recorded(config), path.steps)  # where every chain diverges, the run ends before the flow
    made = Run(path.steps, flow[reached], path.states, ledger, noise)
    table = shipped()
    drawn = picture(config, data, made, table)
    if on_picture is not None:
        on_picture(drawn)
    rows = checks(config, data, made)
    if progress is not None:
        progress(1.0)
    return Result(
        drawn,
        tuple(rows),
        {"errors": error_table(config, data, made), "map": table, "alpha": alpha_table(config, made)},
        notes_of(config, data, made, rows),
        warnings_of(config, data, made),
        headline(config, data, made, rows),
    )


def error_table(config: DiagonalConfig, data: Data, run: Run) -> pd.DataFrame:
    """Columns series, step, error: the mean test error of each method."""
    rows = []
    for name, states in run.methods.items():
        errors = data.test_error(states).mean(1)
        rows += [
            {"series": name, "step": int(step), "error": float(error)}
            for step, error in zip(run.steps[1:], errors[1:], strict=True)
            if 0 < error < 1e6
        ]
    return pd.DataFrame(rows, columns=["series", "step", "error"])


def alpha_table(config: DiagonalConfig, run: Run) -> pd.DataFrame:
    """Columns series, step, alpha: the geometric mean of the effective α over coefficients and chains."""
    rows = []
    for name, states in run.methods.items():
        logs = log_alpha(states, config.alpha).mean((1, 2))
        rows += [
            {"series": name, "step": int(step), "alpha": float(config.alpha * np.exp(value / 2))}
            for step, value in zip(run.steps[1:], logs[1:], strict=True)
            if np.isfinite(value) and value > -200
        ]
    return pd.DataFrame(rows, columns=["series", "step", "alpha"])
