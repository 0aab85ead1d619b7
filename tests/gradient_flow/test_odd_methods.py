"""Methods of one's own that make no sense are refused in one sentence that names what is wrong."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from demos.gradient_flow import GradientFlow, Method, Option, solve, splitting
from tests.gradient_flow.edges import START, TIMES, bowl

COLD = GradientFlow(bowl)
HUGE = 10**400  # beyond the floats


def _stays(problem, state, t, h):
    return state


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": 5}, "name = 5"),
        ({"step": 5}, "step = 5"),
        ({"step": lambda x: x}, "step = .* 4 arguments"),
        ({"init": lambda x: x}, "init = .* 3 arguments"),
        ({"limit": 3}, "limit = 3"),
        ({"normals": -1}, "normals = -1"),
        ({"uniforms": 1.5}, r"uniforms = 1\.5"),
        ({"order": 2}, "order = 2"),
        ({"options": {"a": 1.0}}, "options"),
        ({"evaluations": "leaps"}, "evaluations = 'leaps'"),
        ({"needs": "energy"}, "needs = 'energy'"),
    ],
)
def test_fields_of_a_method_that_make_no_sense(fields, words):
    with pytest.raises(ValueError, match=words):
        Method(**{"name": "mine", "step": _stays} | fields)


@pytest.mark.parametrize("name", ["momentum", "gradient_index"])
def test_a_place_that_the_state_does_not_have(name):
    with pytest.raises(ValueError, match=f"{name} = 5"):
        solve(COLD, START, TIMES, replace(Method("mine", _stays), **{name: 5}))


class Strides:
    """An adaptive stepper with steps of one length, which need not lead to the end."""

    rejected = 0

    def __init__(self, length, problem, x, t0, t1):
        self._length, self.t, self.x = length, t0, x

    def advance(self):
        self.t += self._length

    def at(self, t):
        return self.x


@pytest.mark.parametrize("length", [0.3, -0.1, 0.0])
def test_a_stepper_that_misses_the_end_is_refused(length):
    """The run would go on for ever."""
    with pytest.raises(ValueError, match=r"adaptive stepper went from t = 0.* to .*the end, 0\.5"):
        solve(COLD, START, TIMES, Method("mine", adaptive=partial(Strides, length)))


def test_an_option_beyond_the_floats():
    row = Method("mine", _stays, options={"a": Option(1.0, 0.0, 2.0, "a number")})
    with pytest.raises(ValueError, match="a = 1000.* from 0 to 2"):
        solve(COLD, START, TIMES, row, a=HUGE)


def test_a_word_that_is_no_text():
    with pytest.raises(ValueError, match="word 5"):
        splitting(5)
