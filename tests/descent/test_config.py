"""What may be set, what goes along, and what is refused in one sentence."""

import math

import pytest

from demos.descent.config import DescentConfig
from demos.descent.optimizers import OPTIMIZERS
from demos.descent.setup import Setup
from demos.descent.starts import grid_of, places_of, text_of
from demos.descent.surfaces import SUITED, SURFACES
from demos.landscapes.test_functions import TEST_FUNCTIONS


@pytest.mark.parametrize("surface", SURFACES)
def test_every_landscape_brings_a_start_and_rates_that_work(surface):
    config, refused = DescentConfig.read({"surface": surface})
    assert not refused and config.surface == surface
    assert surface not in SUITED or (config.x0, config.y0) == SUITED[surface].start
    flattest = min((place.eigenvalues[1] for place in config.landscape.minima), default=math.nan)
    assert not config.lr_euler >= config.limit_of("euler", flattest)
    again, refused = DescentConfig.read({"surface": surface}, config.replace(lr_euler=1e-5))
    assert again.lr_euler == 1e-5  # the landscape did not change: what a person set stays


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"count": "1000000"}, "allowed is 2 to 16"),
        ({"lr_euler": "1e9"}, "out of range"),
        ({"methods": "euler,sgd"}, "not one of"),
        ({"methods": ""}, "choose at least one"),
        ({"surface": "formula", "formula": "x + y"}, "no clear minimum"),
        ({"surface": "formula", "formula": "1/x**2 - 1/(x**2 + y**2)"}, "."),
        ({"start": "places", "places": "1, 2; here"}, "no pair of numbers"),
        ({"start": "places", "places": "1, 1e9"}, "out of range"),
        ({"start": "places", "places": ";".join(["0, 0"] * 40)}, "allowed are 1 to 20"),
        ({"steps": "20000", "start": "grid", "count": "16"}, "take fewer starts"),
        ({"lr_adam": "1e-6"}, "raise its rate"),
    ],
)
def test_bad_input_gets_one_sentence(values, words):
    config, refused = DescentConfig.read(values)
    assert len(refused) == 1 and words in refused[0]
    assert refused[0].endswith(".") and "\n" not in refused[0]
    assert Setup.of(config)


def test_the_clock_says_how_long_the_others_run():
    config = DescentConfig(methods=("euler", "adam"), lr_euler=0.01, lr_adam=0.05, steps=100)
    assert config.planned_steps == {"euler": 100, "adam": 20}
    assert config.replace(clock="steps").planned_steps == {"euler": 100, "adam": 100}


def test_what_means_nothing_is_not_drawn():
    unused = DescentConfig(methods=("adamw",)).unused()
    assert {"lr_euler", "momentum", "formula", "condition", "x1", "places", "count"} <= unused
    assert not {"lr_adamw", "beta2", "weight_decay", "x0"} & unused
    assert {f"lr_{method}" for method in OPTIMIZERS} <= set(DescentConfig.controls())


def test_places_read_back():
    places = [(0.5, -1.25), (3.0, 1e-3)]
    assert places_of(text_of(places)) == places
    assert places_of("(1, 2); 3 −4") == [(1.0, 2.0), (3.0, -4.0)]
    grid = grid_of(TEST_FUNCTIONS["himmelblau"], 4)
    assert grid.shape == (16, 2) and grid[0].tolist() == [-3.75, -3.75] and grid[1].tolist() == [-1.25, -3.75]
