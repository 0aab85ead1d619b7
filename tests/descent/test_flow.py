"""The exact flow against closed forms, also where it leaves, meets a cone or a saddle; and the modified flows."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.descent.checks_end import LINEAR_SHARE, end_checks
from demos.descent.config import DescentConfig
from demos.descent.flow import exact_flow
from demos.descent.lsoda import lsoda
from demos.descent.modified import modified_field
from demos.descent.prediction import axes_of, parabola_radius
from demos.descent.setup import Setup, destinations
from demos.gradient_flow import GradientFlow, solve
from demos.landscapes import LANDSCAPES
from demos.landscapes.formula import formula_landscape
from demos.landscapes.test_functions import TEST_FUNCTIONS, quadratic


def point(*at: float) -> torch.Tensor:
    return torch.tensor([at], dtype=torch.float64)


def test_on_a_quadratic_it_is_the_exponential():
    surface = quadratic(1e4, 20.0)
    hessian = surface.hessian(point(0, 0))[0]
    starts = torch.cat([point(3.0, -2.0), point(0.1, 5.0)])
    times = np.array([0.3, 2.0, 40.0, 3e4])
    flow = exact_flow(surface, starts, times)
    for t in times:
        expected = starts @ torch.matrix_exp(-t * hessian).T
        np.testing.assert_allclose(flow.at(np.array([t]))[0], expected.numpy(), atol=3e-7)


def test_it_leaves_a_saddle_and_stays_at_one():
    surface = TEST_FUNCTIONS["saddle"]
    flow = exact_flow(surface, torch.cat([point(-2.0, 1e-3), point(1.0, 0.0)]), np.array([2.0, 20.0]))
    np.testing.assert_allclose(flow.at(np.array([2.0]))[0, 0], [-2 * np.exp(-4), 1e-3 * np.exp(4)], rtol=1e-6)
    assert np.isnan(flow.states[-1, 0]).all()  # far outside
    np.testing.assert_allclose(flow.states[-1, 1], [0, 0], atol=1e-9)
    falling = exact_flow(TEST_FUNCTIONS["monkey_saddle"], point(-1.0, 0.3), np.array([50.0]))  # explodes in finite time
    assert np.isnan(falling.states[-1]).all()


def test_it_ends_at_the_tip_of_a_cone():
    surface = TEST_FUNCTIONS["ackley"]
    flow = exact_flow(surface, point(0.3, 0.2), np.array([5.0]))
    assert np.linalg.norm(flow.states[-1]) < 1e-3
    assert destinations(surface, flow.states[-1]).tolist() == [0]


def test_it_slides_along_a_kink_that_is_a_line():
    surface = formula_landscape("abs(x) + y**2")
    times = np.array([0.5, 1.5, 3.0])
    flow = exact_flow(surface, point(-1.0, 1.2), times)
    assert flow.is_rounded and not flow.is_lost
    expected = np.stack([np.minimum(times - 1.0, 0.0), 1.2 * np.exp(-2 * times)], axis=1)
    np.testing.assert_allclose(flow.at(times)[:, 0], expected, atol=1e-3)  # the kink is rounded within 8e-4


def test_starts_that_leave_do_not_hide_where_the_others_end():
    setup = Setup.of(DescentConfig(surface="beale", start="grid", steps=1_000, methods=("euler",)))
    ends = destinations(setup.surface, setup.exact.states[-1])
    at_minimum = np.linalg.norm(setup.exact.states[-1] - setup.surface.minima[0].position, axis=1) < 0.1
    assert at_minimum.sum() > 10
    assert (ends[at_minimum] == 0).all() and (ends[~at_minimum] == -1).any()


def test_from_himmelblaus_view_it_reaches_each_of_the_four():
    setup = Setup.of(DescentConfig(start="grid", count=6, methods=("euler",)))
    assert set(setup.destinations.tolist()) == {0, 1, 2, 3}


FORMULA = "(x**2 - 1)**2 + 2*(y - x**2/2)**2"
CASES = {
    "himmelblau": (TEST_FUNCTIONS["himmelblau"], (0.0, -0.5), 0.05, 0.001),
    "beale": (TEST_FUNCTIONS["beale"], (1.0, 1.5), 0.2, 0.001),
    "muller_brown": (LANDSCAPES["muller_brown"], (-0.75, 0.55), 0.01, 5e-5),
    "formula": (formula_landscape(FORMULA), (-1.8, 1.2), 0.3, 0.002),
}


@pytest.mark.parametrize("name", CASES)
def test_gradient_descent_has_order_1_and_2_beside_the_modified_flow(name):
    """By halving the rate, at a fixed time; the third term is nearer still."""
    surface, start, end, rate = CASES[name]
    ends: dict[int, list[float]] = {1: [], 2: [], 3: []}
    rates = [rate, rate / 2]
    for h in rates:
        steps = round(end / h)
        path = solve(GradientFlow(surface.energy, surface.gradient), point(*start), np.arange(steps + 1) * h)
        for terms, errors in ends.items():
            flow = exact_flow(surface, point(*start), np.array([steps * h]), modified_field(surface, h, (terms,)))
            errors.append(float(np.linalg.norm(path.states[-1].numpy() - flow.states[-1])))
    for terms, allowed in ((1, 0.05), (2, 0.1)):
        assert np.log2(ends[terms][0] / ends[terms][1]) == pytest.approx(terms, abs=allowed)
    assert ends[3][0] < 0.3 * ends[2][0]


@pytest.mark.parametrize("values", [{}, {"surface": "quadratic", "condition": 9.0}, {"surface": "muller_brown"}])
def test_the_row_of_the_flows_end_knows_the_minimum_and_its_curvature(values):
    """A flow that runs 5 % too fast, or that ends beside the minimum, is noticed."""
    config, _ = DescentConfig.read(values)
    setup = Setup.of(config.replace(methods=("euler",)))
    assert [row.state for row in end_checks(setup)] == [State.AGREES]
    whole = setup.exact
    fast = np.stack([np.interp(1.05 * whole.times, whole.times, part) for part in whole.states[:, 0].T], axis=1)
    for states in (fast[:, None], whole.states + 0.02 * setup.scale):
        setup.__dict__["exact"] = replace(whole, states=states)
        assert [row.state for row in end_checks(setup)] != [State.AGREES]


@pytest.mark.parametrize("degrees", [60.0, 89.0, 89.7, 90.0, 90.3])
def test_the_row_of_the_flows_end_holds_near_the_steep_axis(degrees):
    """There the nonlinearity pushes the flow along the flat axis, by more than what remains along the steep one."""
    config, _ = DescentConfig.read({"surface": "muller_brown", "methods": "euler", "steps": "400"})
    place = config.landscape.minima[1]
    values, vectors = axes_of(config.landscape, place)
    radius = parabola_radius(config.landscape, place, LINEAR_SHARE * values[0] / values[1])
    angle = math.radians(degrees)
    x, y = place.position + 0.99 * radius * (vectors @ [math.cos(angle), math.sin(angle)])
    setup = Setup.of(config.replace(x0=float(x), y0=float(y)))
    (row,) = end_checks(setup)
    assert row.state is State.AGREES and row.floor <= 0.11 * row.truth
    whole = setup.exact
    slow = np.stack([np.interp(0.9 * whole.times, whole.times, part) for part in whole.states[:, 0].T], axis=1)
    setup.__dict__["exact"] = replace(whole, states=slow[:, None])
    assert end_checks(setup)[0].state is State.DIFFERS


def test_lsoda_in_several_threads_at_once_finds_the_same_flows():
    """Each call of a velocity lets another thread go on."""

    def end(rate: float) -> np.ndarray:
        start = torch.ones(20, 2, dtype=torch.float64)
        return lsoda(lambda x, t: rate * (x**3), None, start, np.linspace(0.0, 5.0, 40), 1e-8, 1e-10)

    rates = [1.0, 2.0, 5.0, 9.0]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(end, rates))
    for rate, found in zip(rates, together, strict=True):
        assert np.array_equal(found, end(rate))
        np.testing.assert_allclose(found[-1], 1 / math.sqrt(1 + 2 * rate * 5.0), rtol=1e-6)
