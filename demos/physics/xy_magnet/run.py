"""One run of the XY magnet, at T = 0 or at a temperature."""

from __future__ import annotations

import numpy as np
import pandas as pd

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract.running import demo_run
from demos.physics.bench.config import method_label
from demos.physics.bench.trace import thinned_indices, trace_table
from demos.physics.xy_magnet.checks import checks
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.picture import picture
from demos.physics.xy_magnet.simulate import SpinPath, rugh_temperature, simulate
from demos.physics.xy_magnet.warm_checks import partners
from demos.physics.xy_magnet.words import headline, notes, warnings

MOST_ROWS = 1_000


@demo_run
def run(config: XYMagnetConfig, progress: Progress | None = None) -> Result:
    """Run the spins, and compare them with known results. Raises ValueError where the config cannot be run."""
    path = simulate(config, progress)
    rows = checks(config, path)
    met = partners(path) if config.kT > 0 else None
    result = Result(
        picture(config, path, met),
        rows,
        tables(config, path),
        notes(config, path),
        warnings(path),
        headline(config, path, rows, met),
    )
    if progress is not None:
        progress(1.0)
    return result


def tables(config: XYMagnetConfig, run: SpinPath) -> dict[str, pd.DataFrame]:
    """The tables trace (see `demos.physics.bench.trace`), vortices (series, t, pairs) and, at T > 0, temperature
    (series, t, T)."""
    recorder, model = run.recorder, run.model
    times, energies = recorder.times, recorder.energies[:, 0]
    series = method_label(config.method)
    trace = trace_table(
        series,
        times,
        energies,
        gap=np.maximum(energies - model.ground_state, 1e-14 * abs(model.ground_state)),
        force=np.sqrt(recorder.rates[:, 0]),
        steps=np.r_[np.nan, np.diff(times)],
        evaluations=np.linspace(0, run.work, len(times)),
        residual=recorder.balance.residual[:, 0] if config.kT == 0 else None,
    ).iloc[thinned_indices(len(times), MOST_ROWS)]
    frames = {
        "trace": trace.reset_index(drop=True),
        "vortices": pd.DataFrame({"series": series, "t": run.times, "pairs": run.pairs}),
    }
    if config.kT > 0:
        frames["temperature"] = temperatures(config, run, series)
    return frames


def temperatures(config: XYMagnetConfig, run: SpinPath, series: str) -> pd.DataFrame:
    """A table of series, t, T: the temperature measured from states, averaged over a fiftieth of the run, and kT."""
    pieces = [piece for piece in np.array_split(np.arange(len(run.recorder.times)), 50) if len(piece)]
    times = np.array([run.recorder.times[piece].mean() for piece in pieces])
    values = [rugh_temperature(run.recorder.rates[piece, 0], run.recorder.energies[piece, 0]) for piece in pieces]
    exact = pd.DataFrame({"series": "exact: kT", "t": times, "T": config.kT})
    return pd.concat([pd.DataFrame({"series": series, "t": times, "T": values}), exact], ignore_index=True)
