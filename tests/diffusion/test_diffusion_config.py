"""Configs of the diffusion page from outside: refused in one sentence, or run."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demos.contract import State
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import BUILT_IN, encode_points
from demos.diffusion.data.word import WORD_POINTS
from demos.diffusion.run import run
from demos.diffusion.setup import data_of
from demos.picture.payload import encode
from tests.diffusion.test_demo import SMALL
from tests.examples import examples

BAD = [
    {"guidance": 1e6},
    {"word": "a" * 500},
    {"particles": 10**9},
    {"sampler": "magic"},
    {"target": "9"},
    {"data": "moons", "target": "5"},
    {"sigma_min": 0.5, "sigma_max": 0.2},
    {"beta_min": 5.0, "beta_max": 0.1},
    {"score": "flow_ot", "target": "0"},
    {"data": "points"},
    {"compare": ("heun", "ddim")},
    {"compare": ("ddim", "ddim", "sde")},
    {"points": "x" * 10_000},
    {"data": "points", "points": encode_points(np.random.default_rng(0).random((2_000, 2))), "evaluations": 1_000},
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: "-".join(bad))
def test_bad_settings_are_refused_in_one_sentence(bad):
    with pytest.raises(ValueError, match=r"\.$") as caught:
        DiffusionConfig(**bad)
    assert "\n" not in str(caught.value)
    config, refused = DiffusionConfig.read(bad)
    assert refused
    assert isinstance(config, DiffusionConfig)


@pytest.mark.parametrize(
    "bad", [{"data": "word", "word": "   "}, {"data": "points", "points": "????"}, {"data": "points", "points": "AAAA"}]
)
def test_bad_data_are_refused_in_one_sentence(bad):
    with pytest.raises(ValueError, match=r"\.$"):
        run(DiffusionConfig(**SMALL, **bad))


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_what_is_known_of_data_before_they_are_made_is_true(name):
    row, distribution = BUILT_IN.rows[name], BUILT_IN[name].distribution
    assert row.classes == len(distribution.shares)
    assert row.title == BUILT_IN[name].title
    if name != "checkerboard":  # squares have no components; the benchmark of the exact side says what they cost
        assert 0.5 < row.components / len(distribution.weights) < 2


def test_the_price_of_own_data_is_their_number():
    points = encode_points(np.random.default_rng(0).random((100, 2)))
    word, own = DiffusionConfig(data="word"), DiffusionConfig(data="points", points=points)
    assert word.work / own.work == WORD_POINTS / 100 == len(data_of(word).distribution.weights) / 100


def strategy():
    fields = {}
    for name, control in DiffusionConfig.controls().items():
        if name in ("points", "word", "score", "particles", "evaluations", "compare"):
            continue
        match control.kind:
            case "choice" if name == "target":
                fields[name] = st.sampled_from(["all", "all", "each", "0"])
            case "choice":
                fields[name] = st.sampled_from([option for option in control.options if option != "points"])
            case "number":
                fields[name] = st.floats(control.low, control.high)
            case "whole":
                fields[name] = st.integers(int(control.low), min(int(control.high), 10_000))
            case "flag":
                fields[name] = st.booleans()
    return st.fixed_dictionaries(fields)


@settings(max_examples=examples(60))
@given(
    strategy(), st.integers(2, 24), st.lists(st.sampled_from(["sde", "annealed", "dopri5"]), max_size=2, unique=True)
)
def test_any_config_runs_or_is_refused(values, evaluations, compare):
    try:
        config = DiffusionConfig(**{**values, "evaluations": evaluations, "compare": tuple(compare), "particles": 32})
    except ValueError as problem:
        assert str(problem).endswith(".")
        return
    result = run(config)
    assert encode(result.picture)
    for check in result.checks:
        assert math.isfinite(check.allowed), check
        assert check == check, check  # no number that is not equal to itself
        assert check.state is not State.DIFFERS, (check, config)
