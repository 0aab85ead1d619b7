"""Langevin annealing of particles: the same starts cooled slowly and minimized at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.numbers import counted, number
from demos.common.progress import Progress, part
from demos.common.schedules import Cooling
from demos.common.statistics import wilson_interval
from demos.contract import Check, State
from demos.contract.charts import Chart
from demos.physics.bench.annealing import Annealing, anneal
from demos.physics.bench.certificate import certify
from demos.physics.bench.endpoint import (
    SAME_MINIMUM,
    Endpoint,
    endpoint_checks,
    endpoint_notes,
    endpoint_of,
    is_same,
    typographic_minus,
)
from demos.physics.bench.flow_checks import work_check
from demos.physics.bench.headlines import end_words
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.own_energy import own_energy_check
from demos.physics.bench.quench import quench
from demos.physics.bench.system import Reference, System

FRICTION = 1.0  # of the walks with momenta, see `anneal`
INDEPENDENT = 3.0  # frames that are used for the temperature are at least so many relaxation times apart
MOST_LATE = 0.3  # largest cooling rate over friction: beyond, the momenta lag more than first order in the rate says
MOST_ERROR = 0.25  # relative error of the momenta's temperature at h = 1/√L, half the stability limit of a spring
FREE = 0.01  # relative uncertainty of the lag, because atoms are neither free nor on springs
COLD_FRAMES = 12  # frames of the final minimization
FINAL_ENERGIES = Chart(
    "ends",
    "Where the walks ended",
    "left",
    "y",
    "energy of the minimum",
    "walks",
    "The same starts cooled slowly and minimized at once: cooling finds deeper minima.",
    kind="bars",
)


@dataclass(frozen=True)
class Frozen:
    """The walk with the lowest final energy as frames: states (F, N, 3), times, kT and energies (F,), captions; its
    minimum `end` (N, 3); checks, notes, warnings and headline; the table of the final energies of all walks."""

    states: np.ndarray
    times: np.ndarray
    kT: np.ndarray
    energies: np.ndarray
    captions: tuple[str, ...]
    end: Tensor
    checks: tuple[Check, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    table: pd.DataFrame
    headline: str


def freeze(config: Any, system: System, start: Tensor, method: str, progress: Progress | None, **rows: Any) -> Frozen:
    """Anneal start (walks, N, 3). rows: arguments of `endpoint_checks`. Raises ValueError where every walk diverges."""
    found = anneal(
        system,
        start,
        hot=config.hot,
        cold=config.cold,
        duration=config.duration,
        step=config.step,
        method=method,
        seed=config.seed,
        record=100,
        progress=progress,
    )
    cooled, at_once = found.energies.numpy(), _at_once(system, start, progress)
    if not np.isfinite(cooled).any():
        raise ValueError(f"No walk survived the step {config.step:g} at kT = {config.hot:g}: take a smaller step.")
    walk, best = int(np.nanargmin(cooled)), system.ground_state
    end = endpoint_of(system, found.minima[walk])
    target = best or Reference("energy", float(np.nanmin(cooled)), "", floor=SAME_MINIMUM / 20)
    notes = [*endpoint_notes(end, best, "The best walk"), _comparison_note(cooled, at_once, target)]
    warnings = (f"Langevin dynamics {found.path.status.message}.",) if found.path.status.diverged else ()
    states = found.path.states[:, walk]
    finite = states[torch.isfinite(states).flatten(1).all(1)]
    energy, minimum = endpoint_checks(system, end, best, **rows)
    heat = _temperature_rows(config, system, found, found.minima[walk])
    fall = torch.stack((states[-1], found.minima[walk]))  # short enough for the work on a straight line
    work = work_check(system, fall, "" if torch.isfinite(fall).all() else "the walk is lost")
    froze = _froze_row(cooled, at_once, target)
    frames, times, kT, energies, captions = _frames(config, system, found, walk)
    own = _own_rows(system, found, walk, energies)
    checks = (energy, froze, *heat, minimum, work, *own, *invariant_checks(system, finite[:, None]))
    table = _final_energies_table(cooled, at_once)
    headline = _headline(found, end, best, cooled, at_once, heat)
    minimum_state = found.minima[walk]
    return Frozen(frames, times, kT, energies, captions, minimum_state, checks, tuple(notes), warnings, table, headline)


def _headline(
    found: Annealing,
    end: Endpoint,
    best: Reference | None,
    cooled: np.ndarray,
    at_once: np.ndarray,
    heat: list[Check],
) -> str:
    """The headline: how many walks ended in the best known minimum, and how many when minimized without annealing."""
    lost, walks = int((~np.isfinite(cooled)).sum()), counted(len(cooled), "walk")
    if found.path.status.diverged or lost:
        return f"Too large a step: {max(lost, 1)} of {walks} are lost, and {end_words(end, best).lower()}."
    wrong = next((row for row in heat if row.state in (State.DIFFERS, State.NOT_COMPARABLE)), None)
    if wrong is not None:
        why = wrong.incomparable or f"the atoms are {number(wrong.measured, digits=2)} times as hot as the bath"
        return f"The cooling itself cannot be trusted: {why}. {end_words(end, best)}: the lowest of {walks}."
    if best is None or end.certificate is None or not is_same(end.energy, best):
        return f"{end_words(end, best)}: the lowest of {walks}."
    hits, fallen = (sum(is_same(energy, best) for energy in energies) for energies in (cooled, at_once))
    return (
        f"Cooled slowly, {hits} of {len(cooled)} freeze into the best known minimum, "
        f"E = {number(best.value, digits=6)}; minimized at once, {fallen}."
    )


def _froze_row(cooled: np.ndarray, at_once: np.ndarray, target: Reference) -> Check:
    """The row of the number of walks that ended in the best known minimum, or else in the lowest one found. There is no
    theory for that number."""
    hits, fallen = (sum(is_same(energy, target) for energy in energies) for energies in (cooled, at_once))
    return Check(
        "runs that froze into it" if target.source else "runs that froze into their lowest",
        float(hits),
        None,
        unit=f"of {len(cooled)}",
        why="the share depends on how slowly they are cooled",
        note=f"minimized at once: {fallen} of {len(at_once)}",
    )


def _temperature_rows(config: Any, system: System, found: Annealing, minimum: Tensor) -> list[Check]:
    """The row of the kinetic temperature against that of the schedule, over all walks and some independent frames.

    Momenta lag behind a bath that cools at a rate r: by r/2γ if they are free, by r/γ if they exchange heat with
    springs. Atoms are between the two. The floor is the error of BAOAB's kinetic temperature at this step, h²L/4.
    """
    if found.path.momenta is None:
        return []
    times, cooling = found.path.times.numpy(), Cooling("exponential", config.hot, config.cold, config.duration)
    apart = max(1, int(np.ceil(INDEPENDENT / FRICTION / max(times[1] - times[0], 1e-300))))
    chosen = np.arange(len(times) - 1, 0, -apart)
    kT = np.array([float(cooling(times[i])) for i in chosen])
    square = found.path.momenta[chosen].square().flatten(2).mean(2).numpy() / kT[:, None]  # (frames, walks)
    late = float(np.log(config.hot / config.cold)) / config.duration / FRICTION
    reason = "" if late < MOST_LATE else "it is cooled faster than its heat can leave"
    free, bound = (1 / (1 - min(late, MOST_LATE) / shared) for shared in (2, 1))
    stiff = float(certify(system, minimum).eigenvalues[-1]) if torch.isfinite(minimum).all() else np.inf
    error = config.step**2 * stiff / 4
    if error > MOST_ERROR:
        reason = (
            f"the step {config.step:g} is too large for the stiffest springs, which need one below {stiff**-0.5:.2g}"
        )
    return [
        Check(
            "temperature of the particles over the bath's",
            float(square.mean()) if np.isfinite(square).all() else np.inf,
            1.0,
            uncertainty=float(np.sqrt(2 / (square.size * found.path.momenta[0, 0].numel()))),
            floor=FREE + min(1.0, error),
            source="equipartition: ⟨p²⟩ = kT",
            predicted=(free + bound) / 2,
            predicted_error=(bound - free) / 12**0.5,
            predicted_by="this rate of cooling",
            note="momenta of all walks in independent frames",
            incomparable="some walks are lost" if not np.isfinite(square).all() else reason,
        )
    ]


def _own_rows(system: System, found: Annealing, walk: int, shown: np.ndarray) -> list[Check]:
    """The row of the energies that the picture shows of a walk and of its minimum, by other code; none for a system
    without it."""
    if system.own_energy is None:
        return []
    states = torch.cat((found.path.states[:, walk], found.minima[None, walk])).numpy()
    return [own_energy_check(system.own_energy, states, np.r_[shown[: len(states) - 1], shown[-1]])]


def _at_once(system: System, start: Tensor, progress: Progress | None) -> np.ndarray:
    """(walks,) the energies of the minima below the starts"""
    return quench(system, start, progress=part(progress, 1.0, 1.0, share=0.0)).energies[-1].numpy()


def _frames(
    config: Any, system: System, found: Annealing, walk: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, tuple[str, ...]]:
    """The walk and then its minimization, as frames: states (F, N, 3), times, kT, energies (F,) and captions."""
    states, last = found.path.states[:, walk].numpy(), found.minima[walk].numpy()
    if system.project is None:  # a free cluster drifts and rotates; only the drift is subtracted
        states, last = states - states.mean(1, keepdims=True), last - last.mean(0)
    share = np.linspace(0, 1, COLD_FRAMES + 1)[1:]
    states = np.concatenate((states, states[-1] + share[:, None, None] * (last - states[-1])))
    times, cooling = found.path.times.numpy(), Cooling("exponential", config.hot, config.cold, config.duration)
    hot = np.array([cooling(t) for t in times])
    cold = np.linspace(float(found.path.energies[-1, walk]), float(found.energies[walk]), COLD_FRAMES + 1)[1:]
    captions = [f"kT = {value:.3f}" for value in hot] + ["minimized"] * COLD_FRAMES
    return (
        states,
        np.r_[times, times[-1] * (1 + 0.06 * share)],
        np.r_[hot, np.zeros(COLD_FRAMES)],
        np.r_[found.path.energies[:, walk].numpy(), cold],
        tuple(captions),
    )


def _comparison_note(cooled: np.ndarray, at_once: np.ndarray, target: Reference) -> str:
    parts = []
    for name, energies in (("Cooled slowly", cooled), ("minimized at once", at_once)):
        hits = sum(is_same(energy, target) for energy in energies)
        low, high = wilson_interval(hits, len(energies))
        parts.append(
            f"{name}, {hits} of {counted(len(energies), 'walk')} end at {target.value:.6f} (95 %: "
            f"{low:.0%}–{high:.0%}) "
            f"at a mean energy of {np.nanmean(energies):.4f}"
        )
    return typographic_minus("; ".join(parts) + ".")


def _final_energies_table(cooled: np.ndarray, at_once: np.ndarray) -> pd.DataFrame:
    """Histograms of the energies that walks ended in: series, left, right, y (walks)."""
    both = np.r_[cooled, at_once]
    both = both[np.isfinite(both)]
    room = 0.05 * max(float(np.ptp(both)), 1e-6 * abs(float(both[0])))
    edges = np.linspace(both.min() - room, both.max() + room, 31)
    rows = [
        pd.DataFrame(
            {
                "series": series,
                "left": edges[:-1],
                "right": edges[1:],
                "y": np.histogram(energies[np.isfinite(energies)], edges)[0],
            }
        )
        for series, energies in (("cooled slowly", cooled), ("minimized at once", at_once))
    ]
    return pd.concat(rows, ignore_index=True)
