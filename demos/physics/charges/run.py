"""One run of charges on a sphere: a flow or an optimizer from one start, many starts, or annealing."""

from __future__ import annotations

import numpy as np
import torch

from demos.common.numbers import counted, number
from demos.common.progress import Progress
from demos.common.statistics import wilson_interval
from demos.contract import Result
from demos.contract.running import demo_run
from demos.physics.bench.config import method_label
from demos.physics.bench.endpoint import Endpoint, endpoint_checks, endpoint_notes, endpoint_of
from demos.physics.bench.flow_checks import flow_checks, flow_notes, past_limit, stability, with_limit
from demos.physics.bench.frames import frame_checks
from demos.physics.bench.freezing import freeze
from demos.physics.bench.headlines import end_words, run_headline
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.method_run import run_method
from demos.physics.bench.run_charts import reference_of
from demos.physics.bench.system import Reference, System
from demos.physics.charges.charts import minima_table
from demos.physics.charges.checks import ALIKE, hits_check, hits_of, rest_check, topology_checks
from demos.physics.charges.config import ChargesConfig
from demos.physics.charges.model import Minima, minima, thomson
from demos.physics.charges.picture import cooling_picture, run_picture
from demos.physics.charges.reference import best_known

FINER = 0.3  # share of the charges' spacing that a charge moves, about; scales the tolerance
SPREAD = 0.01  # relative: the energies of minima differ by much less, those of N and N ± 1 charges by more
COOLED_BY = "euler"  # the method of annealing: without momenta, on the sphere


@demo_run
def run(config: ChargesConfig, progress: Progress | None = None) -> Result:
    """The demo as a function of its config. Raises ValueError where the config cannot be run."""
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
    """The start (replicas, N, 3). Random charges keep a least distance: two at nearly the same place would make the
    first steps very short."""
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
        *endpoint_checks(system, end, best, spread=SPREAD, at_random=config.start == "random"),
        *flow_checks(run),
        *topology_checks(end.state),
        *growth,
        *invariant_checks(system, run.finite_states[:, None]),
    ]
    table = with_limit(run.trace(label, reference_of(end, best)), run, growth)
    notes = (*endpoint_notes(end, best, label), *flow_notes(run))
    picture = run_picture(run, best.value)
    checks.extend(frame_checks(run, picture))
    headline = run_headline(run, end, best, checks, past_limit(run, growth))
    return Result(picture, tuple(checks), {"trace": table}, notes, tuple(warnings), headline)


def _many_starts(config: ChargesConfig, system: System, progress: Progress | None) -> Result:
    """Minimize many random starts; show the lowest of the minima and the run that led to it."""
    found = minima(system, seed=config.seed, starts=config.walks, progress=progress)
    best, end = best_known(config.count), endpoint_of(system, found.positions[0])
    first = int(found.firsts[0])
    start = system.start("random", config.seed, config.walks)[first : first + 1]
    run = run_method(system, start, "lbfgs", duration=1.0, step=system.longest, iterations=2_000, newton=system.newton)
    energy, minimum = endpoint_checks(system, end, best, spread=SPREAD, at_random=True)
    picture = run_picture(run, best.value)
    checks = (
        energy,
        hits_check(found, config.count, best),
        rest_check(system, found, config.walks),
        minimum,
        *flow_checks(run),
        *frame_checks(run, picture),
        *topology_checks(end.state),
        *invariant_checks(system, run.states[:, None]),
    )
    notes = (_hits_note(found, best.value), *endpoint_notes(end, best, "The deepest"))
    table = {"minima": minima_table(found, best.value)}
    return Result(picture, checks, table, notes, headline=_headline(found, end, best))


def _headline(found: Minima, end: Endpoint, best: Reference) -> str:
    """The headline: how many starts ended in the best known minimum, and how far above it the next minimum is."""
    hits, others = hits_of(found, best), found.energies[found.energies > best.value + ALIKE]
    if not hits:
        return f"{end_words(end, best)}: the deepest that {counted(found.starts, 'random start')} found."
    known = f"E = {number(best.value, digits=9)}"
    if not len(others):
        return f"{hits} of {counted(found.starts, 'random start')} found the best known minimum, {known}."
    return (
        f"{hits} of {counted(found.starts, 'random start')} found the best known of {len(others) + 1} minima, "
        f"{known}; the next lies {number(float(others[0]) - best.value, digits=2)} above it."
    )


def _hits_note(found: Minima, best: float) -> str:
    """A note on the share of starts that ended in the best known minimum, with its confidence interval."""
    hits = int(found.counts[np.abs(found.energies - best) <= ALIKE].sum())
    low, high = wilson_interval(hits, found.starts)
    kinds = "one minimum" if len(found.energies) == 1 else f"{len(found.energies)} minima"
    starts = counted(found.starts, "random start")
    return f"{starts} ended in {kinds}; {hits} of them in the best known (95 %: {low:.0%}–{high:.0%})."


def _annealing(config: ChargesConfig, system: System, progress: Progress | None) -> Result:
    frozen = freeze(
        config, system, start_of(config, system, config.walks), COOLED_BY, progress, spread=SPREAD, at_random=True
    )
    checks = (*frozen.checks, *topology_checks(frozen.end))
    picture = cooling_picture(frozen, best_known(config.count).value)
    return Result(picture, checks, {"ends": frozen.table}, frozen.notes, frozen.warnings, frozen.headline)
