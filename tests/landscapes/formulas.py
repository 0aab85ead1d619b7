"""Formulas for the tests: a known surface, what each name means in NumPy, and any formula at all."""

from __future__ import annotations

import math

import numpy as np
import scipy.special
from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from demos.landscapes.formula import Formula, FormulaError
from demos.landscapes.formula.words import FUNCTIONS, TWO, TWO_OR_MORE

HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
ONE = [name for name in FUNCTIONS if name not in TWO + TWO_OR_MORE]
ELSEWHERE = {"erf": scipy.special.erf, "max": np.maximum, "min": np.minimum, "atan2": np.arctan2}
SCOPE = {name: ELSEWHERE.get(name) or getattr(np, name) for name in FUNCTIONS} | {"pi": math.pi, "e": math.e}

# With a point, because numpy's own integers know no negative powers.
numbers = st.one_of(st.integers(0, 20).map("{}.0".format), st.floats(0.01, 100).map(repr), st.sampled_from(["pi", "e"]))
odd = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
formulas = st.recursive(
    st.one_of(st.sampled_from(["x", "y"]), numbers),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", "-", "*", "/", " - "]), inner).map(
            lambda p: f"({p[0]}){p[1]}({p[2]})"
        ),
        st.tuples(inner, st.sampled_from([" + ", "*"]), inner).map("".join),
        st.tuples(st.sampled_from(sorted(ONE)), inner).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(st.sampled_from(["max", "min", "atan2", "hypot"]), inner, inner).map(
            lambda p: f"{p[0]}({p[1]}, {p[2]})"
        ),
        st.tuples(inner, st.integers(-3, 4)).map(lambda p: f"({p[0]})**{p[1]}"),
        inner.map(lambda p: f"-({p})"),
    ),
    max_leaves=8,
)


def parsed(text: str) -> Formula:
    try:
        return Formula.parse(text)
    except FormulaError:  # too long, or a constant part without a value
        assume(False)
