"""Properties over arguments of every kind and numbers of every size: a path or one sentence, nothing else."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from demos.gradient_flow import METHODS, GradientFlow, solve
from tests.examples import examples
from tests.gradient_flow.flows import GENERAL, double_well, names

START, TIMES = torch.zeros(4, 2), [0.0, 0.1, 0.2]
FLOW, COLD = GradientFlow(energy=double_well, temperature=0.25), GradientFlow(energy=double_well)

GARBAGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 10),
    st.floats(),
    st.text(max_size=4),
    st.binary(max_size=2),
    st.lists(st.one_of(st.floats(), st.none(), st.text(max_size=1)), max_size=3),
    st.complex_numbers(),
    st.dictionaries(st.text(max_size=1), st.floats(), max_size=1),
    st.builds(object),
    st.sampled_from(
        [
            torch.zeros(0),
            torch.zeros(3, 2),
            torch.tensor(nan),
            torch.zeros(2, 2, dtype=torch.bool),
            np.zeros(2),
            np.array("x"),
            np.float64(inf),
            range(3),
            lambda: None,
            solve,
        ]
    ),
)
GOOD = {
    "start": st.sampled_from([START, torch.ones(2, 3), torch.full((1, 1), 0.5).double()]),
    "times": st.sampled_from([TIMES, np.linspace(0, 1, 4), [1, 0]]),
    "method": st.sampled_from([*names(GENERAL), "VRORV"]),
}


@settings(max_examples=examples(150), deadline=None)
@given(data=st.data())
def test_only_value_errors_escape(data):
    """Any garbage in any argument but functions, which are the caller's own: a path, or one sentence."""
    flow = data.draw(st.sampled_from([FLOW, COLD, GradientFlow(gradient=lambda x: x), GARBAGE]))
    flow = data.draw(flow) if isinstance(flow, st.SearchStrategy) else flow
    plain = {name: data.draw(st.one_of(good, good, GARBAGE)) for name, good in GOOD.items()}
    rest = data.draw(
        st.dictionaries(
            st.sampled_from(
                [
                    "seed",
                    "record",
                    "noise",
                    "rtol",
                    "atol",
                    "tolerance",
                    "momenta",
                    "momentum",
                    "leapfrog_steps",
                    "beta1",
                    "nonsense",
                ]
            ),
            GARBAGE,
            max_size=2,
        )
    )
    try:
        path = solve(flow, plain["start"], plain["times"], plain["method"], **rest)
    except ValueError as refusal:
        assert str(refusal)
    else:
        assert len(path.states) == len(path.times)


@settings(max_examples=examples(150), deadline=None)
@given(
    parts=st.dictionaries(
        st.sampled_from(["energy", "gradient", "hessian", "temperature", "mobility", "project", "friction", "mass"]),
        GARBAGE,
        max_size=3,
    )
)
def test_only_value_errors_escape_from_a_flow(parts):
    try:
        GradientFlow(**({"energy": double_well} | parts))
    except ValueError as refusal:
        assert str(refusal)


@settings(max_examples=examples(60), deadline=None)
@given(
    method=st.sampled_from(names(GENERAL)),
    scale=st.floats(1e-300, 1e300),
    h=st.floats(1e-9, 1e9),
    seed=st.integers(0, 2**53),
    dtype=st.sampled_from([torch.float32, torch.float64]),
)
def test_numbers_of_any_size_end_in_words(method, scale, h, seed, dtype):
    """Whatever overflows is a result: a path with a status."""
    row = METHODS[method]
    flow = GradientFlow(energy=lambda x: scale * double_well(x), temperature=0.25 if row.stochastic != "never" else 0.0)
    path = solve(
        flow,
        torch.tensor([[0.3, -0.2], [1.7, 4.0]], dtype=dtype),
        [0.0, h, 2 * h],
        method,
        seed=seed,
        rtol=1e-3,
        atol=1e-3,
        progress=Patience(),
    )
    assert path.status.kind in ("finished", "diverged", "cancelled") and str(path.status)


class Patience:
    """Waits for ten reports: stiff problems may take for ever."""

    def __init__(self):
        self.left = 10

    def __call__(self, fraction):
        self.left -= 1
        return self.left > 0
