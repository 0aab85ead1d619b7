"""A visitor who left is noticed between any two pieces of work, counted in operations: not in time, which is noise."""

from __future__ import annotations

import numpy as np
import pytest

from demos import pulse
from demos.langevin import laws
from demos.langevin.config import LangevinConfig
from demos.langevin.exact import kernel
from demos.langevin.mixing_study import mixing_study
from demos.langevin.run import run
from demos.langevin.step_sweep import step_sweep
from demos.pulse import beat, product, watched


class Left(BaseException):
    """What a page raises in a run that its visitor has left."""


def test_a_beat_repeats_the_last_progress_of_the_run_it_is_in():
    seen = []

    @watched
    def work(config, progress=None):
        beat()
        progress(0.5)
        beat()
        return config

    assert work(3, seen.append) == 3 and seen == [0.0, 0.5, 0.5]
    beat()  # outside of any run: nobody hears it
    assert seen == [0.0, 0.5, 0.5]


def test_runs_inside_runs_keep_their_own_pulse():
    outer, inner = [], []
    within = watched(lambda config, progress=None: beat())

    @watched
    def around(config, progress=None):
        within(config, inner.append)
        within(config)  # no progress of its own: that of the run around it
        beat()

    around(None, outer.append)
    assert inner == [0.0] and outer == [0.0, 0.0]


def test_a_product_in_pieces_is_the_product(monkeypatch):
    beats = []
    monkeypatch.setattr(pulse, "BLOCK", 5 * 7 * 3)
    monkeypatch.setattr(pulse, "beat", lambda: beats.append(1))
    a, b = np.random.default_rng(0).standard_normal((2, 11, 7)), np.random.default_rng(1).standard_normal((7, 5))
    assert product(a[0], b) == pytest.approx(a[0] @ b, rel=1e-13)
    assert len(beats) == 4  # rows 3 + 3 + 3 + 2


class Clock:
    """Counts operations since the last beat, and keeps the most."""

    def __init__(self):
        self.since = self.most = self.beats = 0

    def work(self, operations):
        self.since += operations
        self.most = max(self.most, self.since)

    def beat(self, fraction=0.0):
        self.since, self.beats = 0, self.beats + 1


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews"])
def test_the_law_of_many_short_steps_is_advanced_with_a_pulse(method, monkeypatch):
    """3,000 steps on grids of hundreds of points: the matrix products are counted, on the demo itself."""
    clock, matmul = Clock(), np.matmul

    def counted(a, b, out=None):
        clock.work(a.size * b.shape[1])
        return matmul(a, b, out=out)

    monkeypatch.setattr(np, "matmul", counted)
    laws.one_dimension.cache_clear()
    result = run(LangevinConfig(method=method, step=0.002, steps=3_000, particles=200, y0=0.3), clock.beat)
    assert any("kernel of this method" in check.source for check in result.checks)
    assert clock.beats > 30
    assert 0 < clock.most <= pulse.BLOCK


@pytest.mark.parametrize("method", kernel.METHODS)
def test_a_visitor_can_leave_while_a_kernel_is_built(method):
    """The kernel alone, with no solver around it, has a pulse: whoever leaves ends it."""
    @watched
    def build(config, progress=None):
        kernel.stationary(method, lambda x: 4 * x * (x * x - 1), 0.25, 0.02, -2.6, 2.6)

    def leave(fraction):
        raise Left

    beats = []
    build(None, beats.append)
    assert len(beats) >= 3
    with pytest.raises(Left):
        build(None, leave)


@pytest.mark.parametrize(("study", "least"), [(step_sweep, 20), (mixing_study, 8)])
def test_the_studies_of_the_page_have_a_pulse_between_their_pieces(study, least):
    """Beats that are no reports of the solver: they repeat what was told before."""
    config, told = LangevinConfig(method="euler", step=0.01, steps=2_000, particles=64), []
    study(config, told.append)
    assert sum(a == b for a, b in zip(told, told[1:], strict=False)) >= least

    def leave(fraction):
        if len(seen) == least // 2:
            raise Left
        seen.append(fraction)

    seen = []
    with pytest.raises(Left):
        study(config, leave)
