"""A network that learns Poisson's equation by minimizing its Dirichlet energy, on the energy page."""

from __future__ import annotations

from dataclasses import replace
from math import log, pi, sqrt

import numpy as np
import pandas as pd

from demos.common.progress import Progress
from demos.contract import Check, Result
from demos.contract import charts as charting
from demos.contract.charts import Chart, Study
from demos.gradient_flow import METHODS
from demos.physics.config import METHOD_LABELS, EnergyConfig
from demos.physics.deep_ritz.model import DeepRitz, exact_centre, exact_energy
from demos.physics.deep_ritz.picture import picture
from demos.physics.deep_ritz.run import WILD, Learning, learn, stability
from demos.physics.menu import MENU

FINE = 40  # Gauss points a side of the check: against 64 they change the distance by less than 1e-7 of it
NEAR = 0.05  # of the value in the middle: where the bound of its error is wider, nothing is said of it
BUDGET = 300  # gradients of each method in the study

GAP = replace(
    charting.ENERGY,
    x_title="iterations",
    y_title="E − E*",
    log_y=True,
    sentence="Energy above the exact minimum, which is half the squared distance of ∇u to the solution's.",
)
FORCE = replace(
    charting.FORCE,
    x_title="iterations",
    y_title="‖∇E‖",
    sentence="The length of the gradient over all weights: the loss surface is steep long after E is low.",
)
MOVES = replace(
    charting.STEPS,
    title="Moves",
    x_title="iterations",
    y_title="largest move of a weight",
    sentence="How far the weight that moves most goes in an iteration, in the mean between two frames.",
)
WORK = replace(charting.WORK, x_title="gradients", y_title="E − E*")
CENTRE = Chart(
    "centre",
    "Error in the middle",
    "x",
    "error",
    "iterations",
    "|u(½, ½) − exact|",
    "How far the network's value in the middle of the square is from the Fourier series.",
    log_y=True,
)


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    run = learn(config, progress)
    pulse = progress or (lambda done: None)  # whoever has left is noticed between the pieces of what follows, too
    pulse(1.0)
    drawn = picture(run)
    pulse(1.0)
    found = checks(config, run)
    pulse(1.0)
    notes, warnings = words(config, run)
    return Result(drawn, found, tables(config, run), tuple(notes), tuple(warnings))


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    return GAP, CENTRE, FORCE, MOVES, WORK


def studies(config: EnergyConfig) -> tuple[Study, ...]:
    return (RACE,)


def check(config: EnergyConfig) -> None:
    DeepRitz(config.width)


def seconds(config: EnergyConfig) -> float:
    return 0.1 + (4e-4 + 1e-5 * config.width + 5e-7 * config.width**2) * config.iterations


def checks(config: EnergyConfig, run: Learning) -> tuple[Check, ...]:
    """What holds for every network, and the value in the middle of one that is near: e = u − u* with no detail finer
    than δ has |e| ≤ ‖∇e‖ √(ln(1/δ)/2π) at a point of the plane, and ‖∇e‖² is twice the measured distance."""
    best = run.weights[run.best : run.best + 1]
    fine = DeepRitz(config.width, FINE)
    gap, distance = float(fine.energy(best)) - exact_energy(), float(fine.distance(best))
    found = [
        Check(
            "E − E*",
            gap,
            distance,
            floor=1e-5 * distance + 1e-12,
            source="½∫|∇(u − u*)|², Green's identity",
            note="holds for every network: the lower the energy, the nearer the solution",
        )
    ]
    bound = sqrt(2 * distance * log(FINE) / (2 * pi))
    if bound <= NEAR * exact_centre():
        found.append(
            Check(
                "centre value",
                float(fine.centre(best)),
                exact_centre(),
                floor=bound,
                source="Fourier series; Timoshenko & Goodier, Theory of Elasticity, §109",
            )
        )
    return tuple(found)


def tables(config: EnergyConfig, run: Learning) -> dict[str, pd.DataFrame]:
    series = METHOD_LABELS[config.method]
    energies = run.energies
    moved = run.weights.diff(dim=0).abs().amax(1).numpy() / np.maximum(np.diff(run.iterations), 1)
    trace = pd.DataFrame(
        {
            "series": series,
            "x": run.iterations,
            "energy": energies,
            "gap": np.maximum(energies - exact_energy(), 1e-14),
            "force": run.forces,
            "step": np.r_[np.nan, moved],
            "evaluations": run.iterations * METHODS[config.method].cost(),
            "residual": np.nan,
        }
    )
    errors = np.maximum(np.abs(run.centres - exact_centre()), 1e-12)
    return {"trace": trace, "centre": pd.DataFrame({"series": series, "x": run.iterations, "error": errors})}


def words(config: EnergyConfig, run: Learning) -> tuple[list[str], list[str]]:
    notes, warnings = [], []
    gap = (run.energies[run.best] - exact_energy()) / abs(exact_energy())
    notes.append(
        f"{run.weights.shape[1]:,} weights; the lowest energy, at iteration {run.iterations[run.best]:,}, is "
        f"{100 * gap:.2g} % above the exact one."
    )
    if run.status.kind == "diverged":
        warnings.append(f"{run.status.message}."[:1].upper() + f"{run.status.message}."[1:])
    elif run.lost is not None:
        warnings.append(
            f"By iteration {run.lost:,} the energy is past {WILD:,.0f}: steps of {config.step:g} are too long."
        )
    else:
        limit, formula = stability(config, run)
        if limit is not None and config.step > limit:
            warnings.append(
                f"The learning rate {config.step:g} is {config.step / limit:.2g} × the stability limit "
                f"{formula} = {limit:.3g} where the path ended."
            )
    return notes, warnings


def race(config: EnergyConfig, progress: Progress | None = None) -> pd.DataFrame:
    """columns series, evaluations, gap: the lowest energy so far, from the same start, over gradients"""
    rows, methods = [], MENU["ritz"].methods
    for i, method in enumerate(methods):
        told = None if progress is None else lambda done, i=i: progress((i + done) / len(methods))
        each = config.replace(method=method, iterations=BUDGET, step=MENU["ritz"].steps[method])
        run = learn(each, told)
        gaps = np.minimum.accumulate(run.energies - exact_energy())
        rows.append(pd.DataFrame({"series": METHOD_LABELS[method], "evaluations": run.iterations + 1, "gap": gaps}))
    return pd.concat(rows, ignore_index=True)


RACE = Study(
    "ritz_methods",
    "Methods compared",
    f"The same network from the same weights by each method, {BUDGET} gradients each: what remembers the curvature "
    "wins.",
    race,
    (
        Chart(
            "",
            "Lowest energy so far",
            "evaluations",
            "gap",
            "gradients",
            "E − E*",
            "Energy above the exact minimum, the lowest so far, over gradients taken.",
            log_x=True,
            log_y=True,
        ),
    ),
    on=("seed", "width"),
)
