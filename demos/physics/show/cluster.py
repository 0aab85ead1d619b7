"""Clusters of atoms on the energy page: what they show, chart, refuse and cost."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from demos.demo import Progress, Result
from demos.gradient_flow import METHODS
from demos.physics.charting import ENERGY, FORCE, IDENTITY, STEPS, WORK, Chart, Study
from demos.physics.config import EnergyConfig
from demos.physics.lennard_jones import cluster
from demos.physics.pair_potentials import LennardJones, Morse, PairPotential, PowerLaw
from demos.physics.show.cluster_picture import run_picture
from demos.physics.show.ends import (
    end_checks,
    end_notes,
    end_of,
    flow_checks,
    flow_notes,
    growth_check,
    limit,
    nearest_minimum,
    stability_warning,
)
from demos.physics.show.trace import Followed, follow, trace
from demos.physics.system import System

SHAKE = 0.08  # of a pair's distance: how far the atoms of a known shape are moved, so that there is a way back
STARTS = {"random": "loose", "icosahedron": "icosahedron", "octahedron": "octahedron", "given": "given"}


def potential_of(config: EnergyConfig) -> PairPotential:
    """The pair potential; ValueError where its numbers do not go together."""
    match config.potential:
        case "morse":
            return Morse(config.steepness)
        case "power_law":
            return PowerLaw(config.repulsion, config.attraction)
    return LennardJones()


def system_of(config: EnergyConfig) -> System:
    """The cluster of a config. Raises ValueError, in one sentence, where there is none."""
    return cluster(config.count, potential_of(config))


def start_of(config: EnergyConfig, system: System) -> Tensor:
    """(1, N, 3)"""
    x = system.start(STARTS[config.start], config.seed)
    if config.start in ("icosahedron", "octahedron"):
        noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(config.seed), dtype=x.dtype)
        x = x + SHAKE * system.longest / 0.1 * noise
    return x


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    system = system_of(config)
    run = follow(system, start_of(config, system), config.method, duration=config.duration, step=config.step,
                 iterations=config.iterations, rtol=config.tolerance, progress=progress)
    return result(config, run)


def result(config: EnergyConfig, run: Followed) -> Result:
    """What one run shows."""
    system, label = run.system, METHODS[run.method].label
    best, warnings, checks = system.ground_state, [], []
    if run.status.diverged:
        warnings.append(f"{label} {run.status.message}.")
    end = end_of(system, run.end)
    if not run.iterates and METHODS[run.method].limit is not None:
        minimum = end.state if end.certificate else nearest_minimum(system, run)
        curvature, largest = limit(system, minimum, run.method)
        growth = growth_check(system, minimum, config.step)
        checks += [growth] if growth is not None and run.method == "euler" else []
        told = stability_warning(run.method, config.step, curvature, largest)
        warnings += [told] if told else []
    checks = end_checks(system, end, best) + flow_checks(run) + checks
    checks += system.invariant_checks(run.states[torch.isfinite(run.states).flatten(1).all(1)][:, None])
    levels = [("best known", best.value)] if best is not None else []
    picture = run_picture(run, f"{system.parts['pairs'].potential.title}, N = {config.count}", levels, config.color)
    table = trace(run, label, reference=end.energy if end.certificate else None)
    return Result(picture, tuple(checks), {"trace": table}, (*end_notes(end, best, label), *flow_notes(run)),
                  tuple(warnings))


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    if config.optimizes:
        return tuple(replace(chart, x="x" if chart is not WORK else chart.x, x_title="iteration" if chart is not WORK
                             else chart.x_title) for chart in (ENERGY, FORCE, STEPS, WORK))
    return (ENERGY, FORCE, IDENTITY, STEPS, WORK)


def studies(config: EnergyConfig) -> tuple[Study, ...]:
    return ()


def check(config: EnergyConfig) -> None:
    system_of(config)


def seconds(config: EnergyConfig) -> float:
    return 0.3
