"""The run: every method from one config, moves made again, what is refused, what a drag gives."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from demos.contract import State
from demos.descent.checks_implicit import descent_checks
from demos.descent.config import DescentConfig
from demos.descent.dragging import follow, moved
from demos.descent.optimizers import LABELS, OPTIMIZERS
from demos.descent.picture import picture
from demos.descent.replay import REPLAYS, largest_difference
from demos.descent.run import run
from demos.descent.scenes import SCENES
from demos.descent.setup import Setup
from demos.descent.simulate import MethodRun, simulate
from demos.picture import Handles
from demos.picture.colors import EXACT, method_color
from demos.picture.payload import encode

SMALL = {"steps": 60, "clock": "steps"}


@pytest.mark.parametrize("method", OPTIMIZERS)
def test_moves_made_again_are_the_same_and_others_are_not(method):
    setup = Setup.of(DescentConfig(methods=(method,), start="places", places="0, -0.5; 2, 1", momentum=0.7, **SMALL))
    (found,) = simulate(setup)
    off = largest_difference(setup, found)
    if method not in REPLAYS:
        assert method == "lbfgs" and off is None
        return
    assert off < 1e-6
    states = found.states.copy()
    states[10:] += 1e-3
    bent = MethodRun(method, found.rate, found.times, states, found.status, found.evaluations)
    assert largest_difference(setup, bent) > 1e-4


@pytest.mark.parametrize("rate", [4.43, 37.3])
def test_implicit_euler_solves_its_equation_at_any_rate(rate):
    """Near its minimum the energy of a step is equal to rounding: the gradient must lead further."""
    setup = Setup.of(DescentConfig(surface="rosenbrock", methods=("implicit_euler",), lr_implicit_euler=rate, **SMALL))
    assert largest_difference(setup, *simulate(setup)) < 1e-6  # of 1e-7 views where it rests: rounding


def test_implicit_euler_is_not_judged_where_a_kink_solves_its_equation():
    for formula in ("abs(x) + y**2", "max(x, y) + 0.3*(x**2 + y**2)"):
        config = DescentConfig(surface="formula", formula=formula, methods=("implicit_euler",), **SMALL)
        off = largest_difference(Setup.of(config), *simulate(Setup.of(config)))
        assert off is None or off < 1e-6


def test_six_methods_at_once_are_in_the_picture_with_the_flow():
    config = DescentConfig(methods=tuple(OPTIMIZERS)[:6], beside="step", **SMALL)
    result = run(config)
    names = [layer.name for layer in result.picture.panels[0].layers]
    assert {"Exact flow", *(LABELS[method] for method in config.methods)} <= set(names)
    assert len(encode(result.picture)) < 1.5e6
    assert [row for row in result.verdict.rows if row.state is State.DIFFERS] == []
    assert len(result.tables["predictions"]) == 6


def test_the_picture_says_beforehand_what_is_predicted():
    """On E = x²/2 the distance shrinks by 0.9 a step: 7 shrinks to a thousandth of the view's diagonal in 54 or 55."""
    config = DescentConfig(surface="quadratic", condition=1.0, methods=("euler",), lr_euler=0.1, x0=7.0, y0=0.0)
    panel = run(config).picture.panels[1]
    exact = math.ceil(math.log(1e-3 * math.hypot(20, 14) / 7.0) / math.log(0.9))
    assert panel.subtitle == f"Predicted: Gradient descent {exact} steps"
    assert "leaves" in run(config.replace(lr_euler=2.1)).picture.panels[1].subtitle
    assert "4 of 4" in run(config.replace(start="grid", count=2)).picture.panels[1].subtitle


def test_divergence_is_drawn_as_divergence():
    result = run(DescentConfig(methods=("euler",), lr_euler=0.5, **SMALL))
    assert "left the picture" in result.picture.panels[0].subtitle
    assert any("left the landscape" in warning for warning in result.warnings)
    (x0, x1), _ = result.picture.panels[0].x, result.picture.panels[0].y
    assert x1 - x0 > 10  # the frame has grown


def test_bytes_do_not_depend_on_what_ran_before():
    config = DescentConfig(methods=("euler", "adam"), **SMALL)
    first = encode(run(config).picture)
    run(DescentConfig(methods=("lion",), **SMALL))
    assert encode(run(config).picture) == first


