"""One run of the column under load: straight below Hencky's load, bent like the elastica above it."""

from __future__ import annotations

import numpy as np

from demos.common.numbers import number
from demos.common.progress import Progress, checkpoint
from demos.contract import Result
from demos.contract.running import demo_run
from demos.physics.bench.config import method_label
from demos.physics.bench.endpoint import Endpoint, endpoint_notes, endpoint_of
from demos.physics.bench.flow_checks import flow_checks, flow_notes, past_limit, stability
from demos.physics.bench.frames import frame_checks
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.method_run import MethodRun, run_method
from demos.physics.bench.rods import unrest
from demos.physics.column.checks import headline, is_upright, load_check, rate_checks, rest_checks
from demos.physics.column.config import ColumnConfig
from demos.physics.column.model import column
from demos.physics.column.picture import picture
from demos.physics.column.reference import EULER, hencky_load

FINER = 0.03  # factor on the config's tolerance, because the column starts from angles of about 0.01
LARGEST = 7.0  # rad: a larger angle means that the run has diverged


@demo_run
def run(config: ColumnConfig, progress: Progress | None = None) -> Result:
    """Load the column, and compare it with theory. Raises ValueError where the config cannot be run."""
    system = column(config.links, config.force)
    path = run_method(
        system,
        system.start(config.start, config.seed),
        config.method,
        duration=config.duration,
        step=config.step,
        iterations=config.iterations,
        rtol=FINER * config.tolerance,
        progress=progress,
    )
    checkpoint()
    end = endpoint_of(system, path.states[-1])
    growth, warnings = stability(system, path, end)
    good = path.states[path.states.abs().amax(1) < LARGEST]
    moves = unrest(path, end, past_limit(path, growth))
    first, *rest = rest_checks(config, system, end, moves)
    rows = [first, *rate_checks(config, path), *flow_checks(path), *rest]
    panels = picture(config, path, moves)
    rows.extend(frame_checks(path, panels))
    checkpoint()
    self_tests = (load_check(config), *growth, *invariant_checks(system, good[:, None]))
    table = path.trace(method_label(config.method), end.energy if end.certificate else None)
    result = Result(
        panels,
        (*rows, *self_tests),
        {"trace": table},
        notes(config, path, end),
        tuple(warnings),
        headline(config, rows),
    )
    if progress is not None:
        progress(1.0)
    return result


def notes(config: ColumnConfig, run: MethodRun, end: Endpoint) -> tuple[str, ...]:
    """Notes on the load relative to Hencky's, and on how the run ended."""
    load, critical = config.force, hencky_load(config.links)
    apart = number(100 * abs(load / critical - 1), digits=2)
    sentences = [
        f"The load is {apart} % {'above' if load > critical else 'below'} Hencky's {critical / EULER:.4g} π²: the "
        f"straight column is {'a saddle' if load > critical else 'the minimum'}."
    ]
    if config.start == "straight" and load > critical:
        sentences.append("Exactly straight there is no force: it would stand for ever. Start it nearly straight.")
    elif run.status.diverged or not np.isfinite(end.force):
        pass  # a warning covers this case
    elif not is_upright(end):
        why = "an optimizer's jumps" if run.iterates else "steps this long"
        sentences.append(f"The column has swung round and hangs from its pin: {why} need not follow the flow.")
    elif end.certificate is None:
        sentences.append(f"The column is still on its way: its largest force is {end.force:.1e}.")
    else:
        sentences += endpoint_notes(end, None, "The column")
    return (*sentences, *flow_notes(run))
