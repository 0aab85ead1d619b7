"""The minima in which optimizers and methods of the flow end from the same starts: an optimizer is not the flow.

Asenjo, Stevenson, Wales & Frenkel, J. Phys. Chem. B 117 (2013) 12717: basins of attraction are defined by the flow, and
those of optimizers differ from them. Suryadevara, Casiulis & Martiniani, arXiv:2409.12113: a stiff integrator finds the
basin of a start with the least work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.progress import Progress, part
from demos.common.statistics import wilson_interval
from demos.gradient_flow import METHODS, solve
from demos.physics.bench.endpoint import INSIDE_BOWL, SAME_MINIMUM
from demos.physics.bench.quench import quench
from demos.physics.bench.system import System

EXACT_FLOW, EXACT_RTOL = "bdf", 1e-7


@dataclass(frozen=True)
class Destinations:
    """The ends of a method from B starts: energies (B,) of the minima, positions (B, *shape), gradient evaluations (B,)
    (those of the slowest start where all run at once), and whether it converged (B,). stopped: whether the caller
    cancelled; B is then the number of starts done."""

    method: str
    energies: np.ndarray
    positions: Tensor
    evaluations: np.ndarray
    converged: np.ndarray
    stopped: bool = False


def destinations(
    system: System, start: Tensor, method: str, *, rtol: float = 1e-5, progress: Progress | None = None
) -> Destinations:
    """Follow `method` from each start (B, *shape) to rest.

    An optimizer runs all starts at once. A method of the flow runs one after the other, so that each has its own
    steps, until the largest force is 1e-3. From there every method finds the same minimum, and Newton's method is used.
    """
    stopped = False
    if METHODS[method].family == "optimizer":
        path = quench(system, start, method, progress=progress)
        stopped = path.status.kind == "cancelled"
        evaluations = np.full(len(start), path.evaluations)
        finals = path.states[-1]
    else:
        flow, latest, evaluations, reached = system.flow(), 100 * system.duration, [], []
        times = [0.0, latest] if METHODS[method].adaptive else np.r_[0.0, np.geomspace(1e-6 * latest, latest, 600)]
        for i in range(len(start)):
            path = solve(
                flow,
                start[i : i + 1],
                times,
                method,
                rtol=rtol,
                atol=rtol,
                tolerance=INSIDE_BOWL,
                record=2,
                progress=part(progress, i, len(start)),
            )
            evaluations.append(path.evaluations)
            reached.append(path.states[-1])
            stopped = path.status.kind == "cancelled"
            if stopped or (stopped := progress is not None and progress((i + 1) / len(start)) is False):
                break
        finals = quench(system, torch.cat(reached)).states[-1]
        evaluations = np.array(evaluations)
    converged = (system.force(finals) <= 1e-8).numpy()
    return Destinations(method, system.energy(finals).numpy(), finals, evaluations, converged, stopped)


def agreement(
    system: System, start: Tensor, methods: Sequence[str], *, rtol: float = 1e-5, progress: Progress | None = None
) -> pd.DataFrame:
    """How often each method ends in the minimum of the exact flow (BDF at 1e-7) from the same starts.

    One row per method, the flow first: method, starts, same (number of ends in the flow's minimum), share with its 95 %
    interval low–high, evaluations (median of gradients a start), energy (mean of the minima). Starts from which the
    flow itself did not converge are left out. A cancelled call has fewer rows.
    """
    names, rows, exact = [EXACT_FLOW, *methods], [], None
    for i, name in enumerate(names):
        used_rtol = EXACT_RTOL if exact is None else rtol
        found = destinations(system, start, name, rtol=used_rtol, progress=part(progress, i, len(names)))
        if found.stopped:
            break
        exact = exact or found
        known = exact.converged
        alike = known & found.converged & (np.abs(found.energies - exact.energies) < SAME_MINIMUM)
        same, starts = int(alike.sum()), int(known.sum())
        low, high = wilson_interval(same, starts)
        used = np.nan if METHODS[name].family == "optimizer" else EXACT_RTOL if i == 0 else rtol
        rows.append(
            {
                "method": name,
                "rtol": used,
                "starts": starts,
                "same": same,
                "share": same / max(1, starts),
                "low": low,
                "high": high,
                "evaluations": float(np.median(found.evaluations)),
                "energy": float(found.energies.mean()),
            }
        )
    return pd.DataFrame(rows)
