"""The formula reader against hostile text, and formulas against numpy and known surfaces."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from demos.landscapes import LANDSCAPES
from demos.landscapes.formula import Formula, FormulaError, formula_landscape
from demos.landscapes.formula.reader import DEEPEST, MOST_NODES
from demos.landscapes.formula.words import FUNCTIONS, LONGEST, TWO, TWO_OR_MORE
from tests.examples import examples

HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
ONE = [name for name in FUNCTIONS if name not in TWO + TWO_OR_MORE]
ELSEWHERE = {"erf": scipy.special.erf, "max": np.maximum, "min": np.minimum, "atan2": np.arctan2}
SCOPE = {name: ELSEWHERE.get(name) or getattr(np, name) for name in FUNCTIONS} | {"pi": math.pi, "e": math.e}


# --- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("(x**2 - 1)**2 + y**2", r"\left(x^{2} - 1\right)^{2} + y^{2}"),
        ("-x*y", r"-x\,y"),
        ("x - (y - 1)", r"x - \left(y - 1\right)"),
        ("x-(y+1)", r"x - \left(y + 1\right)"),
        ("2*3*x", r"2 \cdot 3\,x"),
        ("x*-y", r"x\,\left(-y\right)"),
        ("exp(-x**2/2)", r"\exp\left(-\frac{x^{2}}{2}\right)"),
        ("exp(-x)", "e^{-x}"),
        ("exp(x)**2", r"\left(e^{x}\right)^{2}"),
        ("sin(x)**2", r"\sin^{2}\left(x\right)"),
        ("sin(x)**-1", r"\left(\sin\left(x\right)\right)^{-1}"),
        ("sqrt(abs(x))*pi", r"\sqrt{\left|x\right|}\,\pi"),
        ("1e-5*x + .5", r"10^{-5}\,x + 0.5"),
        ("x**(1/3)", r"x^{\frac{1}{3}}"),
        ("-(-x)", r"-\left(-x\right)"),
        ("(x + 1)/(y/2)", r"\frac{x + 1}{\frac{y}{2}}"),
        ("log(x)/(-y)", r"\frac{\log\left(x\right)}{-y}"),
    ],
)
def test_latex(text: str, latex: str) -> None:
    assert Formula.parse(text).latex() == latex


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("  x\n+\ty ", "x + y"),
        ("((x))**(2)", "x**2"),
        ("(x*y)/2 - (1 + y)", "x*y/2 - (1 + y)"),
        ("2*-x", "2*(-x)"),
        ("(-x)**2 - -x**2", "(-x)**2 - (-x**2)"),
        ("x**-2", "x**-2"),
        ("(x**2)**3 + x**2**2", "(x**2)**3 + x**2**2"),
        ("+x + 1.50", "x + 1.5"),
        ("x/(y*2)", "x/(y*2)"),
    ],
)
def test_canonical_text(text: str, canonical: str) -> None:
    formula = Formula.parse(text)
    assert str(formula) == formula.text == canonical
    assert Formula.parse(canonical) == formula and hash(Formula.parse(canonical)) == hash(formula)


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "Write a formula"),
        ("   ", 0, "Write a formula"),
        ("sin x", 0, "sin needs brackets"),
        ("1 + foo*x", 4, "'foo' is not known"),
        ("x +", 2, "missing after '+'"),
        ("x + * y", 4, "missing before '*'"),
        ("*x", 0, "missing before '*'"),
        ("(x + )", 5, "missing before ')'"),
        ("sin()", 4, "nothing between"),
        ("(x", 0, "never closed"),
        ("((x)", 0, "never closed"),
        ("x)", 1, "closes nothing"),
        ("x**y", 3, "exponent must be a number"),
        ("(-2)**x", 6, "exponent must be a number"),
        ("x**25", 3, "from -24 to 24: with a larger one, particles that stray to 40 overflow"),
        ("x^-24.5", 2, "from -24 to 24"),
        ("9**9**9", 1, "too large"),
        ("e(x)", 1, "e is not a function"),
        ("2 3", 2, "an operator is missing before '3'"),
        ("(x) 2", 4, "an operator is missing before '2'"),
        ("sinx", 0, "sin needs brackets"),
        ("x1**2", 0, "the variables are x and y"),
        ("0,5*x", 1, "write decimals with a point"),
        ("sin(x,y)", 5, "only between the arguments of max"),
        ("max(x)", 0, "two arguments or more"),
        ("atan2(x)", 0, "takes two arguments"),
        ("hypot(x,y,1)", 0, "takes two arguments"),
        ("max(x,", 3, "never closed"),
        ("|x", 0, "never closed"),
        ("|x)", 2, "closes nothing"),
        ("sin⁻¹(x)", 3, "the inverse function by its name"),
        ("x!", 1, "no factorial"),
        ("x; somewhere", 1, "after ';' comes the box"),
        ("x; 1..2..3", 1, "after ';' comes the box"),
        ("x; [2, 1]", 1, "from a lower to a higher number"),
        ("x; [0, 1e9]", 1, "from a lower to a higher number"),
        ("1e999", 0, "at most 1,000,000"),
        ("x + " + "9" * 190, 4, "at most 1,000,000"),
        ("x + 1/0", 6, "divides by zero"),
        ("x*0**-1", 5, "divides by zero"),
        ("y*sqrt(-1)", 2, "not a real number"),
        ("(-8)**(1/3)", 4, "not a real number"),
        ("log(0)", 0, "not a real number"),
        ("exp(1000)", 0, "too large"),
        ("((1e6**12)**12)", 10, "too large"),
        ("007", 0, "spare 0"),
        ("0x10", 1, "'x10' is not known"),
        ("1_000", 1, "'_000' is not known"),
        ("x\x00", 1, "U+0000"),
        ("x + \ud800", 4, "U+D800"),
        ("x, y", 1, "decimals with a point"),
        ("x.real", 1, "not allowed"),
        ("x = y", 2, "right-hand side"),
        ("x if y else x", 2, "'if' is not known"),
        ("__import__('os')", 0, "not known"),
        ("(lambda)", 1, "'lambda' is not known"),
        ("True", 0, "'True' is not known"),
        ("ｘ", 0, "not allowed"),  # full-width: Python itself would take it for x
        ("x" * 201, 200, "longer than 200"),
        ("(" * 60 + "x" + ")" * 60, DEEPEST, "nested deeper"),
        ("-" * 60 + "x", DEEPEST, "nested deeper"),
        ("sin(" * 30 + "x" + ")" * 30, 4 * DEEPEST + 3, "nested deeper"),
        ("+".join("x" * 100), None, f"more than {MOST_NODES} parts"),
    ],
)
def test_refusals_point_at_the_character(text: str, position: int | None, says: str) -> None:
    with pytest.raises(FormulaError) as refusal:
        Formula.parse(text), formula_landscape(text)
    problem = refusal.value
    assert says in str(problem) and "\n" not in str(problem) and str(problem).endswith(".")
    if position is not None:
        assert problem.position == position
        assert str(problem).startswith(f"At character {position + 1}: ")
    line, caret = problem.pointer.split("\n")
    assert caret == " " * problem.position + "^" and len(line) <= LONGEST + 1


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("x^2 + y²", "x**2 + y**2"),
        ("x³ − x⁻²", "x**3 - x**-2"),
        ("2x·y × 3 ÷ 4", "2*x*y*3/4"),
        ("2xy + 3(x+1) – (x-1)(x+1)", "2*x*y + 3*(x + 1) - (x - 1)*(x + 1)"),
        ("x(x+1) x y", "x*(x + 1)*x*y"),
        ("|x| + ||y|-1| + 2|x+1|y", "abs(x) + abs(abs(y) - 1) + 2*abs(x + 1)*y"),
        ("√x + √(x² + 1) + 2√2 x", "sqrt(x) + sqrt(x**2 + 1) + 2*sqrt(2)*x"),
        ("2πx + ½y", "2*pi*x + 0.5*y"),
        ("ln(x) + log(x) + lg(x)", "log(x) + log(x) + log10(x)"),
        ("max(x², y^2, 1) + min(x, y)", "max(max(x**2, y**2), 1) + min(x, y)"),
        ("pow(x, 2) + arctan2(y, x)", "x**2 + atan2(y, x)"),
        ("sinh(x) + cosh(y) + erf(x) + sgn(y)", "sinh(x) + cosh(y) + erf(x) + sign(y)"),
        ("e^(-x²) + e**-y", "exp(-x**2) + exp(-y)"),
        ("2**x + 0.5^y", "2**x + 0.5**y"),
        ("r² + r⁴", "x**2 + y**2 + (x**2 + y**2)**2"),
        ("(r-1)² + cos(3θ) + theta", "(hypot(x, y) - 1)**2 + cos(3*atan2(y, x)) + atan2(y, x)"),
        ("sin²(x) + cos^2(y)", "sin(x)**2 + cos(y)**2"),
        ("[x + 1]{y}", "(x + 1)*y"),
        ("U(x, y) = X² + Y²", "x**2 + y**2"),
        ("1/2x", "1/2*x"),
        ("-x^2^2", "-x**2**2"),
        ("x**20", "x**20"),
        ("1e-5x + 2exp(x)", "1e-05*x + 2*exp(x)"),
        ("xsin(y)", "x*sin(y)"),
        ("x²; [-1, 2] x [0, 3]", "x**2"),
    ],
)
def test_formulas_as_people_type_them(typed: str, means: str) -> None:
    formula = Formula.parse(typed)
    assert formula.text == means and Formula.parse(means) == formula
    assert formula.latex().count("{") == formula.latex().count("}")


@pytest.mark.parametrize("thing", [None, 3, b"x", ["x"]])
def test_only_text_is_read(thing: object) -> None:
    with pytest.raises(FormulaError):
        Formula.parse(thing)


def test_long_sums_are_not_deep() -> None:
    assert Formula.parse("+".join("x" * 70)).numpy(1.0, 0.0) == 70
    assert Formula.parse("*".join("x" * 70)).numpy(1.0, 0.0) == 1


PIECES = st.sampled_from(
    [
        "x",
        "y",
        "pi",
        "e",
        "(",
        ")",
        "+",
        "-",
        "*",
        "/",
        "**",
        "^",
        " ",
        ".",
        ",",
        "2",
        "9" * 30,
        "1e9",
        "0",
        "0x",
        "_",
        "sin(",
        "exp(",
        "max(",
        "|",
        "√",
        "θ",
        ";",
        "abs",
        "\n",
        "\t",
        "\x00",
        "²",
        "lambda",
        "=",
        "'",
        "#",
    ]
)


@settings(max_examples=examples(400), deadline=2_000)
@given(
    st.one_of(
        st.text(max_size=230), st.lists(PIECES, max_size=80).map("".join), st.text("xy()+-*/.0129e ", max_size=200)
    )
)
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        formula = Formula.parse(text)
    except FormulaError as problem:
        assert str(problem).count("\n") == 0 and 0 <= problem.position <= max(len(text), 1)
        return
    formula.latex()
    formula.numpy(np.array([0.0, 1.5]), np.array([-2.0, 0.0]))
    if len(formula.text) <= LONGEST:
        assert Formula.parse(formula.text) == formula


# --- values ---------------------------------------------------------------------------------------------------------

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


# --- as a landscape -------------------------------------------------------------------------------------------------


def test_the_double_well_is_found() -> None:
    found, known = formula_landscape("(x**2 - 1)**2 + y**2"), LANDSCAPES["double_well"]
    assert [place.kind for place in found.places] == ["minimum", "minimum", "saddle"]
    for place, exact in zip(found.places, known.places, strict=True):
        assert place.position == pytest.approx(exact.position, abs=1e-9)
        assert place.energy == pytest.approx(exact.energy, abs=1e-12)
        assert place.eigenvalues == pytest.approx(exact.eigenvalues, abs=1e-8)
    assert found.places[2].joins == ("A", "B") and found.curvature == pytest.approx(8)
    assert found.kT == 0.25 and found.formula == known.formula.replace("x^2", "x^{2}").replace("(", r"\left(").replace(
        ")", r"\right)"
    ).replace("right)^2", "right)^{2}").replace("-", " - ").replace("+", " + ").replace("y^2", "y^{2}")
    x = 2 * torch.randn((400, 2), generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    clear = x[:, 0].abs() > 0.1
    assert torch.equal(found.wells(x)[clear], known.wells(x)[clear])
    assert found.boltzmann(0.25)[2] == pytest.approx(known.boltzmann(0.25)[2], abs=1e-12)


def test_himmelblau_has_its_nine_places_and_more() -> None:
    """The four minima (all at 0), four saddles and one maximum of Himmelblau (1972), from the literature."""
    found = formula_landscape(HIMMELBLAU, ((-6, 6), (-6, 6)))
    minima = sorted(place.position for place in found.minima)
    exact = [(-3.779310, -3.283186), (-2.805118, 3.131313), (3.0, 2.0), (3.584428, -1.848127)]
    np.testing.assert_allclose(minima, exact, atol=1e-6)
    assert all(abs(place.energy) < 1e-18 for place in found.minima)
    saddles = sorted(place.position for place in found.saddles)
    np.testing.assert_allclose(
        saddles, [(-3.073026, -0.081353), (-0.127961, -1.953715), (0.086678, 2.884255), (3.385154, 0.073852)], atol=1e-6
    )
    assert len({place.name for place in found.places}) == 8
    at = torch.tensor([place.position for place in found.minima], dtype=torch.float64)
    assert found.wells(at).tolist() == [0, 1, 2, 3]


def test_minima_that_are_no_parabolas() -> None:
    for text in ("abs(x) + abs(y)", "sqrt(x**2 + y**2)", "abs(x)**0.5 + y**2", "abs(x - 0.3) + y**2"):
        landscape = formula_landscape(text)
        assert len(landscape.minima) == 1 and math.isnan(landscape.curvature)
        x0 = 0.3 if "0.3" in text else 0.0
        assert landscape.minima[0].position == pytest.approx((x0, 0), abs=1e-6)
    quartic = formula_landscape("x**4 + y**4")
    assert len(quartic.minima) == 1 and quartic.minima[0].position == pytest.approx((0, 0), abs=1e-3)
    assert math.isnan(quartic.curvature)
    flat = formula_landscape("(x**2 - 1)**2 + y**4")
    assert len(flat.minima) == 2 and flat.curvature == pytest.approx(8, abs=1e-6)
    ring = formula_landscape("(x**2 + y**2 - 1)**2")
    assert len(ring.minima) == 1 and math.hypot(*ring.minima[0].position) == pytest.approx(1, abs=1e-9)
    assert ring.curvature == pytest.approx(8, abs=1e-6)


def test_a_narrow_and_a_wide_well_share_the_plane_rightly() -> None:
    """The wide bowl keeps all but the surroundings of the narrow hole: a nearest-minimum rule would cut it in half."""
    found = formula_landscape("x**2/2 + y**2/2 - 3*exp(-50*((x - 1)**2 + y**2))")
    hole, bowl = (place.name for place in found.minima)
    points = torch.tensor([[1.0, 0.05], [0.9, 0.0], [2.5, 2.5], [0.6, 0.0], [1.0, 1.5], [-1.0, 0.0]])
    assert [found.well_names[i] for i in found.wells(points).tolist()] == [hole, hole, bowl, bowl, bowl, bowl]


def test_outside_the_domain_is_a_wall() -> None:
    landscape = formula_landscape("x**2 + y**2 - log(x)")
    assert landscape.minima[0].position == pytest.approx((math.sqrt(0.5), 0))
    assert landscape.energy(torch.tensor([[-1.0, 0.0]])).item() == math.inf
    points, probabilities, _ = landscape.boltzmann(1.0)
    assert (probabilities[points[:, 0] <= 0] == 0).all()
    # x**2 has the law of a Gamma variable: density x exp(−x²) on x > 0, so ⟨x²⟩ = 1
    assert probabilities @ points[:, 0] ** 2 == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1", "no clear minimum"),
        ("x", "towards (−3"),
        ("x**2", "no clear minimum"),
        ("x**2*y**2", "no clear minimum"),
        ("-x**2 - y**2", "add a term like + 0.1*(x**4 + y**4)"),
        ("x", "add a term like + 0.1*(x**2 + y**2)"),
        ("1000000*x**2 + y**2", "the curvature 2e+06 at a minimum needs steps shorter than 1e-6"),
        ("x**2 + y**2; [1, 2] x [1, 2]", "choose another box"),
        ("sin(x+y) + (x-y)^2 - 1.5x + 2.5y + 1", "is lower outside"),  # McCormick's falls along x = y
        ("x**2 + y**2 - 0.001*x**6", "lower outside"),
        ("tanh(x**2 + y**2)", "does not hold particles together"),
        ("5 - 5*exp(-x**2 - y**2)", "does not hold particles together"),
        ("log(x**2 + y**2)", "falls without end near (0, 0)"),
        ("x**2 + y**2 - 1/((x - 0.4)**2 + y**2)", "falls without end near (0.4, 0)"),
        ("1/x", "overflows at (0"),
        ("exp(exp(x**2 + y**2))", "overflows at ("),
        ("exp(20*x**2) + y**2", "overflows at ("),
        ("sqrt(-1 - x**2)", "no real value anywhere"),
        ("sqrt(x) + x**2 + y**2", "is no minimum"),
    ],
)
def test_surfaces_that_hold_no_particles(text: str, says: str) -> None:
    with pytest.raises(FormulaError, match=r"\.$") as refusal:
        formula_landscape(text)
    assert says in str(refusal.value) and "\n" not in str(refusal.value)
    assert refusal.value.position is None and refusal.value.pointer == ""


@pytest.mark.parametrize(
    ("text", "kT"),
    [  # a quarter of the barrier, wherever the minima lie in the box
        ("(x**2-1)**2+y**2", 0.25),
        ("(x**2-2)**2+y**2", 1.0),
        ("(x**2-2.2)**2+y**2", 1.2),
        ("x**4-5*x**2+y**4-5*y**2", 1.6),
        ("(x**2+y**2-2)**2", 1.0),  # and of the hill inside a ring
        ("(x**2+y**2-2.25)**2", 1.3),
        ("(r-1.5)²", 0.56),
        ("(x**2-1)**2 + y**2 + 0.001*sin(40x)", 0.25),  # ripples are no barrier
        ("x**2+y**2", 0.56),
        ("(x-2.9)**2+y**2", 0.32),
    ],
)
def test_suggested_temperature(text: str, kT: float) -> None:
    assert formula_landscape(text).kT == pytest.approx(kT, rel=0.03)


@pytest.mark.parametrize(
    ("text", "minima"),
    [
        ("(1-x)² + 100(y-x²)²", [(1, 1)]),  # Rosenbrock (1960)
        (HIMMELBLAU, [(-3.779310, -3.283186), (-2.805118, 3.131313), (3.0, 2.0), (3.584428, -1.848127)]),
        ("(1.5-x+xy)²+(2.25-x+xy²)²+(2.625-x+xy³)²", [(3, 0.5)]),  # Beale (1958)
        ("(x+2y-7)²+(2x+y-5)²", [(1, 3)]),  # Booth
        ("(x-2.9)**2+y**2", [(2.9, 0)]),
        ("(x-5)**2+y**2", [(5, 0)]),
        ("(x-40)**2+y**2", [(40, 0)]),
    ],
)
def test_the_box_is_found(text: str, minima: list[tuple[float, float]]) -> None:
    landscape = formula_landscape(text)
    np.testing.assert_allclose(sorted(place.position for place in landscape.minima), minima, atol=1e-5)
    (left, right), (bottom, top) = landscape.view
    assert all(left < x < right and bottom < y < top for x, y in minima)
    assert landscape.confines(landscape.kT)


def test_a_high_power_is_a_box_with_a_flat_bottom() -> None:
    landscape = formula_landscape("x^20 + y^2")
    assert landscape.kT == pytest.approx(0.56, rel=0.03) and landscape.minima[0].energy == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("tail", "box"),
    [
        ("; [0, 10] x [-3, 3]", ((0, 10), (-3, 3))),
        ("; x = 0..10, y = −3..3", ((0, 10), (-3, 3))),
        (" ; x in [0, 10] and y in [-3, 3]", ((0, 10), (-3, 3))),
        (";-8..8", ((-8, 8), (-8, 8))),
        (";  ", ((-6, 6), (-6, 6))),
    ],
)
def test_a_box_of_ones_own(tail: str, box) -> None:
    assert formula_landscape(f"(x-5)**2 + y**2{tail}").view == box


@settings(odd, max_examples=examples(60))
@given(formulas)
def test_any_formula_is_a_landscape_or_refused(text: str) -> None:
    formula = parsed(text)
    for whole in (text, f"0.1*(x**2 + y**2) + tanh({formula.text})"):
        try:
            landscape = formula_landscape(whole)
        except FormulaError as problem:
            assert str(problem)
            continue
        lowest = landscape.minima[0]
        assert landscape.kT > 0 and len(landscape.minima) <= 9 and len(landscape.saddles) <= 9
        xs, ys = (np.linspace(*side, 50) for side in landscape.view)
        values = landscape.on_grid(xs, ys)
        assert not np.isnan(values).any()
        assert lowest.energy <= values.min() + 0.05 * (np.median(values) - values.min())
        (left, right), (bottom, top) = landscape.view
        for place in landscape.places:
            assert left <= place.position[0] <= right and bottom <= place.position[1] <= top


def test_the_same_text_gives_the_same_landscape() -> None:
    text = "(x**2 - 1)**2 + y**2 + sin(3*x*y)/4"
    first, second = formula_landscape(text), formula_landscape(text)
    assert first.places == second.places and first.kT == second.kT and first.box == second.box


def test_nothing_moves_inside_a_wall():
    """Autograd knows 1/x where log(x) has no real value; particles there would walk on as if nothing were wrong."""
    formula = Formula.parse("x**2 + y**2 - log(x)")
    slope = formula.gradient(torch.tensor([[-1.0, 0.0], [0.0, 1.0], [1.0, 0.5]]))
    assert slope[:2].isnan().all() and slope[2].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "text",
    [
        "x**2 + y**2 + 1e5**12*x/1e5**12",  # every particle was lost at the first step
        "x**2 + y**2 + exp(10*x**2)/1e6**5",
    ],
)
def test_what_overflows_only_in_single_precision_is_refused(text):
    with np.errstate(all="ignore"):
        assert np.isfinite(Formula.parse(text).numpy(np.linspace(-3, 3, 9), 1.0)).all()
    with pytest.raises(FormulaError, match=r"overflows in single precision \(beyond 3e38\) at \(.*\): write it with"):
        formula_landscape(text)
    assert formula_landscape("x**2 + y**2 + 1e3**12*x/1e3**12").minima


def test_an_edge_of_the_domain_on_a_node_is_no_overflow():
    edge = 0.0468749999  # less than rounding from a node of the grid: in single precision the slope there is infinite
    assert formula_landscape(f"x**2 + y**2 - sqrt(x - {edge})").minima
