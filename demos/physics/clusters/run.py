"""One run of a cluster: a flow or an optimizer, both funnels, basin hopping, or annealing."""

from __future__ import annotations

import torch

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract.running import demo_run
from demos.gradient_flow import METHODS
from demos.physics.bench.config import method_label
from demos.physics.bench.endpoint import endpoint_notes, endpoint_of
from demos.physics.bench.flow_checks import flow_checks, flow_notes, past_limit, stability, with_limit
from demos.physics.bench.frames import frame_checks
from demos.physics.bench.headlines import run_headline
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.method_run import MethodRun, run_method
from demos.physics.bench.run_charts import reference_of
from demos.physics.clusters.checks import bonds_check, cluster_checks, flow_row, flow_words
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.destinations import destinations
from demos.physics.clusters.funnels import run_funnels
from demos.physics.clusters.model import Cluster
from demos.physics.clusters.picture import run_picture, title_of
from demos.physics.clusters.search import run_annealing, run_hopping
from demos.physics.clusters.setup import start_of, tolerance_for
from demos.picture import Spheres

FLOWN, SHORT = 1e-5, 0.2  # tolerance of the flow that is followed beside an optimizer, and its seconds at most
FAR = 1.6  # equilibrium distances: a file whose nearest neighbours are farther apart must have another unit of length


@demo_run
def run(config: ClusterConfig, progress: Progress | None = None) -> Result:
    """The demo as a function of its config. Raises ValueError where the config cannot be run."""
    system = config.system()
    if config.method == "hopping":
        result = run_hopping(config, system, progress)
    elif config.start == "funnels":
        result = run_funnels(config, system, progress)
    elif config.method == "annealing":
        result = run_annealing(config, system, start_of(config, system, config.walks), progress)
    else:
        result = _one_run(config, system, progress)
    if progress is not None:
        progress(1.0)
    return result


def _one_run(config: ClusterConfig, system: Cluster, progress: Progress | None) -> Result:
    start = start_of(config, system)
    run = run_method(
        system,
        start,
        config.method,
        duration=config.duration,
        step=config.step,
        iterations=config.iterations,
        rtol=tolerance_for(config, system, start),
        progress=progress,
    )
    label, best, end = method_label(run.method), system.ground_state, endpoint_of(system, run.end)
    growth, warnings = stability(system, run, end)
    checks = [
        *cluster_checks(system, end, best, at_random=config.start == "random"),
        *flow_checks(run),
        *growth,
        *invariant_checks(system, run.finite_states[:, None]),
    ]
    levels = {} if best is None else {"best known": best.value}
    flow = flow_end(config, system, start)
    if flow is not None and best is not None:
        levels["the flow's end"] = flow
        checks.insert(1, flow_row(flow, best))
    picture = run_picture(system, run, title_of(system), levels, config.color)
    headline = run_headline(run, end, best, checks, past_limit(run, growth))
    if flow is not None and best is not None and end.certificate is not None:
        headline = f"{headline[:-1]}; the flow from the same start ends {flow_words(flow, end, best)}."
    table = with_limit(run.trace(label, reference_of(end, best)), run, growth)
    notes = (*endpoint_notes(end, best, label), *flow_notes(run), *_units_note(config, system, run))
    atoms = next(layer for layer in picture.panels[0].layers if isinstance(layer, Spheres))
    checks += [*frame_checks(run, picture), bonds_check(system, atoms.positions, picture.panels[0].captions)]
    return Result(picture, tuple(checks), {"trace": table}, notes, tuple(warnings), headline)


def flow_end(config: ClusterConfig, system: Cluster, start: torch.Tensor) -> float | None:
    """The energy of the minimum below `start` (1, N, 3) along the flow itself, to stand beside an optimizer's; None for
    a method of the flow, and where that would take long."""
    if METHODS[config.method].family != "optimizer" or config.replace(method="rkc", tolerance=FLOWN).seconds() > SHORT:
        return None
    found = destinations(system, start, "rkc", rtol=FLOWN)
    return float(found.energies[0]) if found.converged[0] else None


def _units_note(config: ClusterConfig, system: Cluster, run: MethodRun) -> list[str]:
    """A note where the atoms of a file are so far apart that its lengths must have another unit."""
    if config.start != "given":
        return []
    nearest = float((torch.cdist(run.states[:1], run.states[:1])[0].fill_diagonal_(torch.inf)).amin(1).median())
    rest = 2 * system.radius
    if nearest < FAR * rest:
        return []
    return [
        f"Neighbours in the file are {nearest:.3g} apart, and rest at {rest:.3g} here: are its lengths in "
        f"ångströms? Divided by {nearest / rest:.3g} they would fit."
    ]
