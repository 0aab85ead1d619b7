"""One run of the demo: simulate, find the truth, compare, draw. Pure: same config, same bytes."""

from __future__ import annotations

from dataclasses import replace

from demos.common.progress import Progress
from demos.contract import Check, OnPicture, Result
from demos.contract.running import demo_run
from demos.langevin import checks
from demos.langevin.config import LangevinConfig, hottest, landscape_of
from demos.langevin.convex import free_energy_checks
from demos.langevin.escape_study import escape_checks, escape_study
from demos.langevin.laws import confined
from demos.langevin.losses import loss_checks
from demos.langevin.motion import Motion, motion, relaxation_rate
from demos.langevin.pictures import picture
from demos.langevin.simulate import Run, is_approximate, simulate, step_limit
from demos.langevin.tables import tables
from demos.langevin.truth import OVERDAMPED, Truth, is_settled, truth

SIMULATING = 0.7  # of the progress bar


@demo_run
def run(config: LangevinConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The Langevin demo as a function of its config; `on_picture` gets the picture as soon as it is drawn.

    Raises ValueError in one sentence where it cannot be run.
    """
    share = SIMULATING * (0.3 if config.escape else 1.0)

    def told(done: float) -> bool | None:
        return None if progress is None else progress(done)

    def pulse() -> None:
        told(share)

    runs = simulate(config, lambda done: told(share * done))
    ends = tuple(float(run.path.times[-1]) for run in runs if run.method in OVERDAMPED)
    law = motion(config, ends, pulse) if ends else None
    drawn = picture(config, runs, law)
    if on_picture is not None:
        on_picture(drawn)
    found, truths, notes, warnings = [], [], [], []
    for i, each in enumerate(runs):
        pulse()
        truths.append(None if each.path.status.diverged else truth(config, each, law))
        label = "" if len(runs) == 1 else f" · {each.row.label}"
        found += [_named(check, label) for check in _checks(config, each, truths[-1], brief=i > 0)]
        warnings += _warnings(config, each, len(runs) > 1)
    if config.escape:
        try:
            study = escape_study(config, lambda done: told(share + (1 - share) * done))
            found += escape_checks(study)
        except ValueError as problem:
            notes.append(str(problem))
    told(1.0)
    notes += [*_notes(config, runs[0], truths[0], law, bool(found)), *_costs(runs)]
    return Result(drawn, tuple(found), tables(config, runs, truths, law), tuple(notes), tuple(warnings))


def _checks(config: LangevinConfig, run: Run, truth: Truth | None, brief: bool) -> list[Check]:
    if run.path.status.diverged:
        return loss_checks(config, run)
    settled = config.schedule == "constant" and is_settled(config, run, landscape_of(config))
    found = []
    if truth is not None:
        energy = [] if brief else free_energy_checks(config, run, truth)
        others = checks.bias(config, run, truth)
        others += checks.comparisons(config, run, truth, only=("⟨U⟩",) if brief else ())
        found = others + energy if config.start == "equilibrium" else energy + others  # what falls is seen first
    return found + checks.momentum(config, run, settled) + checks.acceptance(config, run)


def _named(check: Check, label: str) -> Check:
    return replace(check, name=check.name + label) if label else check


def _warnings(config: LangevinConfig, run: Run, compared: bool) -> list[str]:
    status, name = run.path.status, f"{run.row.label}: " if compared else ""
    if status.kind == "diverged":
        return [f"{name}{status.message}."[:1].upper() + f"{name}{status.message}."[1:]]
    limit = step_limit(config, run.method)
    if config.step > limit:
        return [
            f"{name}{'t' if compared else 'T'}he step {config.step:g} is {config.step / limit:.2g} × the stability "
            f"limit {run.row.limit_formula} = {limit:.3g} at the sharpest minimum."
        ]
    return []


def _costs(runs: list[Run]) -> list[str]:
    """What the compared runs really took, where that was not known before."""
    uneven = [run for run in runs if is_approximate(run.method)]
    if len(runs) == 1 or not uneven:
        return []
    took = ", ".join(f"{run.row.label} {run.path.evaluations:,}" for run in runs)
    each = uneven[0].path.evaluations / max(1, uneven[0].path.steps)
    return [
        f"Gradient evaluations are only about the same: {took}. {uneven[0].row.label} solves an equation in each "
        f"step, by {each:.2g} of them here; its Hessians come on top."
    ]


def _notes(config: LangevinConfig, run: Run, truth: Truth | None, law: Motion | None, compared: bool) -> list[str]:
    landscape, notes, kT = landscape_of(config), [], hottest(config)
    fits = confined(landscape, kT)
    if not fits:
        notes.append(
            f"No exact law at kT = {kT:g}: it reaches beyond the box in which {landscape.title} is "
            f"integrated, made for kT from {landscape.kT_range[0]:g} to {landscape.kT_range[1]:g}."
        )
    elif truth is None and not run.path.status.diverged:
        notes.append(
            "No exact law to stand beside: this start is not yet forgotten, and its law in motion is not known here."
        )
    elif not compared and truth is not None:
        few = "One particle is" if config.particles == 1 else f"{config.particles:,} particles are"
        notes.append(f"{few} too few to be compared with an exact law: no error could be told.")
    rate = relaxation_rate(landscape, config.temperature) if config.schedule == "constant" and fits else None
    if rate is not None and run.method in OVERDAMPED:
        notes.append(
            f"The exact law forgets its start in a time of 1/λ₁ = {1 / rate:.3g}; this run covers "
            f"{float(run.path.times[-1]):.3g}."
        )
    elif law is None and fits and config.schedule == "constant" and run.method in OVERDAMPED:
        notes.append("The wells are too narrow for the grid of the Fokker–Planck equation: no law in motion is shown.")
    if law is None and rate is not None and run.method in OVERDAMPED:
        notes.append("Its motion would take too long to follow on this page: no law in motion is shown.")
    if run.path.acceptance is not None and config.start != "equilibrium":
        notes.append(f"{run.path.acceptance:.1%} of the proposals were accepted.")
    return notes
