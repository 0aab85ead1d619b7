"""Warnings of unstable runs, and notes on which exact results a run is compared with."""

from __future__ import annotations

from demos.common.numbers import number
from demos.langevin.comparison import Comparison
from demos.langevin.reference.density_evolution import DensityEvolution, relaxation_rate
from demos.langevin.samplers import has_unknown_cost
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun

FEWEST = 30  # least number of particles


def warnings_of(setup: Setup, runs: list[MethodRun]) -> list[str]:
    """One sentence for each run whose particles were lost, or whose step is beyond the stability limit."""
    compared = len(runs) > 1
    return [sentence for run in runs if (sentence := _warning(setup, run, compared))]


def _warning(setup: Setup, run: MethodRun, compared: bool) -> str:
    status, name, h = run.path.status, f"{run.label}: " if compared else "", setup.config.step
    if status.kind == "diverged":
        sentence = f"{name}{status.message}."
        return sentence[:1].upper() + sentence[1:]
    limit = setup.step_limit(run.method)
    if not h > limit:
        return ""
    return (
        f"{name}{'t' if compared else 'T'}he step {h:g} is {number(h / limit, digits=2)} × the stability "
        f"limit {run.row.limit_formula} = {limit:.3g} at the sharpest minimum."
    )


def notes_of(
    setup: Setup, runs: list[MethodRun], comparison: Comparison, evolution: DensityEvolution | None
) -> list[str]:
    """The notes: which exact results the first run is compared with, and the cost of the compared methods."""
    run = runs[0]
    notes = [*_reference_note(setup, comparison), *_relaxation_notes(setup, run, evolution)]
    return [*notes, *_cost_note(runs)]


def _reference_note(setup: Setup, comparison: Comparison) -> list[str]:
    for reason in (comparison.why if comparison.truth is None else "", comparison.incomparable):
        if reason:
            return [f"{reason[:1].upper()}{reason[1:]}."]
    if setup.config.particles < FEWEST:
        few = "One particle says" if setup.config.particles == 1 else f"{setup.config.particles} particles say"
        return [f"{few} little about a distribution: the errors are as wide as that."]
    return []


def _relaxation_notes(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> list[str]:
    if not (setup.is_constant and setup.is_confined and run.is_overdamped):
        return []
    rate = relaxation_rate(setup.landscape, setup.kT)
    if rate is None:
        if evolution is not None:
            return []
        return ["The wells are too narrow for the grid of the Fokker–Planck equation: no moving curve is shown."]
    if rate == 0:
        notes = ["Between the wells the exact distribution forgets its start so slowly that double precision shows 0."]
    else:
        notes = [f"The equation forgets its start in a time of 1/λ₁ = {1 / rate:.3g}; this run covers {run.end:.3g}."]
    if evolution is None:
        notes.append(
            "Its motion is too narrow for the grid of this page, or would take too long: no moving curve is shown."
        )
    return notes


def _cost_note(runs: list[MethodRun]) -> list[str]:
    """A note on the measured cost of the compared runs, where it was not known before."""
    uneven = [run for run in runs if has_unknown_cost(run.method)]
    if len(runs) == 1 or not uneven:
        return []
    took = ", ".join(f"{run.label} {run.path.evaluations:,}" for run in runs)
    each = uneven[0].path.evaluations / max(1, uneven[0].path.steps)
    return [
        f"Gradient evaluations are only about the same: {took}. {uneven[0].label} solves an equation in each "
        f"step, by {each:.2g} of them here; its Hessians come on top."
    ]
