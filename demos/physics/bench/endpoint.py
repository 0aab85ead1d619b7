"""Where a run of particles ended: finished by Newton's method where it is inside a bowl, certified, and compared."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.contract import Check
from demos.gradient_flow import METHODS, solve
from demos.physics.bench.basins import HANDOVER
from demos.physics.bench.certificate import Certificate, certify
from demos.physics.bench.quench import TOLERANCE, quench
from demos.physics.bench.system import Reference, System
from demos.physics.bench.trace import Followed
from demos.physics.clusters.lennard_jones import coordination
from demos.physics.config import METHOD_LABELS

KEEPS_IDENTITY = ("rkc", "bdf", "lsoda")  # methods whose error control, not stability, limits the step
IDENTITY = 1e-3  # of the energy that fell
MOST_FINISHED = 1e-4  # of energy that Newton's method may take away at the end
SHAKE = 1e-6  # from a minimum, to see how an error grows


@dataclass(frozen=True)
class End:
    """state (*shape): the minimum, or, where the run had not come to rest, the last state. force: the largest where
    the run itself ended. certificate: of the minimum; None where the run had not come to rest. apart: because some
    particles are out of the others' reach."""

    state: Tensor
    energy: float
    force: float
    certificate: Certificate | None
    apart: bool = False


def end_of(system: System, state: Tensor) -> End:
    """Inside the bowl of its minimum, below a force of 1e-3, every method agrees, and Newton's may finish it."""
    force, energy = float(system.force(state[None])[0]), float(system.energy(state[None])[0])
    if not force <= HANDOVER:
        return End(state, energy, force, None)
    if _has_lonely(system, state):
        return End(state, energy, force, None, apart=True)
    done = state if force <= TOLERANCE else quench(system, state[None], steps=200).states[-1, 0]
    certificate = certify(system, done)
    apart = certificate.flat > certificate.expected  # parts of the cluster move freely
    if apart or not certificate.force <= TOLERANCE or energy - certificate.energy > MOST_FINISHED:
        return End(state, energy, force, None, apart)
    return End(done, certificate.energy, force, certificate)


def _has_lonely(system: System, state: Tensor) -> bool:
    """Whether an atom has no neighbour. In a minimum all have: one farther from the others than the distance at rest is
    only attracted. Where all are lonely, curvatures are rounding, and no spectrum tells it."""
    bond = system.parts.get("bond")
    return bond is not None and bool((coordination(state[None], bond) == 0).any())


def minus(words: str) -> str:
    """The same words with the sign of numbers as it is printed."""
    return re.sub(r"(?<![\w–])-(?=\d)", "−", words)


def is_same(energy: float, best: Reference) -> bool:
    """Whether an energy is that of a published minimum: to the last but one of its digits."""
    return abs(energy - best.value) <= 20 * best.floor


def end_checks(system: System, end: End, best: Reference | None) -> list[Check]:
    """The certificate, and the energy beside the best known one: equal to it, or at least never below."""
    found = []
    if best is not None and np.isfinite(end.energy):
        reached = end.certificate is not None and is_same(end.energy, best)
        if reached:
            found.append(Check("energy", end.energy, best.value, floor=best.floor * 1.01, source=best.source))
        else:
            found.append(
                Check(
                    "E(best known) − E",
                    best.value - end.energy,
                    0.0,
                    floor=best.floor * 1.01,
                    bound=True,
                    source=best.source,
                    note="above zero: a new record, or an error",
                )
            )
    if end.certificate is not None:
        kind = "translations and rotations" if system.project is None else "rotations"
        found += [
            Check("flat directions at the end", end.certificate.flat, end.certificate.expected, source=kind),
            Check("ways down from the end", end.certificate.negative, 0, source="Hessian's spectrum"),
        ]
    return found


def held(checks: list[Check]) -> list[Check]:
    """The checks of an end whose ends are held, so that no direction is flat."""
    return [replace(check, source="its ends are held") if check.name.startswith("flat") else check for check in checks]


def end_notes(end: End, best: Reference | None, words: str = "It") -> list[str]:
    """How it ended, in words: at rest or not, and how far from the best known energy."""
    if end.certificate is None:
        if not np.isfinite(end.force):
            return []
        if end.apart:
            return [
                minus(
                    f"{words} left particles out of each other's reach: at energy {end.energy:.2g} hardly a "
                    "force is left."
                )
            ]
        if end.force <= HANDOVER:
            return [f"{words} has hardly a force left, {end.force:.2g}, but is not in the bowl of a minimum yet."]
        return [f"{words} has not come to rest: the largest force is {end.force:.2g}."]
    notes = [
        f"{words} ended in {end.certificate}"
        + (
            f" (the run stopped at a force of {end.force:.1e}, Newton's method finished it)."
            if end.force > TOLERANCE
            else f": the stop criterion of {TOLERANCE:.0e} is met."
        )
    ]
    if best is not None:
        gap = end.energy - best.value
        known = minus(f"the best known{' minimum' if is_same(end.energy, best) else ''}, {best.value:.12g}")
        if is_same(end.energy, best):
            notes.append(f"This is {known}.")
        else:
            notes.append(
                f"A minimum {gap:.3g} above {known}: one of very many."
                if end.certificate.is_minimum
                else f"It lies {gap:.3g} above {known}."
            )
    return notes


def flow_checks(run: Followed) -> list[Check]:
    """What a method of the flow must keep: the dissipation identity, or its own inequality."""
    if run.books is None or run.status.diverged:
        return []
    if run.method in KEEPS_IDENTITY:
        return [run.books.check(IDENTITY)]
    if run.method == "implicit_euler":
        return [_minimizing_movement(run)]
    return []


