"""The endpoint of a run of particles or rods: finished by Newton's method where it is inside the bowl of a minimum,
certified by its Hessian, and compared with the best known energy."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from demos.common.numbers import number
from demos.contract import Check
from demos.physics.bench.certificate import Certificate, certify
from demos.physics.bench.quench import TOLERANCE, quench
from demos.physics.bench.system import Reference, System

INSIDE_BOWL = 1e-3  # largest force of a state inside the bowl of a minimum, from where every method finds that minimum
SAME_MINIMUM = 1e-5  # minima whose energies differ by less count as the same
MOST_FINISHED = 1e-4  # most energy by which Newton's method at the end may lower the state


@dataclass(frozen=True)
class Endpoint:
    """state: (*shape) the minimum, or the run's last state where that is not at rest. force: the largest force at the
    run's last state. certificate: of the minimum; None where the run is not at rest. disconnected: whether the reason
    is that some particles do not interact with the others."""

    state: Tensor
    energy: float
    force: float
    certificate: Certificate | None
    disconnected: bool = False


def endpoint_of(system: System, state: Tensor) -> Endpoint:
    """The endpoint of a run with the last state `state` (*shape)."""
    force, energy = float(system.force(state[None])[0]), float(system.energy(state[None])[0])
    if not force <= INSIDE_BOWL:
        return Endpoint(state, energy, force, None)
    if system.has_isolated(state):
        return Endpoint(state, energy, force, None, disconnected=True)
    finished = state if force <= TOLERANCE else quench(system, state[None], steps=200).states[-1, 0]
    certificate = certify(system, finished)
    disconnected = certificate.flat > certificate.expected  # parts of a cluster move freely
    if disconnected or not certificate.force <= TOLERANCE or energy - certificate.energy > MOST_FINISHED:
        return Endpoint(state, energy, force, None, disconnected)
    return Endpoint(finished, certificate.energy, force, certificate)


def typographic_minus(text: str) -> str:
    """The text with a minus sign, not a hyphen, before its numbers."""
    return re.sub(r"(?<![\w–])-(?=\d)", "−", text)


def is_same(energy: float, best: Reference) -> bool:
    """Whether an energy is that of a published minimum, to the last but one of its digits."""
    return abs(energy - best.value) <= 20 * best.floor


def endpoint_checks(
    system: System,
    end: Endpoint,
    best: Reference | None,
    *,
    symmetry: str = "",
    above: str = "the best known minimum",
    why: str = "no table of minima holds this system",
    unit: str = "",
    spread: float = math.inf,
    at_random: bool = False,
) -> list[Check]:
    """Two rows: the energy above the lowest known one, and whether the end is a minimum.

    symmetry: a phrase for the cause of flat directions; by default the motions of free or constrained particles. above:
    a phrase for what the energy is compared with. why: why there is no reference, where `best` is None. spread: how far
    above the lowest energy, relative to it, other minima are known; a higher energy is an error even at a minimum.
    at_random: whether the start was drawn at random; a saddle is then an error: only symmetric starts lead to one.
    """
    moves = unfinished(end)
    energy = _energy_row(end, best, moves, f"energy above {above}", why, unit, spread, at_random)
    return [energy, _minimum_row(system, end, moves, symmetry, at_random)]


def unfinished(end: Endpoint) -> str:
    """Why the end of a run cannot be compared with a minimum; "" where it can."""
    if end.certificate is not None:
        return ""
    if not (np.isfinite(end.force) and np.isfinite(end.energy)):
        return "no finite energy is left"
    if end.disconnected:
        return "some particles are out of the others' reach"
    if end.force <= INSIDE_BOWL:
        return f"not at rest: a force of {number(end.force, digits=2)} is left, and no minimum is near"
    return f"not at rest: the largest force is {number(end.force, digits=2)}"


def _energy_row(
    end: Endpoint, best: Reference | None, moves: str, name: str, why: str, unit: str, spread: float, at_random: bool
) -> Check:
    if best is None:
        energy = end.energy if math.isfinite(end.energy) else math.inf
        return Check("energy of the end", energy, None, unit=unit, why=why, incomparable=moves)
    gap, explained = end.energy - best.value, ""
    if end.certificate is not None and 0 < gap <= spread * abs(best.value):
        if end.certificate.is_minimum:
            explained = "a minimum, but not the lowest"
        elif end.certificate.negative and end.certificate.flat == end.certificate.expected and not at_random:
            explained = "a saddle, where no force is left"
    floor = 1.01 * best.floor
    return Check(
        name,
        gap if math.isfinite(gap) else math.inf,
        0.0,
        floor=floor,
        unit=unit,
        source=f"{number(best.value, max(0, round(-np.log10(2 * best.floor))) if best.floor else None)}: {best.source}",
        note="below zero: a new record, or an error",
        incomparable=moves,
        explained=explained,
    )


def _minimum_row(system: System, end: Endpoint, moves: str, symmetry: str, at_random: bool) -> Check:
    """The row of the number of ways to move without raising the energy, by the Hessian: at a minimum only those that
    change no distance."""
    found, count, note = end.certificate, math.inf, ""
    if found is None and np.isfinite(end.force):  # certify the last state, although it is not at rest
        found = certify(system, end.state)
    if found is not None:
        count = float(found.flat + found.negative)
        soft = number(found.softest, digits=3) if np.isfinite(found.softest) else ""
        note = f"{found.flat} keep it and {found.negative} lower it" + (
            f"; the softest of the others has curvature {soft}" if soft else ""
        )
    saddle = found is not None and found.negative > 0 and found.flat == system.flat and not at_random
    return Check(
        "ways to move without raising the energy",
        count,
        float(system.flat),
        source=symmetry or ("moving and turning the whole" if system.project is None else "turning the whole"),
        note=note,
        incomparable=moves,
        explained="a saddle: the flow stops where no force is left" if saddle else "",
    )


def endpoint_notes(end: Endpoint, best: Reference | None, name: str = "It") -> list[str]:
    """Notes on how a run ended: at rest or not, and how far from the best known energy."""
    if end.certificate is None:
        if not np.isfinite(end.force):
            return []
        if end.disconnected:
            return [
                typographic_minus(
                    f"{name} left particles out of each other's reach: at energy {end.energy:.2g} hardly a "
                    "force is left."
                )
            ]
        if end.force <= INSIDE_BOWL:
            return [f"{name} has hardly a force left, {end.force:.2g}, but is not in the bowl of a minimum yet."]
        return [f"{name} has not come to rest: the largest force is {end.force:.2g}."]
    notes = [
        f"{name} ended in {end.certificate}"
        + (
            f" (the run stopped at a force of {end.force:.1e}, Newton's method finished it)."
            if end.force > TOLERANCE
            else f": the stop criterion of {TOLERANCE:.0e} is met."
        )
    ]
    if best is not None:
        gap = end.energy - best.value
        known = typographic_minus(f"the best known{' minimum' if is_same(end.energy, best) else ''}, {best.value:.12g}")
        if is_same(end.energy, best):
            notes.append(f"This is {known}.")
        else:
            notes.append(
                f"A minimum {gap:.3g} above {known}: one of very many."
                if end.certificate.is_minimum
                else f"It lies {gap:.3g} above {known}."
            )
    return notes
