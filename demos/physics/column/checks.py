"""Checks of a column against theory: deflection at rest, energy if it hangs, growth rate of its first mode."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np
import torch

from demos.common.numbers import number
from demos.contract import Check
from demos.gradient_flow import METHODS
from demos.physics.bench.config import method_label
from demos.physics.bench.endpoint import Endpoint
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.rods import rest_rows, trouble
from demos.physics.bench.system import Reference, System
from demos.physics.column.config import ColumnConfig
from demos.physics.column.model import deflection, measured_load
from demos.physics.column.reference import EULER, elastica_deflection, hencky_load, polygon

SMALL = 0.05  # rad: largest angle at which linear theory holds
CLOSE = 1e-6  # relative error of a deflection from shooting
UNSEEN = 0.2  # relative tolerance of a rate above which its row is left out, because it would test nothing
FIRST = "growth of the first mode"


def height(angles: torch.Tensor) -> float:
    """The height of the loaded end over the pin, in lengths of the column, for the angles (N,) of its links."""
    return float(angles.cos().mean())


def is_upright(end: Endpoint) -> bool:
    """Whether the loaded end is still above the pin; loads above 1.8π² or long steps can swing a column round."""
    return height(end.state) > 0


def rest_checks(config: ColumnConfig, system: System, end: Endpoint, unrest: str) -> list[Check]:
    """The rows of a column at rest: its deflection, or its position and energy if it hangs from its pin.

    unrest: why it is not at rest, or "".
    """
    if not is_upright(end) and not unrest:
        return hanging_checks(config, system, end)
    if config.start == "straight":
        stands = Reference("energy", config.force, "the straight column: P", floor=1e-12 * max(1.0, config.force))
        return [straight_check(config, end, unrest), rest_rows(system, end, stands, "the straight column")[0]]
    energy, minimum = rest_rows(system, end, system.references[0], "the rest")
    return [bending_check(config, end, unrest), minimum, energy]


def bending_check(config: ColumnConfig, end: Endpoint, unrest: str) -> Check:
    """The row of the deflection of the middle against a smooth rod (Euler's elastica); for N links it is predicted."""
    links, load = config.links, config.force
    return Check(
        "bent aside",
        abs(float(deflection(end.state[None])[0])),
        elastica_deflection(load),
        predicted=polygon_deflection(links, load),
        predicted_by=f"a polygon of {links} links",
        floor=CLOSE,
        unit="L",
        source="Euler's elastica: 2k/√P, P = (2K(k))²; the polygon by shooting",
        note="links bend like a smooth rod as N⁻²",
        incomparable=unrest,
    )


def straight_check(config: ColumnConfig, end: Endpoint, unrest: str) -> Check:
    """The row of the number of negative eigenvalues of an exactly straight column: the number of buckling modes."""
    modes = 4 * config.links**2 * np.sin(np.pi * np.arange(1, config.links) / (2 * config.links)) ** 2
    return Check(
        "modes that give way",
        float("nan") if end.certificate is None else end.certificate.negative,
        int((modes < config.force).sum()),
        source="modes with 4N² sin²(jπ/2N) < P",
        incomparable=unrest,
    )


def hanging_checks(config: ColumnConfig, system: System, end: Endpoint) -> list[Check]:
    """The rows of a column that has swung round and hangs straight below its pin, where no exact flow would lead."""
    links, load = config.links, config.force
    upright = float(np.cos(polygon(links, load)).mean())
    name = method_label(config.method)
    why = (
        f"the jumps of {name} need not follow the flow"
        if config.optimizes
        else "steps this long need not follow the flow"
    )
    hangs = Reference("energy", -load, "hanging straight: −P", floor=1e-9)
    energy, minimum = rest_rows(system, end, hangs, "hanging straight")
    return [
        Check(
            "height of the loaded end",
            height(end.state),
            upright,
            floor=CLOSE,
            unit="L",
            predicted=-1.0,
            predicted_by="hanging from the pin",
            source="where the flow would end: the bent polygon, by shooting",
            note=why,
        ),
        energy,
        minimum,
    ]


def polygon_deflection(links: int, load: float) -> float:
    """The deflection of the middle of N links in equilibrium, by shooting."""
    return abs(float(deflection(torch.from_numpy(polygon(links, load))[None])[0]))


def load_check(config: ColumnConfig) -> Check:
    """A self-test: the load at which the straight column becomes unstable, by bisection on its Hessian."""
    return Check(
        "buckling load",
        measured_load(config.links) / EULER,
        hencky_load(config.links) / EULER,
        floor=1e-9,
        unit="π² EI/L²",
        source="4N² sin²(π/2N), Hencky 1920",
        about="code",
    )


def rate_checks(config: ColumnConfig, run: MethodRun) -> list[Check]:
    """The row of the growth rate of the first mode at small angles: (P − P_H)/N; for explicit Euler the prediction is a
    factor 1 + h(P − P_H)/N per step.

    It is measured over the longest stretch of the path in which the first mode dominates and angles are small. The
    floor is the relative error of linear theory (θ³/6 in sin θ, θ²/2 in cos θ) plus the tolerance of the steps. No row
    for an optimizer, and none where linear theory holds on no stretch of the path.
    """
    links, load = config.links, config.force
    if run.balance is None or config.start == "straight" or run.status.diverged:
        return []
    rate = (load - hencky_load(links)) / links
    mode = torch.cos(torch.pi * (torch.arange(links, dtype=torch.float64) + 0.5) / links) * (2 / links) ** 0.5
    sizes, shares = run.states.norm(dim=1).numpy(), (run.states @ mode).abs().numpy()
    largest, times = run.states.abs().amax(1).numpy(), run.path.times.numpy()
    linear = np.flatnonzero((largest <= SMALL) & (shares >= 0.9 * sizes) & (shares >= 0.1 * shares[0]))
    linear = max(np.split(linear, np.flatnonzero(np.diff(linear) > 1) + 1), key=len)
    if len(linear) < 3:
        return []
    span = float(times[linear[-1]] - times[linear[0]])
    measured = float(np.log(shares[linear[-1]] / shares[linear[0]])) / span
    worst = float((largest**2 * sizes / shares)[linear].max())
    adapts = METHODS[run.method].adaptive is not None
    steps = len(linear) * run.rtol * links**0.5 / float(shares[linear].min()) if adapts else 0.0
    floor = 0.5 * load / links * worst + steps / span + 1e-12
    euler = None if adapts else float(np.log(abs(1 + run.step * rate))) / run.step
    return [
        Check(
            FIRST,
            measured,
            rate if floor <= UNSEEN * abs(rate) else None,
            floor=floor,
            predicted=euler if floor <= UNSEEN * abs(rate) else None,
            predicted_by="this step",
            source="linear theory: (P − P_H)/N",
            note="while all angles are below 0.05",
            why="so near the load angles are never small enough for linear theory",
        )
    ]


def headline(config: ColumnConfig, rows: Sequence[Check]) -> str:
    """The headline: whether the column stands, bends or hangs, and by how much."""
    if words := trouble(rows):
        return words
    first, load, critical = rows[0], config.force, hencky_load(config.links)
    above = 100 * (load / critical - 1)
    side = f"{number(abs(above), digits=2)} % {'above' if above > 0 else 'below'} the load at which it buckles"
    if first.name.startswith("modes"):
        gives = "no mode gives way" if not first.measured else "but nothing has pushed it aside yet"
        return f"Exactly straight, {side}: {gives}."
    if first.name.startswith("height"):
        return f"It hangs from its pin, where no flow would go: a flow leaves the end {number(first.truth or 0)} L up."
    if load <= critical:
        growth = next((row for row in rows if row.name == FIRST and row.measured < 0), None)
        halves = f"; the bend halves in a time of {number(log(2) / -growth.measured)}" if growth else ""
        return f"It straightens: {side}{halves}."
    truth, bent = first.truth or 0.0, f"{number(first.measured)} L aside, {side}"
    if not truth:
        return f"It bends {bent}; a smooth rod would still stand."
    more = 100 * (truth / first.measured - 1)
    than = f"{number(abs(more), digits=2)} % {'more' if more > 0 else 'less'}"
    return f"It bends {bent}; a smooth rod bends {number(truth)} L, {than}."
