"""The formula reader: what it reads, and hostile text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from demos.landscapes.formula import Formula, FormulaError, formula_landscape
from demos.landscapes.formula.reader import DEEPEST, MOST_NODES
from demos.landscapes.formula.words import LONGEST
from tests.examples import examples


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
        ("sin x²", 0, "sin needs brackets"),
        ("sin 2x", 0, "sin needs brackets"),
        ("1 + sin x y", 4, "sin needs brackets"),
        ("sin2x", 0, "sin needs brackets here: sin(2x)"),
        ("sin2(x)", 0, "write sin(…)**2, if a power"),
        ("log3(x)", 0, "write log(…)/log(3)"),
        ("ln x²", 0, "ln needs brackets"),
        ("max x", 0, "max needs brackets"),
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
        ("sinxy", 0, "sin needs brackets"),
        ("x1**2", 0, "the variables are x and y"),
        ("1,000x", 0, "could be 1000 or 1.000"),
        ("0, 5*x", 1, "write decimals with a point"),
        ("0,5,5*x", 3, "write decimals with a point"),
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
        ("ｘ", 0, "not allowed here; write a plain x"),  # full-width: Python itself would take it for x
        ("x＋y", 1, "write a plain +"),
        ("х²", 0, "Cyrillic"),
        ("r + φ", 4, "the polar angle is written θ"),
        ("ρ²", 0, "the distance from (0, 0) is written r"),
        ("cos(phi)", 4, "the polar angle is written θ"),
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
        ("sin x + ln x - |cos y| + sin² θ", "sin(x) + log(x) - abs(cos(y)) + sin(atan2(y, x))**2"),
        ("x siny + √(cosx)", "x*sin(y) + sqrt(cos(x))"),
        ("0,5x + 1,25(y + 2,5e-1) + sin(0,125)", "0.5*x + 1.25*(y + 0.25) + sin(0.125)"),
        ("max(0,5x, (0,5)y) + atan2²(3,4)", "max(max(0, 5*x), 0.5*y) + atan2(3, 4)**2"),
        ("log2(x) + log2 y", "log(x)/log(2) + log(y)/log(2)"),
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
# --- as a landscape -------------------------------------------------------------------------------------------------
