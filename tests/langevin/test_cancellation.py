"""A visitor can leave at any time: between the parts of a run, and while the density is computed."""

import math
import sys

import pytest
from scipy import sparse

from demos.common.progress import cancellable
from demos.langevin.comparison import evolution_of
from demos.langevin.config import LangevinConfig
from demos.langevin.exact.propagate import PRODUCTS
from demos.langevin.reference import density_evolution as module
from demos.langevin.run import run
from demos.langevin.setup import Setup

# A cold cloud far up the walls: it takes minutes to follow on the grid.
COLD = LangevinConfig(potential="three_gaussians", step=10.0, temperature=1e-3, particles=2, steps=39,
                      start="cloud", x0=-1.66, y0=0.89, spread=1.2e-3)  # fmt: skip


class Left(BaseException):
    """What a page raises in a run that its visitor has left."""


@cancellable
def evolve(config, progress=None):
    setup = Setup.of(config)
    return evolution_of(setup, (config.duration,))


def test_a_visitor_can_leave_while_the_density_is_computed(monkeypatch):
    """Counted in sparse products, not in time: a checkpoint after each few of them, and the next one ends the work."""
    products = checkpoints = most = 0
    multiply = sparse.csr_array.__matmul__

    def counted(self, other):
        nonlocal products, most
        products += 1
        most = max(most, products)
        return multiply(self, other)

    def leave_later(done):
        nonlocal products, checkpoints
        products, checkpoints = 0, checkpoints + 1
        if checkpoints == 60:
            raise Left

    monkeypatch.setattr(sparse.csr_array, "__matmul__", counted)
    monkeypatch.setattr(module, "MOST_WORK", math.inf)
    with pytest.raises(Left):
        evolve(COLD, leave_later)
    assert checkpoints == 60 and 0 < most <= PRODUCTS + 1


def test_a_density_that_would_take_minutes_is_not_followed():
    assert evolve(COLD) is None
    config = LangevinConfig(potential="muller_brown", method="mala", step=2.0, temperature=1.7, particles=40, steps=7,
                            start="box", x0=0.0)  # fmt: skip
    found = evolve(config)
    assert found is None or len(found.times) >= module.FRAMES


def test_progress_rises_and_may_stop_the_run_between_its_parts(monkeypatch):
    monkeypatch.setattr(sys.modules["demos.gradient_flow.loop"], "REPORT_EVERY", 0.0)  # however fast the machine is
    seen = []
    run(LangevinConfig(particles=20, steps=30, escape=True, temperature=1.0), seen.append)
    assert seen == sorted(seen) and seen[-1] == 1.0 and len(set(seen)) >= 3

    def leave(done):
        if done >= 0.69:  # the simulation is over
            raise Left

    with pytest.raises(Left):
        run(LangevinConfig(particles=20, steps=30), leave)
