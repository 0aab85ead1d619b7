"""One run of the hanging chain: from zigzag or upturned to the discrete catenary."""

from __future__ import annotations

from demos.common.progress import Progress, checkpoint
from demos.contract import Result
from demos.contract.running import demo_run
from demos.physics.bench.config import method_label
from demos.physics.bench.endpoint import endpoint_notes, endpoint_of
from demos.physics.bench.flow_checks import flow_checks, flow_notes, past_limit, stability
from demos.physics.bench.frames import frame_checks
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.method_run import first_distance, run_method
from demos.physics.bench.rods import rest_rows, unrest
from demos.physics.chain.checks import headline, shape_checks, step_checks
from demos.physics.chain.config import ChainConfig
from demos.physics.chain.model import hanging_chain, tensions
from demos.physics.chain.picture import picture
from demos.physics.chain.reference import discrete_catenary
from demos.physics.chain.trembling import step_error


@demo_run
def run(config: ChainConfig, progress: Progress | None = None) -> Result:
    """Let the chain fall, and compare it with its closed form. Raises ValueError where the config cannot be run."""
    system, exact = hanging_chain(config.links, config.length), discrete_catenary(config.links, config.length)
    start = system.start(config.start, config.seed)
    fall = float(system.energy(start)) - exact.energy
    error = step_error(config, exact, first_distance(system, start, config.duration), fall)
    path = run_method(
        system,
        start,
        config.method,
        duration=config.duration,
        step=config.step,
        iterations=config.iterations,
        rtol=error.used,
        progress=progress,
    )
    checkpoint()
    end = endpoint_of(system, path.states[-1])
    checkpoint()
    growth, warnings = stability(system, path, end)
    moves = unrest(path, end, past_limit(path, growth))
    joints, pull = shape_checks(system, end, exact, moves)
    rows = [
        joints,
        pull,
        *step_checks(system, path),
        *flow_checks(path),
        *rest_rows(system, end, system.references[0], "the exact polygon", "weights × spans"),
    ]
    panels = picture(path, exact, moves)
    rows.extend(frame_checks(path, panels, exact.energy))
    checkpoint()
    self_tests = (*growth, *invariant_checks(system, path.finite_states[:, None]))
    table = path.trace(method_label(config.method), exact.energy)
    notes = (*endpoint_notes(end, None, "The chain"), *flow_notes(path), *error.notes())
    result = Result(
        panels,
        (*rows, *self_tests),
        {"trace": table},
        notes,
        tuple(warnings),
        headline(rows, joints, pull, arch=bool((tensions(system, path.states[:1]) < 0).all())),
    )
    if progress is not None:
        progress(1.0)
    return result
