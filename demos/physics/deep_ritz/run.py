"""One run of a network that is trained on Poisson's equation: picture, checks, tables and notes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.numbers import number
from demos.common.progress import Progress, checkpoint
from demos.contract import Result
from demos.contract.running import demo_run
from demos.gradient_flow import METHODS
from demos.physics.bench.config import method_label
from demos.physics.bench.trace import trace_table
from demos.physics.deep_ritz.checks import checks, headline, outcome
from demos.physics.deep_ritz.config import DeepRitzConfig
from demos.physics.deep_ritz.learning import DIVERGED, Learning, learn, stability
from demos.physics.deep_ritz.picture import picture
from demos.physics.deep_ritz.reference import exact_energy


@demo_run
def run(config: DeepRitzConfig, progress: Progress | None = None) -> Result:
    """Train, and compare with the exact solution. Raises ValueError where the config cannot be run."""
    learning = learn(config, progress)
    checkpoint()
    panels = picture(learning)
    checkpoint()
    end = outcome(config, learning)
    rows = checks(config, learning, end)
    checkpoint()
    warned = warnings(config, learning)
    words = headline(config, rows, end, bool(warned))
    result = Result(panels, tuple(rows), tables(config, learning), notes(learning), warned, words)
    if progress is not None:
        progress(1.0)
    return result


def tables(config: DeepRitzConfig, run: Learning) -> dict[str, pd.DataFrame]:
    """trace: see `demos.physics.bench.trace`; centre: series, x (iterations), error."""
    series = method_label(config.method)
    moved = run.weights.diff(dim=0).abs().amax(1).numpy() / np.maximum(np.diff(run.iterations), 1)
    trace = trace_table(
        series,
        run.iterations,
        run.energies,
        gap=np.maximum(run.gaps, 1e-14),
        force=run.gradient_norms,
        steps=np.r_[np.nan, moved],
        evaluations=run.iterations * METHODS[config.method].cost(),
    )
    errors = np.maximum(run.centre_errors, 1e-12)
    return {"trace": trace, "centre": pd.DataFrame({"series": series, "x": run.iterations, "error": errors})}


def notes(run: Learning) -> tuple[str, ...]:
    share = run.gaps[run.best] / abs(exact_energy())
    return (
        f"{run.weights.shape[1]:,} weights; the lowest energy, at iteration {run.iterations[run.best]:,}, is "
        f"{number(100 * share, digits=2)} % above the exact one.",
    )


def warnings(config: DeepRitzConfig, run: Learning) -> tuple[str, ...]:
    """Warnings that the network diverged, or that the steps are longer than the stability limit."""
    if run.status.kind == "diverged":
        return (f"{run.status.message[:1].upper()}{run.status.message[1:]}.",)
    if run.diverged_at is not None:
        return (
            f"By iteration {run.diverged_at:,} the energy is past {DIVERGED:,.0f}: steps of {config.step:g} are too "
            "long.",
        )
    limit, formula = stability(config, run)
    if limit is None or config.step <= limit:
        return ()
    return (
        f"The learning rate {config.step:g} is {config.step / limit:.2g} × the stability limit {formula} = "
        f"{limit:.3g} where the path ended.",
    )
