"""Whatever a visitor sets, the checks that are made are fair: measured and exact agree, for the physics is right."""

import numpy as np
import pytest

from demos.contract import State
from demos.langevin.config import LangevinConfig
from demos.langevin.potentials import FORMULA, POTENTIALS
from demos.langevin.run import run
from demos.langevin.samplers import OVERDAMPED, SAMPLERS
from tests.examples import examples

FORMULAS = (
    "(x**2 + y**2 - 2)**2/2 + x*y/2",
    "abs(x) + y**2",
    "x**4 + y**4",
    "x**2 + y**2 - log(x)",
    "1e4*(x**2 + y**2)",
)
CONSTANT = ("constant", "constant", "constant", "linear", "exponential", "logarithmic")
STARTS = ("point", "cloud", "box", "equilibrium")


def usual(potential: str, random: np.random.Generator) -> dict:
    """Settings near what a potential is made for, at random: there most runs have an exact distribution."""
    pick = lambda values: values[random.integers(len(values))]
    values = {"potential": potential}
    if potential == FORMULA:
        values["formula"] = pick(FORMULAS)
    own = LangevinConfig.complete(values)
    curvature = LangevinConfig(**own).landscape.curvature
    limit = 2 / curvature if curvature > 0 else 0.05
    method, schedule, start = pick(sorted(SAMPLERS)), pick(CONSTANT), pick(STARTS)
    if method not in OVERDAMPED and random.random() < 0.8:  # in motion, theirs is known where the potential separates
        schedule, start = "constant", "equilibrium"
    return values | {
        "method": method,
        "step": limit * random.uniform(0.01, 0.6),
        "temperature": own["temperature"] * random.uniform(0.5, 2),
        "cold": own["temperature"] * random.uniform(0.3, 1.5),
        "schedule": schedule,
        "steps": int(random.integers(50, 1_000)),
        "particles": int(random.integers(5, 200)),
        "seed": int(random.integers(100)),
        "x0": own["x0"],
        "y0": own["y0"],
        "start": start,
        "spread": random.uniform(0.05, 0.5),
        "friction": random.uniform(0.1, 10),
        "leapfrog_steps": int(random.integers(1, 15)),
    }


def test_a_cooled_box_on_a_quadratic_potential_is_compared_with_a_smooth_curve():
    """Its quadrature has a dozen places along x, its histogram none: a gap of 0.06 was their stairs."""
    config = LangevinConfig(
        potential="harmonic", schedule="logarithmic", start="box", x0=0.0, steps=500, step=0.05, temperature=1.0,
        cold=0.2, particles=2_000,
    )  # fmt: skip
    [gap] = [row for row in run(config).verdict.rows if row.name.startswith("gap")]
    assert gap.state is State.AGREES
    assert gap.measured < 0.04  # four standard errors of 2,000 true particles are 0.05


@pytest.mark.slow
def test_checks_agree_whatever_is_set():
    """Each potential with several random settings: more different ones than a search for a counterexample tries."""
    made, random = [], np.random.default_rng(3)
    for _ in range(examples(20) // 5):
        for potential in sorted(POTENTIALS):
            values = usual(potential, random)
            try:
                config = LangevinConfig(**values)
            except ValueError:
                continue
            for check in run(config).checks:
                made.append(check)
                assert check.state is not State.DIFFERS, (check, config.query())
    assert len(made) > 60 and len({check.source.split(" at ")[0].split(",")[0] for check in made}) >= 4
    compared = [check for check in made if check.truth is not None]
    assert np.median([check.allowed / max(abs(check.truth), 0.1) for check in compared]) < 1  # and could have disagreed


@pytest.mark.parametrize(
    "given",
    [  # most particles stay where they were, high up, and one of them is in a well
        {"potential": FORMULA, "formula": "(x²−1)² + y²", "step": 1.0, "steps": 200, "seed": 844_553},
        {"potential": FORMULA, "formula": "x**12 + y**2", "steps": 30, "seed": 376_525},
    ],
)
def test_one_particle_is_not_held_against_the_mean_of_a_wide_distribution(given):
    config, refused = LangevinConfig.read(given | {"method": "mala", "particles": 1, "start": "box"})
    assert not refused and not [row for row in run(config).verdict.rows if row.state is State.DIFFERS]
