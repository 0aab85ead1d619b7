"""The hanging chain on the energy page: every method to the exact polygon, and what a step too long does."""

from __future__ import annotations

import numpy as np
import pytest

from demos.physics.chain.model import discrete_catenary
from demos.physics.config import EnergyConfig
from demos.physics.run import charts_of, run
from demos.picture import Curve, Lines
from demos.picture.payload import encode


def chain(**changes) -> EnergyConfig:
    return EnergyConfig(
        **({"system": "chain", "method": "rkc", "start": "zigzag", "duration": 10.0, "links": 12} | changes)
    )


@pytest.mark.parametrize(("method", "step"), [("rkc", 1.0), ("euler", 8e-3), ("lbfgs", 0.05), ("fire", 0.01)])
@pytest.mark.parametrize("start", ["zigzag", "arch"])
def test_every_method_ends_in_the_exact_polygon(method, step, start):
    config = chain(method=method, step=step, start=start)
    result = run(config)
    checks = {check.name: check for check in result.checks}
    assert all(check.agrees for check in result.checks), checks
    assert checks["joints off the exact polygon"].measured < 1e-7
    assert {"energy", "ways down from the end", "link length", "held ends"} <= set(checks)
    assert ("dissipation identity" in checks) == (method == "rkc")
    assert not result.warnings and {chart.table for chart in charts_of(config)} <= set(result.tables)


@pytest.mark.parametrize(("links", "length"), [(3, 1.5), (7, 4.0), (30, 1.01), (31, 3.0)])
def test_all_chains(links, length):
    assert all(check.agrees for check in run(chain(links=links, length=length)).checks)


def test_the_picture_ends_on_the_exact_shape_with_its_tensions():
    result, exact = run(chain()), discrete_catenary(12, 2.0)
    body, profile = result.picture.panels
    dashed, links = (part for part in body.layers if isinstance(part, Lines))
    np.testing.assert_array_equal(dashed.positions, exact.nodes)
    pieces = links.positions[-1].reshape(12, 2, 2)
    np.testing.assert_allclose(pieces[:, 0], exact.nodes[:-1], atol=1e-5)
    np.testing.assert_allclose(pieces[:, 1], exact.nodes[1:], atol=1e-5)
    np.testing.assert_allclose(links.values[-1], exact.tensions, rtol=1e-3)
    moving = next(part for part in profile.layers if isinstance(part, Curve) and part.name == "multipliers")
    np.testing.assert_allclose(moving.y[-1], exact.tensions, rtol=1e-3)
    assert result.picture.frames == 100


def test_a_step_past_stability_is_told_with_its_limit():
    result = run(chain(method="euler", step=0.05))
    assert len(result.warnings) == 1 and "× the stability limit 2/L" in result.warnings[0]
    growth = next(check for check in result.checks if check.name == "an error's growth in one step")
    assert growth.agrees and growth.exact < -1
    assert all(check.agrees for check in result.checks)  # the links stay rigid whatever happens
    encode(result.picture)


@pytest.mark.parametrize("step", [1.0, 10.0, 100.0])
def test_the_growth_of_an_error_is_told_however_long_the_step(step):
    """The error is so small that even after the step it has not left the bowl where 1 − hL holds."""
    result = run(chain(method="euler", step=step, links=20, duration=2 * step))
    growth = next(check for check in result.checks if check.name == "an error's growth in one step")
    assert growth.agrees and growth.exact == pytest.approx(-293 * step, rel=0.01)
    assert all(check.agrees for check in result.checks)


def test_an_optimizer_that_is_lost_is_told_what_helps():
    result = run(chain(links=100, length=1.01, method="fire", step=0.01))
    assert "diverged" in result.warnings[0] and result.warnings[0].endswith(": take a smaller step.")
    assert not run(chain(links=100, length=1.01, method="fire", step=0.001, iterations=300)).warnings


@pytest.mark.parametrize(("links", "duration"), [(60, 0.003), (60, 0.3), (12, 0.01)])
def test_the_clock_of_a_short_run_is_right_too(links, duration):
    result = run(chain(links=links, start="arch", duration=duration))
    assert next(check for check in result.checks if check.name == "dissipation identity").agrees


def test_a_chain_that_still_moves_promises_less():
    result = run(chain(duration=0.2))
    names = {check.name for check in result.checks}
    assert "joints off the exact polygon" not in names and all(check.agrees for check in result.checks)
    assert "not come to rest" in result.notes[0]


def test_the_books_are_read_while_the_picture_plays():
    flow, jumps = run(chain()), run(chain(method="lbfgs", step=0.05))
    live = next(one for one in flow.picture.readouts if one.label == "identity misses")
    assert live.values[0] == 0 and 0 < abs(live.values[-1]) <= 0.1 and live.unit == "%"
    assert not any(one.label == "identity misses" for one in jumps.picture.readouts)


def test_the_same_config_gives_the_same_bytes():
    first, again = run(chain()), run(chain())
    assert encode(first.picture) == encode(again.picture) and first.checks == again.checks
    assert first.tables["trace"].equals(again.tables["trace"])


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"links": 2}, "links = 2 is out of range"),
        ({"length": 1.0}, "length = 1.0 is out of range"),
        ({"links": 3, "length": 4.0}, "the middle one, 1.33 spans long, cannot lie between the hooks"),
        ({"start": "random"}, "Random is not for this system"),
        ({"method": "euler", "step": 1e-6}, "take a larger step"),
    ],
)
def test_bad_input_is_refused(bad, words):
    with pytest.raises(ValueError, match=words):
        chain(**bad)