def test_a_dragged_start_takes_its_paths_along():
    config = DescentConfig(methods=("euler", "heavy_ball"), **SMALL)
    patch = follow(config, 0, 1.0, 1.5, False)
    whole = picture(Setup.of(moved(config, 0, 1.0, 1.5)), simulate(Setup.of(moved(config, 0, 1.0, 1.5))))
    by_name = {layer.name: layer for layer in whole.panels[0].layers}
    for layer in patch.layers[0]:  # a hundredth of a pixel is 1e-5 of the view
        near = 1e-5 * 14 if layer.name == "Exact flow" else 0.0
        np.testing.assert_allclose(layer.positions, by_name[layer.name].positions, rtol=0, atol=near)
    assert {layer.name for layer in patch.layers[0]} == {"Exact flow", "Gradient descent", "Heavy ball"}
    grips = [layer for layer in whole.panels[0].layers if isinstance(layer, Handles)]
    assert grips[0].positions.tolist() == [[1.0, 1.5]]
    slow = config.replace(steps=20_000)
    assert set(follow(slow, 0, 1.0, 1.5, False).hidden[0]) == {"Gradient descent", "Heavy ball"}
    assert moved(config.replace(start="line"), 1, 2.0, 2.0).x1 == 2.0
    with pytest.raises(ValueError, match="no start 9"):
        moved(config.replace(start="places"), 8, 0.0, 0.0)


def test_a_line_and_a_grid_and_basins():
    for values in (
        {"start": "line", "count": 5},
        {"start": "grid", "count": 4, "ground": "method"},
        {"ground": "flow"},
    ):
        result = run(DescentConfig(methods=("euler",), streamlines=True, **SMALL, **values))
        assert [row for row in result.verdict.rows if row.state is State.DIFFERS] == []


def test_the_energy_of_implicit_steps_falls_and_a_path_backwards_is_noticed():
    setup = Setup.of(DescentConfig(surface="rosenbrock", methods=("implicit_euler",), lr_implicit_euler=10.0, **SMALL))
    (found,) = simulate(setup)
    assert descent_checks(setup, found)[0].state is State.AGREES
    backwards = replace(found, states=found.states[::-1].copy())
    assert descent_checks(setup, backwards)[0].state is State.DIFFERS


def test_an_implicit_step_without_a_minimum_raises_no_alarm():
    """The monkey saddle falls as −|x|³: from the second step on there is no minimum of E(y) + |y − x|²/2h."""
    config, _ = DescentConfig.read({"surface": "monkey_saddle"})
    result = run(config.replace(methods=("implicit_euler",), lr_implicit_euler=0.05, **SMALL))
    assert [row for row in result.verdict.rows if row.state is State.DIFFERS] == []


def test_beside_a_saddle_the_headline_has_the_times_at_which_the_view_is_left():
    """y = 0.02 e²ᵗ reaches the view's edge at t = ½ ln(edge/0.02); on the ridge nothing leaves."""
    config = next(scene.config for scene in SCENES if scene.name == "saddle")
    surface = Setup.of(config).surface
    exact = math.log(surface.view[1][1] / abs(config.y0)) / 2
    times = [float(found) for found in re.findall(r"t = (\d+\.\d+)", run(config).headline)]
    assert times[0] == pytest.approx(exact, abs=0.02) and times[2] < times[0] < times[1]
    assert "t =" not in run(config.replace(y0=0.0)).headline


def test_methods_of_one_scene_have_colours_of_their_own():
    for scene in SCENES:
        colors = [method_color(method) for method in scene.config.methods]
        assert len({*colors, EXACT}) == len(colors) + 1
        assert not {0, 5} <= set(colors)  # blue and sky blue


@pytest.mark.parametrize("method", ["euler", "heavy_ball"])
def test_the_headline_names_a_minimum_that_is_not_the_flows(method):
    """From some starts momentum carries the path into another basin: then, and only then, the headline says so."""
    config = DescentConfig(methods=(method,), start="grid", count=4, steps=300)
    setup = Setup.of(config)
    ends = simulate(setup)[0].states[-1]
    minima = np.array([place.position for place in setup.surface.minima])
    found = np.linalg.norm(minima - ends[:, None], axis=2).argmin(axis=1)
    other, same = found != setup.destinations, found == setup.destinations
    assert other.any() == (method == "heavy_ball") and same.any()
    for chosen in (other, same):
        for x, y in setup.starts.numpy()[chosen][:1]:
            said = run(config.replace(start="point", x0=float(x), y0=float(y))).headline
            assert ("another minimum" in said) == (chosen is other)
