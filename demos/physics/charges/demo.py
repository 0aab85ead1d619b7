"""Charges on a sphere on the energy page: what they show, chart, refuse and cost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from demos.common.progress import Progress
from demos.contract import Check, Result
from demos.contract.charts import Chart
from demos.physics.bench.endpoint import end_checks, end_notes, end_of, flow_checks, flow_notes, stability, with_limit
from demos.physics.bench.freezing import ENDS, check_cooling, freeze
from demos.physics.bench.panels import over_clock
from demos.physics.bench.run_charts import reference_of, run_charts
from demos.physics.bench.statistics import wilson
from demos.physics.bench.system import System
from demos.physics.bench.trace import Followed, at, balance, follow, spread, trace
from demos.physics.charges.model import Minima, defect_charge, minima, thomson
from demos.physics.charges.picture import FEWEST_CELLS, sphere_panel
from demos.physics.clusters.picture import clock_of, clock_readout
from demos.physics.config import METHOD_LABELS, EnergyConfig
from demos.physics.menu import COOLED_BY
from demos.picture import Picture, Readout

FRAMES, SECONDS = 100, 7.0
FINER = 0.3  # of the spacing: about as far as a charge goes

MINIMA = Chart(
    "minima",
    "Where the starts ended",
    "left",
    "y",
    "E − best known",
    "starts",
    "The minima that random starts ended in: of every few dozen charges there are several.",
    kind="bars",
)


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    """See `demos.physics.run.run`."""
    system = thomson(config.count)
    if config.method == "starts":
        return _show_starts(config, system, progress)
    if config.method == "annealing":
        return _show_annealing(config, system, progress)
    start = start_of(config, system)
    way = FINER * min(1.0, (4 * np.pi / config.count) ** 0.5)  # a share of the charges' spacing: so fine are the steps
    return _one_run(
        config,
        follow(
            system,
            start,
            config.method,
            duration=config.duration,
            step=config.step,
            iterations=config.iterations,
            rtol=config.tolerance * way,
            progress=progress,
        ),
    )


def start_of(config: EnergyConfig, system: System, replicas: int = 1) -> torch.Tensor:
    """(replicas, N, 3); at random, but no two charges almost on each other: the first steps would go into that."""
    return system.start({"random": "loose"}.get(config.start, config.start), config.seed, replicas)


def _one_run(config: EnergyConfig, run: Followed) -> Result:
    system, label, best = run.system, METHOD_LABELS[run.method], run.system.ground_state
    end = end_of(system, run.end)
    growth, warnings = stability(system, run, end)
    checks = end_checks(system, end, best) + _topology(end.state) + flow_checks(run) + growth
    checks += system.invariant_checks(run.whole[:, None])
    table = with_limit(trace(run, label, reference=reference_of(end, best)), run, growth)
    return Result(
        _run_picture(run, best.value),
        tuple(checks),
        {"trace": table},
        (*end_notes(end, best, label), *flow_notes(run)),
        tuple(warnings),
    )


def _show_starts(config: EnergyConfig, system: System, progress: Progress | None) -> Result:
    """Many random starts, all minimized; the deepest of the minima, and how its start got there."""
    found = minima(system, seed=config.seed, starts=config.walks, progress=progress)
    best, end = system.ground_state, end_of(system, found.positions[0])
    energies = found.energies
    hits = int(found.counts[np.abs(energies - best.value) <= 1e-8].sum())
    low, high = wilson(hits, config.walks)
    kinds = "one minimum" if len(energies) == 1 else f"{len(energies)} minima"
    notes = [
        f"{config.walks} random starts ended in {kinds}; {hits} of them in the best known "
        f"(95 %: {low:.0%}–{high:.0%}).",
        *end_notes(end, best, "The deepest"),
    ]
    first = int(found.firsts[0])
    start = system.start("random", config.seed, config.walks)[first : first + 1]
    run = follow(system, start, "lbfgs", duration=1.0, step=system.longest, iterations=2_000, newton=system.newton)
    checks = end_checks(system, end, best) + _topology(end.state) + list(system.invariant_checks(run.states[:, None]))
    return Result(
        _run_picture(run, best.value), tuple(checks), {"minima": _minima_table(found, best.value)}, tuple(notes)
    )


def _show_annealing(config: EnergyConfig, system: System, progress: Progress | None) -> Result:
    frozen = freeze(config, system, start_of(config, system, config.walks), COOLED_BY["thomson"], progress)
    title, best = f"{config.count} charges", system.ground_state
    flat = over_clock(
        "Energy", frozen.times, {"E": frozen.energies}, exact={"best known": best.value}, x_label="t", y_label="E"
    )
    picture = Picture(
        [sphere_panel(frozen.states, title, frozen.words, weight=1.25), flat],
        Readout("t", frozen.times),
        (Readout("kT", frozen.kT), Readout("E", frozen.energies, digits=8)),
        seconds=9.0,
        alt=f"{title} are cooled and freeze at energy {frozen.energies[-1]:.6f}.",
    )
    return Result(
        picture, (*frozen.checks, *_topology(frozen.end)), {"ends": frozen.table}, frozen.notes, frozen.warnings
    )


def _run_picture(run: Followed, best: float) -> Picture:
    places, count = spread(run, FRAMES), run.system.shape[0]
    states, energies = (
        run.system.project.retract(torch.from_numpy(at(run.states.numpy(), places))).numpy(),
        at(run.energies, places),
    )
    x, x_label = clock_of(run, places)
    flat = over_clock("Energy", x, {"E": energies}, exact={"best known": best}, x_label=x_label, y_label="E")
    clock = clock_readout(run, places)
    title = f"{count} charges"
    return Picture(
        [sphere_panel(states, title, weight=1.25), flat],
        clock,
        (
            Readout("E", energies, digits=8),
            Readout("largest force", at(run.forces, places)),
            Readout("gradients", np.rint(at(run.work, places)), digits=6),
            *balance(run, places),
        ),
        seconds=SECONDS,
        alt=f"{title} on a sphere; energy from {energies[0]:.6g} to {energies[-1]:.9g}.",
    )


def _topology(state: torch.Tensor) -> list[Check]:
    return [defect_charge(state)] if len(state) >= FEWEST_CELLS and torch.isfinite(state).all() else []


def _minima_table(found: Minima, best: float) -> pd.DataFrame:
    """One narrow bar for each minimum: series, left, right, y (starts)."""
    gaps = found.energies - best
    width = max(float(np.ptp(gaps)), 1e-6) / 60
    return pd.DataFrame(
        {"series": "random starts", "left": gaps - width / 2, "right": gaps + width / 2, "y": found.counts}
    )


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    """Which tables of a run are drawn."""
    if config.method == "starts":
        return (MINIMA,)
    return (ENDS,) if config.method == "annealing" else run_charts(config)


def check(config: EnergyConfig) -> None:
    """Raise ValueError, in one sentence, where the fields do not go together."""
    thomson(config.count)
    check_cooling(config)
    if config.method == "starts" and config.start != "random":
        raise ValueError("Many random starts begin at random: choose that start.")


def seconds(config: EnergyConfig) -> float:
    """About how long `show` takes on one core, from measurements."""
    size = config.count
    gradient, drawing = 2.5e-5 + 1.2e-8 * size * size, 0.04 + 1e-3 * size
    match config.method:
        case "starts":
            return drawing + config.walks * (2e-3 + 4e-6 * size * size)
        case "annealing":
            return drawing + config.duration / config.step * (6e-5 + config.walks * (5e-7 + 8e-9 * size * size))
        case "dopri5":
            return drawing + config.duration * (1 + 0.55 * size) * 6 * gradient
        case "euler":
            return drawing + min(config.duration / config.step, 1e9) * 1.5 * gradient
        case "rkc":
            return drawing + 2e-3 * size * (1e-5 / config.tolerance) ** 0.4
    return drawing + config.iterations * 2 * gradient
