"""Long work reports and can be cancelled every few milliseconds: counted in operations, for time is noise."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from demos.common import progress as progress_module
from demos.common import statistics
from demos.common.progress import Cancelled, cancellable, checkpoint, matmul, part
from demos.diffusion import x_histogram
from demos.diffusion.distributions import bin_probabilities
from demos.landscapes.basins import Basins
from demos.langevin.config import LangevinConfig
from demos.langevin.exact import kernel
from demos.langevin.reference import discretised
from demos.langevin.run import run
from demos.langevin.studies.mixing import mixing_study
from demos.langevin.studies.step_sweep import step_sweep
from demos.physics.bench import dissipation
from demos.physics.clusters import alignment
from demos.physics.xy_magnet import simulate as spin_simulation
from demos.registry import demo


class Left(BaseException):
    """What a page raises in a run that its visitor has left: no `except Exception` may swallow it."""


def test_a_checkpoint_repeats_the_last_report_of_its_run():
    seen = []

    @cancellable
    def work(config, progress=None):
        checkpoint()
        progress(0.5)
        checkpoint()
        return config

    assert work(3, seen.append) == 3 and seen == [0.0, 0.5, 0.5]
    checkpoint()  # outside of any run: nobody hears it
    assert seen == [0.0, 0.5, 0.5]


@pytest.mark.parametrize("no", [False, np.False_])
def test_any_false_stops_a_run(no):
    with pytest.raises(Cancelled):
        cancellable(lambda config, progress=None: checkpoint())(3, lambda done: no)


def test_nested_runs_report_to_their_own_callbacks():
    outer, inner = [], []
    within = cancellable(lambda config, progress=None: checkpoint())

    @cancellable
    def around(config, progress=None):
        within(config, inner.append)
        within(config)  # no progress of its own: that of the run around it
        checkpoint()

    around(None, outer.append)
    assert inner == [0.0] and outer == [0.0, 0.0]


def test_false_ends_the_work_at_a_report_and_at_a_checkpoint():
    for stop in (lambda progress: progress(0.5), lambda progress: checkpoint()):
        with pytest.raises(Cancelled):
            cancellable(lambda config, progress=None, stop=stop: stop(progress))(None, lambda done: False)


def test_a_part_reports_its_share_of_the_whole():
    seen = []
    for i in range(2):
        within = part(seen.append, i, 2)
        within(0.0)
        within(1.0)
    part(seen.append, 0.5, 1.0, 0.2)(0.5)
    assert seen == pytest.approx([0.0, 0.5, 0.5, 1.0, 0.6])
    assert part(lambda done: False, 0, 1)(1.0) is False
    assert part(None, 0, 2) is None


def test_a_product_in_pieces_is_the_product(monkeypatch):
    checkpoints = []
    monkeypatch.setattr(progress_module, "BLOCK", 5 * 7 * 3)
    monkeypatch.setattr(progress_module, "checkpoint", lambda: checkpoints.append(1))
    a, b = np.random.default_rng(0).standard_normal((2, 11, 7)), np.random.default_rng(1).standard_normal((7, 5))
    assert matmul(a[0], b) == pytest.approx(a[0] @ b, rel=1e-13)
    assert len(checkpoints) == 4  # rows 3 + 3 + 3 + 2


class Clock:
    """Counts operations since the last checkpoint, and keeps the most."""

    def __init__(self):
        self.since = self.most = self.checkpoints = 0

    def work(self, operations):
        self.since += operations
        self.most = max(self.most, self.since)

    def checkpoint(self, fraction=0.0):
        self.since, self.checkpoints = 0, self.checkpoints + 1


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews"])
def test_the_density_of_many_short_steps_is_advanced_with_checkpoints(method, monkeypatch):
    """3,000 steps on grids of hundreds of points: the matrix products are counted, on the demo itself."""
    clock, matmul = Clock(), np.matmul

    def counted(a, b, out=None):
        clock.work(a.size * b.shape[1])
        return matmul(a, b, out=out)

    monkeypatch.setattr(np, "matmul", counted)
    discretised.discretised.cache_clear()
    discretised.one_dimension.cache_clear()
    result = run(LangevinConfig(method=method, step=0.002, steps=3_000, particles=200, y0=0.3), clock.checkpoint)
    assert any("kernel of this method" in check.source for check in result.checks)
    assert clock.checkpoints > 30
    assert 0 < clock.most <= progress_module.BLOCK


@pytest.mark.parametrize("method", kernel.METHODS)
def test_building_a_kernel_can_be_cancelled(method):
    """Without any solver around it."""

    @cancellable
    def build(config, progress=None):
        kernel.stationary(method, lambda x: 4 * x * (x * x - 1), 0.25, 0.02, -2.6, 2.6)

    def leave(fraction):
        raise Left

    reports = []
    build(None, reports.append)
    assert len(reports) >= 3
    with pytest.raises(Left):
        build(None, leave)


@pytest.mark.parametrize("study", [step_sweep, mixing_study])
def test_studies_can_be_left_between_their_reports(study):
    """At calls that are no reports of the solver: they repeat the last one."""
    config, reports = LangevinConfig(method="euler", step=0.01, steps=2_000, particles=64), []
    study(config, reports.append)
    between = [i for i, (a, b) in enumerate(zip(reports, reports[1:], strict=False)) if a == b]
    assert between
    seen = []

    def leave(fraction):
        if len(seen) > between[0]:
            raise Left
        seen.append(fraction)

    with pytest.raises(Left):
        study(config, leave)


def test_statistics_of_many_draws_have_checkpoints(monkeypatch):
    """The numbers that are transformed or sorted between two of them: at most a piece of about 10 ms."""
    clock, draws = Clock(), np.random.default_rng(0).standard_normal((20, 2_000))
    monkeypatch.setattr(statistics, "PIECE", 5_000)
    for module, name in ((statistics, "rfft"), (np, "sort"), (np, "argsort")):
        monkeypatch.setattr(module, name, _counted(clock, getattr(module, name), lambda values, *_: values.size))

    @cancellable
    def study(config, progress=None):
        statistics.rhat(draws), statistics.ess(draws), statistics.autocorrelation_time(draws)

    study(None, clock.checkpoint)
    assert 2_000 < clock.most <= 5_000


def _counted(clock, function, operations=lambda *given: 1):
    def counting(*given, **named):
        clock.work(operations(*given))
        return function(*given, **named)

    return counting


def _scene(name, scene, **changes):
    found = demo(name)
    config = next(each.config for each in found.scenes if each.name == scene)
    return lambda progress: found.run(config.replace(**changes), progress)


@cancellable
def _cluster(config, progress=None):
    alignment.aligned(*np.random.default_rng(0).standard_normal((2, 7, 3)))


def _alignment(progress):
    _cluster(None, progress)


RUNS = {  # a run; where its work is counted; how much there may be between two checkpoints
    "vortices of one frame": (_scene("spins", "spin_quench", side=16, duration=5.0), (spin_simulation, "charges"), 1),
    "layers of one network": (_scene("ritz", "poisson", width=6, iterations=20), (torch, "addmm"), 2),
    "alignment of two clusters": (_alignment, (alignment, "cdist"), alignment.ROUNDS),
    "bin probabilities of one level": (_scene("diffusion", "word", particles=200), (bin_probabilities, "ndtr"), 1),
}


@pytest.mark.parametrize("name", RUNS)
def test_post_processing_has_checkpoints(name, monkeypatch):
    start, (module, function), most = RUNS[name]
    x_histogram._exact_density.cache_clear()  # another test may have run the same scene
    clock = Clock()
    monkeypatch.setattr(module, function, _counted(clock, getattr(module, function)))
    start(clock.checkpoint)
    assert 0 < clock.most <= most


def test_a_descent_to_the_wells_has_a_checkpoint_at_each_step():
    clock, minima = Clock(), [(-1.0, 0.0), (1.0, 0.0)]

    def gradient(x):
        clock.work(1)
        return torch.stack((4 * x[:, 0] * (x[:, 0] ** 2 - 1), 2 * x[:, 1]), 1)

    cancellable(lambda config, progress=None: Basins(gradient, minima, ((-2, 2), (-2, 2)), 41))(None, clock.checkpoint)
    assert clock.checkpoints > 10 and clock.most <= 2  # the gradient at the start goes with that of the first step


def test_the_energy_balance_of_a_chain_has_a_checkpoint_at_each_gradient(monkeypatch):
    """Its gradients are taken in its constraint set, at four places between any two of thousands of states."""
    clock = Clock()
    monkeypatch.setattr(dissipation, "_cubic", _counted(clock, dissipation._cubic))
    _scene("chain", "catenary", links=5)(clock.checkpoint)
    assert clock.most == 1
