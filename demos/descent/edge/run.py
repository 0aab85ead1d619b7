"""One run: a network descends; its sharpness is followed, and everything is computed again by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.numbers import number
from demos.common.progress import Progress, part
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.descent.edge.checks import Seen, checks, look
from demos.descent.edge.config import EdgeConfig
from demos.descent.edge.network import EVERY, Trained, train
from demos.descent.edge.picture import picture


@demo_run
def run(config: EdgeConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """Train the network by full-batch gradient descent, and follow the largest eigenvalue of its Hessian."""
    trained = train(config, part(progress, 0, 1, 0.85))
    seen = look(config, trained)
    drawn = picture(config, trained, seen)
    if on_picture is not None:
        on_picture(drawn)
    rows = checks(config, trained, seen)
    if progress is not None:
        progress(1.0)
    return Result(drawn, tuple(rows), {"edge": table(config, trained, seen)}, headline=headline(config, seen, rows))


def headline(config: EdgeConfig, seen: Seen, rows: list[Check]) -> str:
    """The headline: whether the edge was reached, when, and what the loss does there."""
    wrong = next((row for row in rows if row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"Not as it must be: {wrong.name}, {number(wrong.measured)}."
    if seen.diverged:
        return f"The descent diverged before step {seen.finite * EVERY:,}: this rate is beyond what the network bears."
    if not seen.reached:
        return (
            f"Below the edge: sharpness × lr/2 is at most {number(float(seen.level.max()))}, and "
            f"{int(seen.up.sum()) or 'none'} of {EVERY * len(seen.up):,} steps raised the loss."
        )
    at = f"Sharpness × lr/2 reached 1 at step {seen.crossing * EVERY:,}"
    if not seen.settled:
        return f"{at}; there are too few steps to see it stay."
    fall = rows[1]
    return (
        f"{at} and swings about it, {number(seen.median)} in the median; the loss fell all the same, "
        f"{number((fall.truth or 0.0) / fall.measured, digits=2)}-fold."
    )


def table(config: EdgeConfig, trained: Trained, seen: Seen) -> pd.DataFrame:
    """Columns step, level, loss, rises, series. rises: how many of the next EVERY steps raise the loss."""
    rises = np.append(seen.up.astype(float), np.nan)
    columns = {"step": trained.steps, "level": seen.level, "loss": trained.losses, "rises": rises}
    return pd.DataFrame(columns | {"series": f"lr = {number(config.lr)}"})
