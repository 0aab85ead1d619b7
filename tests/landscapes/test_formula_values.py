"""Formulas against NumPy: values, gradients, LaTeX of whatever formula hypothesis finds."""

from __future__ import annotations

import math

import numpy as np
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from demos.landscapes.formula import Formula
from demos.landscapes.formula.words import LONGEST
from tests.examples import examples
from tests.landscapes.formulas import SCOPE, formulas, odd, parsed


@settings(odd, max_examples=examples(200))
@given(formulas, st.floats(-3, 3), st.floats(-3, 3))
def test_values_are_numpys(text: str, x: float, y: float) -> None:
    formula = parsed(text)
    with np.errstate(all="ignore"):
        scope = {"x": np.array([x]), "y": np.array([y])}
        exact = np.broadcast_to(np.asarray(eval(text, {"__builtins__": {}}, SCOPE | scope), dtype=float), (1,))
    found = formula.numpy(np.array([x]), np.array([y]))
    np.testing.assert_allclose(found, exact, rtol=1e-9, atol=1e-12)
    if len(formula.text) <= LONGEST:
        again = Formula.parse(formula.text)
        assert again == formula
    torch_value = formula.energy(torch.tensor([[x, y]], dtype=torch.float64))
    assume(np.isfinite(found).all() and abs(found[0]) < 1e8)
    assert torch_value.dtype == torch.float64
    # Only the last digits of the libraries' functions differ; differences of large parts may enlarge that.
    np.testing.assert_allclose(torch_value.numpy(), found, rtol=1e-6, atol=1e-6)


@settings(odd, max_examples=examples(200))
@given(formulas)
def test_latex_is_balanced(text: str) -> None:
    latex = parsed(text).latex()
    assert latex.count("{") == latex.count("}") and latex.count(r"\left") == latex.count(r"\right")
    assert "--" not in latex and "+ -" not in latex and "**" not in latex


def test_gradient_and_layout() -> None:
    formula = Formula.parse("(x**2 - 1)**2 + y**2 + sin(x*y)")
    x = torch.randn((2, 50), generator=torch.Generator().manual_seed(0), dtype=torch.float64).T
    a, b = x.unbind(-1)
    exact = torch.stack((4 * a * (a * a - 1) + b * torch.cos(a * b), 2 * b + a * torch.cos(a * b)), -1)
    with torch.no_grad():
        torch.testing.assert_close(formula.gradient(x), exact, rtol=1e-12, atol=1e-12)
    assert formula.gradient(x).T.is_contiguous() and not formula.gradient(x).requires_grad
    assert formula.energy(x.float()).dtype == formula.gradient(x.float()).dtype == torch.float32
    for text, slope in (("2", (0, 0)), ("3*x", (3, 0)), ("y - x", (-1, 1)), ("0*x + pi", (0, 0)), ("abs(x)", (1, 0))):
        one = torch.tensor([[1.0, 2.0]])
        assert Formula.parse(text).gradient(one).tolist() == [list(map(float, slope))]
        assert Formula.parse(text).energy(one).shape == (1,)
    tip = torch.zeros((1, 2), dtype=torch.float64)
    assert Formula.parse("sqrt(x**2 + y**2)").gradient(tip).tolist() == [[0.0, 0.0]]


def test_numpy_broadcasts_and_never_raises() -> None:
    xs, ys = np.linspace(-1, 1, 5), np.linspace(0, 1, 3)
    assert Formula.parse("x*y").numpy(xs[None, :], ys[:, None]).shape == (3, 5)
    assert Formula.parse("2").numpy(xs[None, :], ys[:, None]).tolist() == [[2.0] * 5] * 3
    values = Formula.parse("log(x) + 1/y + x**0.5").numpy(xs[None, :], ys[:, None])
    assert np.isnan(values[1, 0]) and values[0, 4] == math.inf
