"""The column under load on the energy page: straight below Hencky's load, bent like the elastica above it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from demos.common.progress import Progress
from demos.contract import Check, Result
from demos.contract.charts import Chart, Study
from demos.physics.bench.endpoint import End, end_checks, end_notes, end_of, flow_checks, flow_notes, held, stability
from demos.physics.bench.run_charts import run_charts
from demos.physics.bench.system import Reference, System
from demos.physics.bench.trace import Followed, follow, trace
from demos.physics.column.model import (
    EULER,
    column,
    deflection,
    elastica_deflection,
    hencky_load,
    measured_load,
    polygon,
)
from demos.physics.column.picture import picture
from demos.physics.column.studies import BIFURCATION
from demos.physics.config import METHOD_LABELS, EnergyConfig

SMALL = 0.05  # rad: angles at which a column still moves as linear theory says
FINER = 0.03  # of the tolerance asked for: the column starts from angles of a hundredth
CLOSE = 1e-6  # of a deflection, from the shooting
LOST = 7.0  # rad: no column winds round itself
MANY = 400  # links, at least, of the polygon that tells how far one of few links is from a smooth column


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    """See `demos.physics.run.run`."""
    system = system_of(config)
    run = follow(
        system,
        system.start(config.start, config.seed),
        config.method,
        duration=config.duration,
        step=config.step,
        iterations=config.iterations,
        rtol=FINER * config.tolerance,
        progress=progress,
    )
    pulse = progress or (lambda done: None)  # whoever has left is noticed between the pieces of what follows, too
    pulse(1.0)
    end = end_of(system, run.end)
    growth, warnings = stability(system, run, end)
    good = run.states[run.states.abs().amax(1) < LOST]
    checks = [
        *shape_checks(config, end),
        load_check(config),
        *rate_checks(config, run),
        *resting(config, end),
        *([] if config.start == "straight" else flow_checks(run)),
        *growth,
        *system.invariant_checks(good[:, None]),
    ]
    pulse(1.0)
    table = trace(run, METHOD_LABELS[config.method], reference=end.energy if end.certificate else None)
    return Result(picture(config, run), tuple(checks), {"trace": table}, notes(config, run, end), tuple(warnings))


def system_of(config: EnergyConfig) -> System:
    """The column; past Hencky's load its reference is the bent polygon, found by shooting."""
    load = config.load * EULER
    system = column(config.links, load)
    if system.references:
        return system
    bent = torch.from_numpy(polygon(config.links, load))[None]
    return replace(
        system,
        references=(Reference("energy", float(system.energy(bent)[0]), "bent polygon, by shooting", floor=1e-9),),
    )


def is_upright(end: End) -> bool:
    """Whether the loaded end is still above the pin: past 1.8π², and by jumps, a column can swing round."""
    return float(end.state.cos().sum()) > 0


def resting(config: EnergyConfig, end: End) -> list[Check]:
    """The energy and the Hessian's spectrum at the end; the straight column has as many ways down as modes give way."""
    system, load = system_of(config), config.load * EULER
    if not is_upright(end):
        return held(end_checks(system, end, None))
    if config.start == "straight":
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
    return held(end_checks(system, end, system.ground_state))


def shape_checks(config: EnergyConfig, end: End) -> list[Check]:
    """The deflection at rest beside the polygon that shooting finds, and beside the smooth column's elastica.

    The floor of the latter is the polygon's own distance from it, by shooting with N and with many more links (as many,
    even or odd), whose distances are as N⁻²; 5 % of it is what the next order adds at 1.0001 times Euler's load.
    """
    if end.certificate is None or config.start == "straight" or not is_upright(end):
        return []
    load, links = config.load * EULER, config.links
    measured, exact = abs(float(deflection(end.state[None])[0])), _deflection(links, load)
    found = [Check("deflection", measured, exact, floor=CLOSE, unit="L", source="polygon of N links, by shooting")]
    more = max(8 * links, MANY) // 2 * 2 + links % 2
    apart = abs(exact - _deflection(more, load)) / (1 - (links / more) ** 2)
    if load > EULER:
        found.append(
            Check(
                "deflection, smooth column",
                measured,
                elastica_deflection(load),
                floor=1.05 * apart + CLOSE,
                unit="L",
                source="elastica: 2k/√P, P = (2K(k))²",
                note="links bend like a rod as N⁻²",
            )
        )
    return found


def _deflection(links: int, load: float) -> float:
    return abs(float(deflection(torch.from_numpy(polygon(links, load))[None])[0]))


def load_check(config: EnergyConfig) -> Check:
    """Where the softest mode of the straight column gives way, by bisection on its Hessian."""
    return Check(
        "buckling load",
        measured_load(config.links) / EULER,
        hencky_load(config.links) / EULER,
        floor=1e-9,
        unit="π² EI/L²",
        source="4N² sin²(π/2N), Hencky 1920",
    )


def rate_checks(config: EnergyConfig, run: Followed) -> list[Check]:
    """How fast the first mode grows or decays: (P − P_H)/N, while it is most of what is there and all angles are small.
    sin θ differs from θ by θ³/6, and cos θ from 1 by θ²/2: the floor is their share of the load's push, and the
    tolerance of every step."""
    links, load = config.links, config.load * EULER
    if run.books is None or config.start == "straight" or run.method == "euler":
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


def notes(config: EnergyConfig, run: Followed, end: End) -> tuple[str, ...]:
    load, critical = config.load * EULER, hencky_load(config.links)
    share = f"The load is {load / critical:.3g} × Hencky's {critical / EULER:.4g} π²"
    told = [f"{share}: the straight column is {'a saddle' if load > critical else 'the minimum'}."]
    if config.start == "straight" and load > critical:
        told.append("Exactly straight there is no force: it would stand for ever. Start it nearly straight.")
    elif run.status.diverged or not np.isfinite(end.force):
        pass  # a warning tells it
    elif not is_upright(end):
        why = "an optimizer's jumps" if run.iterates else "steps this long"
        told.append(f"The column has swung round and hangs from its pin: {why} need not follow the flow.")
    elif end.certificate is None:
        told.append(f"The column is still on its way: its largest force is {end.force:.1e}.")
    else:
        told += end_notes(end, None, "The column")
    return (*told, *flow_notes(run))


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    return run_charts(config)


def studies(config: EnergyConfig) -> tuple[Study, ...]:
    return (BIFURCATION,)


def check(config: EnergyConfig) -> None:
    column(config.links, config.load * EULER)


def seconds(config: EnergyConfig) -> float:
    """About how long `show` takes on one core: what was measured for 10, 20 and 100 links, and between."""
    size = config.links
    gradient, rest = 4e-5 + 2e-9 * size**2, 0.05 + 5e-6 * size**2
    match config.method:
        case "dopri5":
            return rest + config.duration * 4 * size / 3.3 * 7 * gradient
        case "euler":
            return rest + min(config.duration / config.step, 1e9) * 1.5 * gradient
        case "rkc":
            return rest + (0.1 + 1e-3 * size) * (1e-5 / config.tolerance) ** 0.25
    return rest + min(config.iterations, 100 + 8 * size) * 2 * gradient
