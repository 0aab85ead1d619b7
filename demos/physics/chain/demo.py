"""The hanging chain on the energy page: rigid links that fall into the exact discrete catenary."""

from __future__ import annotations

import numpy as np

from demos.common.progress import Progress
from demos.contract import Check, Result
from demos.contract.charts import Chart
from demos.physics.bench.endpoint import End, end_checks, end_notes, end_of, flow_checks, flow_notes, held, stability
from demos.physics.bench.run_charts import run_charts
from demos.physics.bench.trace import Followed, first_way, follow, trace
from demos.physics.chain.model import Catenary, discrete_catenary, hanging_chain, tensions
from demos.physics.chain.picture import picture
from demos.physics.config import METHOD_LABELS, EnergyConfig

SHORTEST = 1e-3  # spans, of a way: below it the energy that falls is nearly rounding
CLOSE = 1e-7  # spans: how near the joints must come to the exact polygon


def show(config: EnergyConfig, progress: Progress | None = None) -> Result:
    """See `demos.physics.run.run`."""
    system = hanging_chain(config.links, config.length)
    start = system.start(config.start, config.seed)
    way = max(SHORTEST, min(_sag(config), first_way(system, start, config.duration)))
    run = follow(
        system,
        start,
        config.method,
        duration=config.duration,
        step=config.step,
        iterations=config.iterations,
        rtol=config.tolerance * way,
        progress=progress,
    )
    pulse = progress or (lambda done: None)  # whoever has left is noticed between the pieces of what follows, too
    pulse(1.0)
    exact, end = system.parts["exact"], end_of(system, run.end)
    pulse(1.0)
    growth, warnings = stability(system, run, end)
    checks = [
        *shape_checks(run, end, exact),
        *held(end_checks(system, end, system.ground_state)),
        *flow_checks(run),
        *growth,
        *system.invariant_checks(run.whole[:, None]),
    ]
    pulse(1.0)
    table = trace(run, METHOD_LABELS[config.method], reference=exact.energy)
    notes = (*end_notes(end, None, "The chain"), *flow_notes(run))
    return Result(picture(run, exact), tuple(checks), {"trace": table}, notes, tuple(warnings))


def _sag(config: EnergyConfig) -> float:
    """What the joints can move by, about, in spans: the errors of a step are its share."""
    return min(1.0, (config.length - 1) ** 0.5)


def shape_checks(run: Followed, end: End, exact: Catenary) -> list[Check]:
    """The joints and the tensions of a chain at rest beside the closed form; nothing where it still moves."""
    if end.certificate is None:
        return []
    off = np.linalg.norm(end.state.numpy() - exact.nodes, axis=1).max()
    pulls = tensions(run.system, end.state[None])[0].numpy()
    worst = int(np.abs(pulls - exact.tensions).argmax())
    return [
        Check(
            "joints off the exact polygon",
            float(off),
            0.0,
            floor=CLOSE,
            unit="spans",
            source="tan θᵢ = (i − (N − 1)/2)/H",
        ),
        Check(
            "tension, at the worst link",
            float(pulls[worst]),
            float(exact.tensions[worst]),
            floor=1e-6 * float(exact.tensions[worst]),
            unit="weights",
            source="multiplier beside H/cos θᵢ",
        ),
    ]


def charts(config: EnergyConfig) -> tuple[Chart, ...]:
    return run_charts(config)


def check(config: EnergyConfig) -> None:
    hanging_chain(config.links, config.length)


def seconds(config: EnergyConfig) -> float:
    """About how long `show` takes on one core: what was measured for 20, 40 and 100 links, and between."""
    size = config.links
    gradient = 8e-5 + 1.8e-8 * size**2
    match config.method:
        case "dopri5":  # stability: 3.3 steps of 1/L, L = 4 T/ℓ, about
            tension = float(discrete_catenary(size, config.length).tensions.max())
            return 0.05 + config.duration * 2.8 * tension * size / config.length / 3.3 * 4 * gradient
        case "euler":
            return 0.05 + min(config.duration / config.step, 1e9) * 2.5 * gradient
        case "rkc":
            return 0.05 + 2.5e-4 * size**1.7 * (1e-5 / config.tolerance / _sag(config)) ** 0.2
    most = 50 + 2.5 * size if config.method == "lbfgs" else 400 + 5 * size
    return 0.05 + min(config.iterations, most) * 2.5 * gradient
