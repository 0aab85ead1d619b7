"""Where a run of particles ended: finished by Newton's method where it is inside a bowl, certified, and compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.demo import Check
from demos.gradient_flow import METHODS, solve
from demos.physics.basins import HANDOVER, SAME
from demos.physics.certificate import Certificate, certify
from demos.physics.quench import TOLERANCE, quench
from demos.physics.show.trace import Followed
from demos.physics.system import Reference, System

IDENTITY_FLOORS = {"rkc": 1e-3, "bdf": 1e-3, "lsoda": 1e-3, "dopri5": 1e-2}
"""Dormand–Prince, whose steps only stability limits, trembles at rest, and the dissipation of that is counted too."""
SHAKE = 1e-6  # from a minimum, to see how an error grows


@dataclass(frozen=True)
class End:
    """state (*shape): the minimum, or, where the run had not come to rest, the last state. force: the largest where
    the run itself ended. certificate: of the minimum; None where the run had not come to rest."""

    state: Tensor
    energy: float
    force: float
    certificate: Certificate | None


def end_of(system: System, state: Tensor) -> End:
    """Inside the bowl of its minimum, below a force of 1e-3, every method agrees, and Newton's may finish it."""
    force = float(system.force(state[None])[0])
    if not force <= HANDOVER:
        return End(state, float(system.energy(state[None])[0]), force, None)
    done = state if force <= TOLERANCE else quench(system, state[None], steps=200).states[-1, 0]
    certificate = certify(system, done)
    return End(done, certificate.energy, force, certificate)


def end_checks(system: System, end: End, best: Reference | None) -> list[Check]:
    """The certificate, and the energy beside the best known one: equal to it, or at least never below."""
    found = []
    if best is not None and np.isfinite(end.energy):
        reached = end.certificate is not None and abs(end.energy - best.value) <= SAME
        if reached:
            found.append(Check("energy", end.energy, best.value, floor=best.floor * 1.01, source=best.source))
        else:
            found.append(Check("energy below the best known", max(0.0, best.value - end.energy), 0.0,
                               floor=best.floor * 1.01, source=best.source, note="a new record, or an error"))
    if end.certificate is not None:
        kind = "translations and rotations" if system.project is None else "rotations"
        found += [Check("flat directions at the end", end.certificate.flat, end.certificate.expected, source=kind),
                  Check("ways down from the end", end.certificate.negative, 0, source="Hessian's spectrum")]
    return found


def end_notes(end: End, best: Reference | None, words: str = "It") -> list[str]:
    """How it ended, in words: at rest or not, and how far from the best known energy."""
    if end.certificate is None:
        if not np.isfinite(end.force):
            return []
        return [f"{words} has not come to rest: the largest force is {end.force:.2g}, its minimum is still ahead."]
    notes = [f"{words} ended in {end.certificate}" + (
        f" (the run stopped at a force of {end.force:.1e}, Newton's method finished it)." if end.force > TOLERANCE
        else f": the stop criterion of {TOLERANCE:.0e} is met.")]
    if best is not None:
        gap = end.energy - best.value
        notes.append(f"This is the best known minimum, {best.value:g}." if abs(gap) <= SAME else
                     f"A minimum {gap:.3g} above the best known, {best.value:g}: one of very many.")
    return notes


def flow_checks(run: Followed) -> list[Check]:
    """What a method of the flow must keep: the dissipation identity, or its own inequality."""
    if run.books is None or run.status.diverged:
        return []
    if run.method in IDENTITY_FLOORS:
        return [run.books.check(IDENTITY_FLOORS[run.method])]
    if run.method == "implicit_euler":
        return [_minimizing_movement(run)]
    return []


def flow_notes(run: Followed) -> list[str]:
    if run.books is None or run.method in IDENTITY_FLOORS or run.status.diverged:
        return []
    share = float(run.books.residual[-1, 0])
    if abs(share) > 1:
        return [f"Steps of {run.step:g} are too long for the first instants: the dissipation identity fails on them."]
    return [f"The dissipation identity misses {abs(share):.1%} of the fall: what steps of {run.step:g} lose of the "
            "flow's clock."]


def limit(system: System, minimum: Tensor, method: str) -> tuple[float, float]:
    """L, the largest curvature at a minimum (*shape), and the largest stable step of a method there (inf: any)."""
    hessian = system.hessian(minimum[None])
    if system.project is not None:
        hessian = system.project.hessian(minimum[None], system.gradient(minimum[None]), hessian)
    curvature = float(np.linalg.eigvalsh(hessian[0].numpy())[-1])
    return curvature, METHODS[method].step_limit(curvature)


def nearest_minimum(system: System, run: Followed) -> Tensor:
    """(*shape) the minimum below the last state of a run from which one can be reached."""
    states = run.states[torch.isfinite(run.states).flatten(1).all(1)]
    forces = system.force(states)
    calm = torch.nonzero(forces <= 1e6).flatten()
    last = states[calm[-1]] if len(calm) else states[0]
    return quench(system, last[None], steps=3_000).states[-1, 0]


def growth_check(system: System, minimum: Tensor, step: float) -> Check | None:
    """Explicit Euler multiplies an error along the stiffest direction by 1 − hL in each step; measured at a minimum.

    None where there is a constraint set, on which the stiffest direction bends.
    """
    if system.project is not None:
        return None
    values, vectors = np.linalg.eigh(system.hessian(minimum[None])[0].numpy())
    direction = torch.from_numpy(vectors[:, -1]).reshape(system.shape)
    exact = 1 - step * float(values[-1])
    path = solve(system.flow(), (minimum + SHAKE * direction)[None], [0.0, step], "euler", record=2)
    before, after = ((path.states[:, 0] - minimum) * direction).sum((1, 2)).tolist()
    return Check("an error's growth in one step", after / before, exact, floor=1e-3 * max(1.0, abs(exact)),
                 source="1 − hL at the minimum", note="its size above 1 is what instability means")


def stability_warning(method: str, step: float, curvature: float, largest: float) -> str | None:
    """One sentence where the step is beyond the limit at the minimum."""
    if step <= largest:
        return None
    words = METHODS[method].limit_words or "2/L"
    return (f"The step {step:g} is {step / largest:.2g} × the stability limit {words} = {largest:.3g} "
            f"(L = {curvature:.3g} at the minimum below).")


def _minimizing_movement(run: Followed) -> Check:
    """E(x⁺) + |x⁺ − x|²/2h ≤ E(x), step by step: what makes implicit Euler a minimizing movement."""
    x, h = run.states, run.path.times.diff().numpy()
    energies, moved = run.energies, (x[1:] - x[:-1]).flatten(1).square().sum(1).numpy()
    single = np.isclose(h, run.step, rtol=1e-6)
    excess = (energies[1:] + moved / (2 * h) - energies[:-1])[single]
    return Check("E(x⁺) + |x⁺ − x|²/2h − E(x), at most", float(max(0.0, excess.max(initial=0.0))), 0.0, floor=1e-9,
                 source="minimizing movement (De Giorgi)", note="every step must pay for its length")
