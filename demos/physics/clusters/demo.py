"""Clusters of atoms on the energy page: what they show, chart, refuse and cost."""

from __future__ import annotations

import torch

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract.charts import Chart, Study
from demos.physics.bench.config import check_cooling
from demos.physics.bench.endpoint import end_checks, end_notes, end_of, flow_checks, flow_notes, stability, with_limit
from demos.physics.bench.freezing import FINAL_ENERGIES
from demos.physics.bench.particle_studies import ENDS as ENDS_STUDY
from demos.physics.bench.particle_studies import map_study
from demos.physics.bench.run_charts import reference_of, run_charts
from demos.physics.bench.trace import MOST_BOOKED, Followed, follow, trace
from demos.physics.clusters.funnels import icosahedral_funnel, show_funnels
from demos.physics.clusters.lennard_jones import stiffness
from demos.physics.clusters.model import fineness, narrowness, potential_of, shaken, start_of, system_of
from demos.physics.clusters.picture import run_picture, title_of
from demos.physics.clusters.search import show_annealing, show_hopping
from demos.physics.config import METHOD_LABELS, SIZES, EnergyConfig

SEARCH = Chart(
    "search",
    "Lowest energy so far",
    "x",
    "energy",
    "minimizations, all walks",
    "E",
    "The lowest minimum that any walk has met, on its way down to the best known energy.",
    log_x=True,
)
WALKS = Chart(
    "walks",
    "Walks that have found it",
    "x",
    "share",
    "minimizations of a walk",
    "share of walks",
    "How many of the walks had met the best known energy by then: a search is judged by many.",
    log_x=True,
)

FAR = 1.6  # distances at rest: a file whose neighbours are further apart has other units


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    """See `demos.physics.run.run`."""
    system = system_of(config)
    if config.method == "hopping":
        return show_hopping(config, system, progress)
    if config.start == "funnels":
        places = system.start("octahedron"), icosahedral_funnel()[None]
        return show_funnels(config, system, tuple(shaken(x, system, config.seed) for x in places), progress)
    if config.method == "annealing":
        return show_annealing(config, system, start_of(config, system, config.walks), progress)
    start = start_of(config, system)
    return _one_run(
        config,
        follow(
            system,
            start,
            config.method,
            duration=config.duration,
            step=config.step,
            iterations=config.iterations,
            rtol=config.tolerance * fineness(config, system, start),
            progress=progress,
        ),
    )


def _one_run(config: EnergyConfig, run: Followed) -> Result:
    system, label = run.system, METHOD_LABELS[run.method]
    best, end = system.ground_state, end_of(run.system, run.end)
    growth, warnings = stability(system, run, end)
    checks = end_checks(system, end, best) + flow_checks(run) + growth
    checks += system.invariant_checks(run.whole[:, None])
    picture = run_picture(run, title_of(system), {} if best is None else {"best known": best.value}, config.color)
    table = with_limit(trace(run, label, reference=reference_of(end, best)), run, growth)
    notes = (*end_notes(end, best, label), *flow_notes(run), *_units(config, run))
    return Result(picture, tuple(checks), {"trace": table}, notes, tuple(warnings))


def _units(config: EnergyConfig, run: Followed) -> list[str]:
    """A word where the atoms of a file are so far apart that their lengths must be meant otherwise."""
    if config.start != "given":
        return []
    nearest = float((torch.cdist(run.states[:1], run.states[:1])[0].fill_diagonal_(torch.inf)).amin(1).median())
    rest = 2 * run.system.radius
    if nearest < FAR * rest:
        return []
    return [
        f"Neighbours in the file are {nearest:.3g} apart, and rest at {rest:.3g} here: are its lengths in "
        f"ångströms? Divided by {nearest / rest:.3g} they would fit."
    ]


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    """Which tables of a run are drawn."""
    if config.method == "hopping":
        return SEARCH, WALKS
    if config.method == "annealing" and config.start != "funnels":
        return (FINAL_ENERGIES,)
    return run_charts(config)


def studies(config: EnergyConfig) -> tuple[Study, ...]:
    """What is computed on demand beside the run."""
    return ENDS_STUDY, map_study(config)


def check(config: EnergyConfig) -> None:
    """Raise ValueError, in one sentence, where the fields do not go together."""
    system_of(config)
    if config.start == "funnels" and config.method in ("hopping", "annealing"):
        raise ValueError(f"{METHOD_LABELS[config.method]} looks for funnels by itself: start it at random.")
    if config.start in SIZES and config.potential != "lennard_jones":
        raise ValueError(f"start = {config.start} is a shape of Lennard-Jones atoms: start other potentials at random.")
    check_cooling(config)


def seconds(config: EnergyConfig) -> float:
    """About how long `show` takes on one core: what was measured for 13, 38 and 75 atoms, of Lennard-Jones and of the
    narrowest wells, and between."""
    size, runs = config.count, 2 if config.start == "funnels" else 1
    dear = 1.0 if config.potential == "lennard_jones" else 2.0  # exponentials, and odd powers
    gradient = dear * (2.2e-5 + 1.2e-8 * size * size)
    bend, narrow = stiffness(potential_of(config)), narrowness(config)
    steps = min(config.duration / config.step, 1e9)
    match config.method:
        case "hopping":
            return config.walks * config.hops * (4e-4 + 7e-7 * size * size) * (0.8 + 0.2 * narrow)
        case "annealing":
            return 0.2 + config.duration / config.step * (3e-5 + config.walks * (5e-7 + 8e-9 * size * size))
        case "dopri5":  # stability: 3.3 steps of 1/L, of six gradients each
            return runs * (0.05 + config.duration * bend * (100 + 6 * size) * 6 * gradient)
        case "euler":
            return runs * (0.05 + (steps + 0.7 * min(steps, MOST_BOOKED)) * gradient)
        case "implicit_euler":
            return runs * (0.05 + steps * dear * (6e-4 + 2.2e-6 * size * size))
        case "bdf":
            return runs * (0.05 + 1.1e-3 * size**1.4 * narrow**1.05 * (1e-5 / config.tolerance) ** 0.2)
        case "lsoda":
            return runs * (0.05 + 1.6e-4 * size**2 * narrow**1.05 * (1e-5 / config.tolerance) ** 0.2)
        case "rkc":
            return runs * (0.05 + 3e-3 * size * narrow**1.2 * (1e-5 / config.tolerance) ** 0.4)
    return runs * (0.03 + config.iterations * 1.5 * gradient)
