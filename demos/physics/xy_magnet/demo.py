"""The XY model on the energy page: vortices that find each other, exact twists, and a temperature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract import charts as charting
from demos.contract.charts import Chart, Study
from demos.gradient_flow import METHODS
from demos.physics.config import METHOD_LABELS, EnergyConfig
from demos.physics.xy_magnet.checks import checks
from demos.physics.xy_magnet.field_run import rugh_temperature
from demos.physics.xy_magnet.model import T_BKT, XYModel
from demos.physics.xy_magnet.picture import picture
from demos.physics.xy_magnet.run import SpinPath, simulate, stability_limit
from demos.physics.xy_magnet.studies import SWEEP

MOST_ROWS = 1_000
WARM = "leimkuhler_matthews"

VORTICES = Chart(
    "vortices",
    "Pairs of vortices",
    "t",
    "pairs",
    "time",
    "pairs",
    "How many vortices turn to the left; as many turn to the right, always.",
)
TEMPERATURE = Chart(
    "temperature",
    "Temperature of the states",
    "t",
    "T",
    "time",
    "T (J)",
    "|∇E|²/∇²E of the states alone, averaged over a fiftieth of the run: in equilibrium it is kT.",
)


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    run = simulate(config, progress)
    notes, warnings = words(config, run)
    return Result(picture(config, run), tuple(checks(config, run)), tables(config, run), tuple(notes), tuple(warnings))


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    energy = replace(charting.ENERGY, y_title="E + 2JL² (J)", sentence="Energy above all spins parallel.")
    if config.kT > 0:
        return energy, VORTICES, TEMPERATURE
    force = replace(
        charting.FORCE,
        y_title="‖∇E‖ (J)",
        sentence="The length of the gradient over all spins: 0 at rest, and a peak where a pair vanishes.",
    )
    work = replace(charting.WORK, x_title="gradients", y_title=energy.y_title)
    return energy, VORTICES, force, charting.IDENTITY, charting.STEPS, work


def studies(config: EnergyConfig) -> tuple[Study, ...]:
    return (SWEEP,)


def check(config: EnergyConfig) -> None:
    model = XYModel(config.side)
    label = METHOD_LABELS[config.method]
    if config.kT > 0 and config.method != WARM:
        raise ValueError(
            f"kT = {config.kT:g} needs noise, and {label} has none here: take {METHOD_LABELS[WARM]}, or kT = 0."
        )
    if config.kT == 0 and config.method == WARM:
        raise ValueError(f"kT = 0 has no noise for {label}: take {METHOD_LABELS['dopri5']}, or a kT above 0.")
    if config.start == "twisted" and model.size <= 8:
        raise ValueError(f"start = twisted: two turns over {model.size} spins are no minimum; take more than 8 a side.")


def seconds(config: EnergyConfig) -> float:
    evaluation = 3e-5 + 1.1e-8 * config.side**2
    frames = 0.03 + 1.1e-5 * config.side**2
    if METHODS[config.method].adaptive is not None:
        steps = 40 + 2.5 * config.duration + (3 * config.duration if config.start == "random" else 0)
        return frames + steps * (8 * evaluation + 1e-4)
    return frames + config.duration / config.step * ((3 if config.kT > 0 else 2) * evaluation + 1e-4)


def tables(config: EnergyConfig, run: SpinPath) -> dict[str, pd.DataFrame]:
    ledger, model = run.ledger, run.model
    rows = np.unique(np.rint(np.linspace(0, len(ledger.times) - 1, MOST_ROWS)).astype(int))
    times, energies = ledger.times, ledger.energies[:, 0]
    gap = np.maximum(energies - model.ground_state, 1e-14 * abs(model.ground_state))
    series = METHOD_LABELS[config.method]
    trace = pd.DataFrame(
        {
            "series": series,
            "x": times,
            "energy": energies,
            "gap": gap,
            "force": np.sqrt(ledger.rates[:, 0]),
            "step": np.r_[np.nan, np.diff(times)],
            "evaluations": np.linspace(0, run.work, len(times)),
            "residual": ledger.residual[:, 0] if config.kT == 0 else np.nan,
        }
    ).iloc[rows]
    found = {
        "trace": trace.reset_index(drop=True),
        "vortices": pd.DataFrame({"series": series, "t": run.times, "pairs": run.pairs}),
    }
    if config.kT > 0:
        found["temperature"] = temperatures(config, run, series)
    return found


def temperatures(config: EnergyConfig, run: SpinPath, series: str) -> pd.DataFrame:
    parts = [part for part in np.array_split(np.arange(len(run.ledger.times)), 50) if len(part)]
    times = np.array([run.ledger.times[part].mean() for part in parts])
    values = [rugh_temperature(run.ledger.rates[part, 0], run.ledger.energies[part, 0]) for part in parts]
    exact = pd.DataFrame({"series": "exact: kT", "t": times, "T": config.kT})
    return pd.concat([pd.DataFrame({"series": series, "t": times, "T": values}), exact], ignore_index=True)


def words(config: EnergyConfig, run: SpinPath) -> tuple[list[str], list[str]]:
    notes, warnings, pairs, model = [], [], run.pairs, run.model
    limit = stability_limit()
    if run.step > limit:
        warnings.append(
            f"The step {run.step:g} is {run.step / limit:.2g} × the stability limit 2/L = {limit:g}: "
            "neighbours overshoot each other, and a checkerboard grows."
        )
    if config.kT > 0:
        side = "below" if config.kT < T_BKT else "above"
        notes.append(
            f"kT = {config.kT:g} is {side} T = {T_BKT}, at which pairs of vortices come apart. With noise the "
            "gradient flow is overdamped Langevin dynamics: the same equation as on the Langevin page."
        )
    elif pairs[0] and pairs[-1] == pairs[0]:
        notes.append(
            f"None of the {pairs[0]} pairs has met by t = {run.times[-1]:g}: where they are far apart the "
            "lattice pins them."
        )
    else:
        slow = (model.size / (2 * np.pi)) ** 2 / model.coupling
        force = float(run.system.force(run.end)[0])
        notes.append(
            f"Followed to t = {run.times[-1]:g}, where the largest force is {force:.1e} J. The longest wave "
            f"needs (L/2π)²/J = {slow:.3g} to fall by a factor of e."
        )
    return notes, warnings
