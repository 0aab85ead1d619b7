"""A column beside theory: its shape and energy at rest, the load at which it buckles, the rate of its first mode."""

from __future__ import annotations

import numpy as np
import torch

from demos.contract import Check
from demos.physics.bench.endpoint import Endpoint, endpoint_checks
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.system import System
from demos.physics.column.config import ColumnConfig
from demos.physics.column.model import deflection, measured_load
from demos.physics.column.reference import EULER, elastica_deflection, hencky_load, polygon

HELD = "its ends are held"  # why no direction is flat
SMALL = 0.05  # rad: angles at which a column still moves as linear theory says
CLOSE = 1e-6  # of a deflection, from the shooting
MANY = 400  # links, at least, of the polygon that stands for a smooth column


def is_upright(end: Endpoint) -> bool:
    """Whether the loaded end is still above the pin: past 1.8π², and by jumps, a column can swing round."""
    return float(end.state.cos().sum()) > 0


def rest_checks(config: ColumnConfig, system: System, end: Endpoint) -> list[Check]:
    """The energy and the Hessian's spectrum at the end; the straight column has as many ways down as modes give way."""
    load = config.force
    if not is_upright(end):
        return endpoint_checks(system, end, None, symmetry=HELD)
    if config.start == "straight" and end.certificate is not None:
        modes = 4 * config.links**2 * np.sin(np.pi * np.arange(1, config.links) / (2 * config.links)) ** 2
        return [
            Check("energy", end.energy, load, floor=1e-12 * max(1.0, load), source="the straight column: P"),
            Check(
                "ways down from the end",
                end.certificate.negative,
                int((modes < load).sum()),
                source="modes with 4N² sin²(jπ/2N) < P",
            ),
        ]
    if end.certificate is None:  # still on its way from the straight line
        return []
    return endpoint_checks(system, end, system.ground_state, symmetry=HELD)


def shape_checks(config: ColumnConfig, end: Endpoint) -> list[Check]:
    """The deflection at rest beside the polygon that shooting finds, and beside the smooth column's elastica.

    The floor of the latter is the polygon's own distance from it, by shooting with N and with many more links (as many,
    even or odd), whose distances are as N⁻²; 5 % of it is what the next order adds at 1.0001 times Euler's load.
    """
    if end.certificate is None or config.start == "straight" or not is_upright(end):
        return []
    load, links = config.force, config.links
    measured, exact = abs(float(deflection(end.state[None])[0])), _polygon_deflection(links, load)
    results = [Check("deflection", measured, exact, floor=CLOSE, unit="L", source="polygon of N links, by shooting")]
    more = max(8 * links, MANY) // 2 * 2 + links % 2
    distance = abs(exact - _polygon_deflection(more, load)) / (1 - (links / more) ** 2)
    if load > EULER:
        results.append(
            Check(
                "deflection, smooth column",
                measured,
                elastica_deflection(load),
                floor=1.05 * distance + CLOSE,
                unit="L",
                source="elastica: 2k/√P, P = (2K(k))²",
                note="links bend like a rod as N⁻²",
            )
        )
    return results


def _polygon_deflection(links: int, load: float) -> float:
    return abs(float(deflection(torch.from_numpy(polygon(links, load))[None])[0]))


def load_check(config: ColumnConfig) -> Check:
    """Where the softest mode of the straight column gives way, by bisection on its Hessian."""
    return Check(
        "buckling load",
        measured_load(config.links) / EULER,
        hencky_load(config.links) / EULER,
        floor=1e-9,
        unit="π² EI/L²",
        source="4N² sin²(π/2N), Hencky 1920",
    )


def rate_checks(config: ColumnConfig, run: MethodRun) -> list[Check]:
    """How fast the first mode grows or decays: (P − P_H)/N, while it is most of what is there and all angles are small.
    sin θ differs from θ by θ³/6, and cos θ from 1 by θ²/2: the floor is their share of the load's push, and the
    tolerance of every step."""
    links, load = config.links, config.force
    if run.balance is None or config.start == "straight" or run.method == "euler":
        return []
    mode = torch.cos(torch.pi * (torch.arange(links, dtype=torch.float64) + 0.5) / links) * (2 / links) ** 0.5
    sizes, shares = run.states.norm(dim=1).numpy(), (run.states @ mode).abs().numpy()
    largest = run.states.abs().amax(1).numpy()
    linear = np.flatnonzero((largest <= SMALL) & (shares >= 0.9 * sizes) & (shares >= 0.1 * shares[0]))
    if len(linear) < 3 or linear[-1] - linear[0] != len(linear) - 1:
        return []
    span = float(run.path.times[linear[-1]] - run.path.times[linear[0]])
    measured = float(np.log(shares[linear[-1]] / shares[linear[0]])) / span
    worst = float((largest**2 * sizes / shares)[linear].max())
    steps = len(linear) * run.rtol * links**0.5 / float(shares[linear].min())
    floor = 0.5 * load / links * worst + steps / span
    return [
        Check(
            "growth of the first mode",
            measured,
            (load - hencky_load(links)) / links,
            floor=floor,
            source="(P − P_H)/N",
            note="angles too large for linear theory",
        )
    ]
