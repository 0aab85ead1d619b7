"""One run of charges on a sphere: by a flow or an optimizer, from many starts, or cooled."""

from __future__ import annotations

import numpy as np
import torch

from demos.common.progress import Progress
from demos.common.statistics import wilson_interval
from demos.contract import Result
from demos.contract.running import demo_run
from demos.physics.bench.config import method_label
from demos.physics.bench.endpoint import endpoint_checks, endpoint_notes, endpoint_of
from demos.physics.bench.flow_checks import flow_checks, flow_notes, stability, with_limit
from demos.physics.bench.freezing import freeze
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.method_run import run_method
from demos.physics.bench.run_charts import reference_of
from demos.physics.bench.system import System
from demos.physics.charges.charts import minima_table
from demos.physics.charges.checks import topology_checks
from demos.physics.charges.config import ChargesConfig
from demos.physics.charges.model import Minima, minima, thomson
from demos.physics.charges.picture import cooling_picture, run_picture
from demos.physics.charges.reference import best_known

FINER = 0.3  # of the spacing: about as far as a charge goes
COOLED_BY = "euler"  # on the sphere without momenta


@demo_run
def run(config: ChargesConfig, progress: Progress | None = None) -> Result:
    """The demo as a function of its config. Raises ValueError in one sentence where it cannot be run."""
    system = thomson(config.count)
    match config.method:
        case "starts":
            result = _many_starts(config, system, progress)
        case "annealing":
            result = _annealing(config, system, progress)
        case _:
            result = _one_run(config, system, progress)
    if progress is not None:
        progress(1.0)
    return result


def start_of(config: ChargesConfig, system: System, replicas: int = 1) -> torch.Tensor:
    """(replicas, N, 3); at random, but no two charges almost on each other: the first steps would go into that."""
    return system.start("loose" if config.start == "random" else config.start, config.seed, replicas)


def _one_run(config: ChargesConfig, system: System, progress: Progress | None) -> Result:
    distance = FINER * min(1.0, (4 * np.pi / config.count) ** 0.5)  # a share of the charges' spacing
    run = run_method(
        system,
        start_of(config, system),
        config.method,
        duration=config.duration,
        step=config.step,
        iterations=config.iterations,
        rtol=config.tolerance * distance,
        progress=progress,
    )
    label, best, end = method_label(run.method), best_known(config.count), endpoint_of(system, run.end)
    growth, warnings = stability(system, run, end)
    checks = [
        *endpoint_checks(system, end, best),
        *topology_checks(end.state),
        *flow_checks(run),
        *growth,
        *invariant_checks(system, run.finite_states[:, None]),
    ]
    table = with_limit(run.trace(label, reference_of(end, best)), run, growth)
    notes = (*endpoint_notes(end, best, label), *flow_notes(run))
    return Result(run_picture(run, best.value), tuple(checks), {"trace": table}, notes, tuple(warnings))


def _many_starts(config: ChargesConfig, system: System, progress: Progress | None) -> Result:
    """Many random starts, all minimized; the deepest of the minima, and how its start got there."""
    found = minima(system, seed=config.seed, starts=config.walks, progress=progress)
    best, end = best_known(config.count), endpoint_of(system, found.positions[0])
    first = int(found.firsts[0])
    start = system.start("random", config.seed, config.walks)[first : first + 1]
    run = run_method(system, start, "lbfgs", duration=1.0, step=system.longest, iterations=2_000, newton=system.newton)
    checks = (
        *endpoint_checks(system, end, best),
        *topology_checks(end.state),
        *invariant_checks(system, run.states[:, None]),
    )
    notes = (_hits_note(found, best.value), *endpoint_notes(end, best, "The deepest"))
    return Result(run_picture(run, best.value), checks, {"minima": minima_table(found, best.value)}, notes)


def _hits_note(found: Minima, best: float) -> str:
    """How many of the starts ended in the best known minimum, with the confidence interval of that share."""
    hits = int(found.counts[np.abs(found.energies - best) <= 1e-8].sum())
    low, high = wilson_interval(hits, found.starts)
    kinds = "one minimum" if len(found.energies) == 1 else f"{len(found.energies)} minima"
    return (
        f"{found.starts} random starts ended in {kinds}; {hits} of them in the best known (95 %: {low:.0%}–{high:.0%})."
    )


def _annealing(config: ChargesConfig, system: System, progress: Progress | None) -> Result:
    frozen = freeze(config, system, start_of(config, system, config.walks), COOLED_BY, progress)
    checks = (*frozen.checks, *topology_checks(frozen.end))
    picture = cooling_picture(frozen, best_known(config.count).value)
    return Result(picture, checks, {"ends": frozen.table}, frozen.notes, frozen.warnings)
