"""Whatever a visitor sets, the checks that are made are fair: measured and exact agree, for the physics is right."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from demos.langevin.config import LangevinConfig
from demos.langevin.potentials import FORMULA, POTENTIALS
from demos.langevin.run import run
from demos.langevin.samplers import SAMPLERS

FORMULAS = (
    "(x**2 + y**2 - 2)**2/2 + x*y/2",
    "abs(x) + y**2",
    "x**4 + y**4",
    "x**2 + y**2 - log(x)",
    "1e6*(x**2 + y**2)",
)
CONSTANT = ("constant", "constant", "linear", "exponential", "logarithmic")


@some.composite
def usual(draw) -> dict:
    """Settings near what each potential is made for: there most runs have an exact law."""
    values = {"potential": draw(some.sampled_from(sorted(POTENTIALS)))}
    if values["potential"] == FORMULA:
        values["formula"] = draw(some.sampled_from(FORMULAS))
    own = LangevinConfig.complete(values)
    curvature = LangevinConfig(**own).landscape.curvature
    limit = 2 / curvature if curvature > 0 else 0.05
    return values | {
        "method": draw(some.sampled_from(sorted(SAMPLERS))), "step": limit * draw(some.floats(0.01, 0.6)),
        "temperature": own["temperature"] * draw(some.floats(0.5, 2)),
        "cold": own["temperature"] * draw(some.floats(0.3, 1.5)), "schedule": draw(some.sampled_from(CONSTANT)),
        "steps": draw(some.integers(50, 1_500)), "particles": draw(some.integers(5, 200)),
        "seed": draw(some.integers(0, 99)), "x0": own["x0"], "y0": own["y0"],
        "start": draw(some.sampled_from(["point", "cloud", "box", "equilibrium"])),
        "spread": draw(some.floats(0.05, 0.5)), "friction": draw(some.floats(0.1, 10)),
        "leapfrog_steps": draw(some.integers(1, 15))}  # fmt: skip


@pytest.mark.slow
def test_checks_agree_whatever_is_set():
    made = []

    @given(usual())
    @settings(max_examples=120)
    def agree(values):
        try:
            config = LangevinConfig(**values)
        except ValueError:
            return
        for check in run(config).checks:
            made.append(check)
            assert check.agrees, (check.name, check.measured, check.exact, check.allowed, check.source)

    agree()
    assert len(made) > 60 and len({check.source.split(" at ")[0].split(",")[0] for check in made}) >= 4
    assert np.median([check.allowed / max(abs(check.exact), 0.1) for check in made]) < 1  # and could have disagreed