def flow_notes(run: Followed) -> list[str]:
    """What the dissipation identity misses, and why; nothing where it holds."""
    if run.books is None or run.status.diverged:
        return []
    share, adapts = float(run.books.residual[-1, 0]), METHODS[run.method].adaptive is not None
    if run.method in KEEPS_IDENTITY:
        if abs(share) <= IDENTITY:
            return []
        why = "what the tolerance lets the flow's clock lose; a smaller one mends it"
    elif not adapts:
        why = f"what steps of {run.step:g} lose of the flow's clock"
    elif float(run.forces[-1]) <= HANDOVER:
        why = "its steps, which only stability limits, tremble at rest"
    else:
        why = "what its steps, at the edge of stability, lose of the flow's clock"
    if abs(share) > 1:
        fallen, dissipated = float(run.books.fallen[-1, 0]), float(run.books.dissipated[-1, 0])
        return [
            minus(f"The dissipation identity fails: E fell by {fallen:.3g}, and ∫|∇E|² dt is {dissipated:.3g}: {why}.")
        ]
    return [f"The dissipation identity misses {abs(share):.2%} of the fall: {why}."]


def stability(system: System, run: Followed, end: End) -> tuple[list[Check], list[str]]:
    """What went wrong, in words, and how explicit Euler multiplies an error at the minimum: by 1 − hL in each step."""
    label, warnings = METHOD_LABELS[run.method], []
    if run.status.diverged:
        advice = ": take a smaller step" if run.iterates else ""
        warnings.append(f"{label} {run.status.message}{advice}.")
    if run.method != "euler":
        return [], warnings + _climbs(run)
    minimum, place = end.state, "where it ended"
    if end.certificate is None or not end.certificate.is_minimum:
        path = quench(system, run.states[:1])
        if path.status.kind != "converged":
            return [], warnings
        minimum, place = path.states[-1, 0], "at the minimum below its start"
    curvature, direction = stiffest(system, minimum)
    largest = METHODS["euler"].step_limit(curvature)
    if run.step > largest and not any("stability limit" in words for words in warnings):
        warnings.append(
            f"The step {run.step:g} is {run.step / largest:.3g} × the stability limit 2/L = {largest:.3g} "
            f"(L = {curvature:.4g} {place})."
        )
    return [_growth(system, minimum, direction, 1 - run.step * curvature, run.step)], warnings


def _climbs(run: Followed) -> list[str]:
    """A word where a flow's energy rose, although its method chose the steps."""
    if run.books is None or run.status.diverged or METHODS[run.method].adaptive is None:
        return []
    energies = run.books.energies[:, 0]
    rise = float(np.diff(energies).max(initial=0.0))
    if not rise > IDENTITY * float(energies[0] - energies.min()):
        return []
    return [
        f"The energy rose by {rise:.3g} in {METHOD_LABELS[run.method]}'s steps, which no gradient flow does: take "
        "a smaller tolerance."
    ]


def with_limit(table: pd.DataFrame, run: Followed, growth: list[Check]) -> pd.DataFrame:
    """The table "trace" of `run` and, beside its steps, 2/L where `stability` has found it: 1 − hL is the growth."""
    if not growth or len(table) < 2:
        return table
    largest = 2 * run.step / (1 - growth[0].exact)
    known = pd.DataFrame({"series": "exact: 2/L", "x": [table["x"].iloc[1], table["x"].iloc[-1]], "step": largest})
    return pd.concat((table, known), ignore_index=True)


def stiffest(system: System, x: Tensor) -> tuple[float, Tensor]:
    """L, the largest curvature at x (*shape) along the constraint set, and its direction (*shape)."""
    hessian, basis = system.hessian(x[None]), torch.eye(x.numel(), dtype=x.dtype)
    if system.project is not None:
        hessian = system.project.hessian(x[None], system.gradient(x[None]), hessian)
        normals = system.project.normals(x[None])[0]
        basis = torch.linalg.qr(normals.T, mode="complete")[0][:, len(normals) :]
    values, vectors = torch.linalg.eigh(basis.T @ hessian[0] @ basis)
    return float(values[-1]), (basis @ vectors[:, -1]).reshape(x.shape)


def _growth(system: System, minimum: Tensor, direction: Tensor, exact: float, step: float) -> Check:
    """One step of the solver from an error along the stiffest direction of a minimum, so small that it stays small."""
    shake = SHAKE / max(1.0, abs(exact))
    path = solve(system.flow(), (minimum + shake * direction)[None], [0.0, step], "euler", record=2)
    before, after = ((path.states[:, 0] - minimum) * direction).flatten(1).sum(1).tolist()
    return Check(
        "an error's growth in one step",
        after / before,
        exact,
        floor=1e-3 * max(1.0, abs(exact)),
        source="1 − hL at the minimum",
        note="its size above 1 is what instability means",
    )


def _minimizing_movement(run: Followed) -> Check:
    """E(x⁺) + |x⁺ − x|²/2h ≤ E(x), step by step: what makes implicit Euler a minimizing movement."""
    x, h = run.states, run.path.times.diff().numpy()
    energies, moved = run.energies, (x[1:] - x[:-1]).flatten(1).square().sum(1).numpy()
    single = np.isclose(h, run.step, rtol=1e-6)
    excess = (energies[1:] + moved / (2 * h) - energies[:-1])[single]
    return Check(
        "largest E(x⁺) + |x⁺ − x|²/2h − E(x)",
        float(excess.max(initial=-np.inf)),
        0.0,
        floor=1e-9,
        bound=True,
        source="minimizing movement (De Giorgi)",
        note="every step must pay for its length",
    )
