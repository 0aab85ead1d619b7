"""Test functions that are polynomials."""

from __future__ import annotations

import math
from functools import lru_cache

from demos.landscapes.energy_surface import EnergySurface
from demos.landscapes.polynomials import Coefficients, Polynomial, product, total
from demos.landscapes.stationary_points import maximum, minimum, saddle


def _square(terms: Coefficients) -> dict[tuple[int, int], float]:
    return product(terms, terms)


def _polynomial(name: str, coefficients: Coefficients, **about) -> EnergySurface:
    parts = Polynomial(coefficients)
    return EnergySurface(name=name, energy=parts.energy, gradient=parts.gradient, hessian=parts.hessian, **about)


@lru_cache(maxsize=64)
def quadratic(condition: float, angle: float) -> EnergySurface:
    """½ (u²/κ + v²): largest curvature 1, condition number κ, the axis u of low curvature at `angle` degrees to x."""
    low, turned = 1 / condition, math.radians(angle)
    cos, sin = math.cos(turned), math.sin(turned)
    xx, xy, yy = low * cos**2 + sin**2, (low - 1) * sin * cos, low * sin**2 + cos**2
    return _polynomial(
        "quadratic",
        {(2, 0): xx / 2, (1, 1): xy, (0, 2): yy / 2},
        title="Quadratic",
        sentence="A valley κ times as flat along as across: everything about every linear method is known on it.",
        formula=r"\tfrac12\left(u^2/\kappa + v^2\right)",
        view=((-10.0, 10.0), (-7.0, 7.0)),
        approximate_points=(minimum("bottom", 0, 0),),
    )


ROSENBROCK = _polynomial(
    "rosenbrock",
    total((1, _square({(0, 0): 1, (1, 0): -1})), (100, _square({(0, 1): 1, (2, 0): -1}))),
    title="Rosenbrock",
    sentence="A curved valley, 2,500 times as steep across as along: its wall sets the step, its floor the time.",
    formula="(1-x)^2+100\\,(y-x^2)^2",
    view=((-2.0, 2.0), (-1.0, 3.0)),
    approximate_points=(minimum("minimum", 1, 1),),
)

HIMMELBLAU = _polynomial(
    "himmelblau",
    total((1, _square({(2, 0): 1, (0, 1): 1, (0, 0): -11})), (1, _square({(1, 0): 1, (0, 2): 1, (0, 0): -7}))),
    title="Himmelblau",
    sentence="Four minima, all at 0, of different sharpness: the start decides which one is reached, and the rate.",
    formula="(x^2+y-11)^2+(x+y^2-7)^2",
    view=((-5.0, 5.0), (-5.0, 5.0)),
    approximate_points=(
        minimum("A", 3, 2),
        minimum("B", -2.805118, 3.131313),
        minimum("C", -3.779310, -3.283186),
        minimum("D", 3.584428, -1.848127),
        saddle("A | D", 3.385154, 0.073852, "A", "D"),
        saddle("A | B", 0.086678, 2.884255, "A", "B"),
        saddle("B | C", -3.073026, -0.081353, "B", "C"),
        saddle("C | D", -0.127961, -1.953715, "C", "D"),
        maximum("top", -0.270845, -0.923039),
    ),
)

BEALE = _polynomial(
    "beale",
    total(*[(1, _square({(0, 0): c, (1, 0): -1, (1, k): 1})) for c, k in ((1.5, 1), (2.25, 2), (2.625, 3))]),
    title="Beale",
    sentence="Walls of sixth degree around a flat valley: the largest curvature on the way is 100 times the last.",
    formula="(1.5-x+xy)^2+(2.25-x+xy^2)^2+(2.625-x+xy^3)^2",
    view=((-4.5, 4.5), (-4.5, 4.5)),
    approximate_points=(minimum("minimum", 3, 0.5), saddle("saddle", 0, 1), saddle("saddle 2", 0.100538, -2.644514)),
)

BOOTH = _polynomial(
    "booth",
    total((1, _square({(1, 0): 1, (0, 1): 2, (0, 0): -7})), (1, _square({(1, 0): 2, (0, 1): 1, (0, 0): -5}))),
    title="Booth",
    sentence="A quadratic of condition number 9, its axes at 45 degrees.",
    formula="(x+2y-7)^2+(2x+y-5)^2",
    view=((-10.0, 10.0), (-10.0, 10.0)),
    approximate_points=(minimum("minimum", 1, 3),),
)

MATYAS = _polynomial(
    "matyas",
    {(2, 0): 0.26, (0, 2): 0.26, (1, 1): -0.48},
    title="Matyas",
    sentence="A quadratic of condition number 25: flat along the diagonal.",
    formula="0.26\\,(x^2+y^2)-0.48\\,xy",
    view=((-10.0, 10.0), (-10.0, 10.0)),
    approximate_points=(minimum("minimum", 0, 0),),
)

THREE_HUMP_CAMEL = _polynomial(
    "three_hump_camel",
    {(2, 0): 2, (4, 0): -1.05, (6, 0): 1 / 6, (1, 1): 1, (0, 2): 1},
    title="Three-hump camel",
    sentence="A middle minimum at 0 and two side minima, each the other's mirror image.",
    formula=r"2x^2-1.05x^4+\tfrac16x^6+xy+y^2",
    view=((-3.0, 3.0), (-3.0, 3.0)),
    approximate_points=(
        minimum("middle", 0, 0),
        minimum("left", -1.747552, 0.873776),
        minimum("right", 1.747552, -0.873776),
        saddle("left | middle", -1.070542, 0.535271, "left", "middle"),
        saddle("middle | right", 1.070542, -0.535271, "middle", "right"),
    ),
)

SIX_HUMP_CAMEL = _polynomial(
    "six_hump_camel",
    {(2, 0): 4, (4, 0): -2.1, (6, 0): 1 / 3, (1, 1): 1, (0, 2): -4, (0, 4): 4},
    title="Six-hump camel",
    sentence="Six minima in three pairs of mirror images, two of them the lowest.",
    formula=r"4x^2-2.1x^4+\tfrac13x^6+xy-4y^2+4y^4",
    view=((-2.2, 2.2), (-1.4, 1.4)),
    approximate_points=(
        minimum("A", -0.089842, 0.712656),
        minimum("A'", 0.089842, -0.712656),
        minimum("B", -1.703607, 0.796084),
        minimum("B'", 1.703607, -0.796084),
        minimum("C", -1.607105, -0.568651),
        minimum("C'", 1.607105, 0.568651),
        saddle("A | A'", 0, 0),
        saddle("A | B", -1.109205, 0.768268),
        saddle("A' | B'", 1.109205, -0.768268),
        saddle("B | C", -1.638068, -0.228674),
        saddle("B' | C'", 1.638068, 0.228674),
        saddle("A' | C", -1.29607, -0.605084),
        saddle("A | C'", 1.29607, 0.605084),
        maximum("top", -1.23023, -0.162335),
        maximum("top'", 1.23023, 0.162335),
    ),
)

STYBLINSKI_TANG = _polynomial(
    "styblinski_tang",
    {(4, 0): 0.5, (2, 0): -8, (1, 0): 2.5, (0, 4): 0.5, (0, 2): -8, (0, 1): 2.5},
    title="Styblinski–Tang",
    sentence="Each coordinate by itself in a tilted double well: the four basins are exact rectangles.",
    formula=r"\tfrac12\sum_{s\in\{x,y\}}(s^4-16s^2+5s)",
    view=((-5.0, 5.0), (-5.0, 5.0)),
    approximate_points=(
        minimum("lowest", -2.903534, -2.903534),
        minimum("upper left", -2.903534, 2.746803),
        minimum("lower right", 2.746803, -2.903534),
        minimum("highest", 2.746803, 2.746803),
        saddle("bottom", 0.156731, -2.903534),
        saddle("left", -2.903534, 0.156731),
        saddle("right", 2.746803, 0.156731),
        saddle("upper", 0.156731, 2.746803),
        maximum("top", 0.156731, 0.156731),
    ),
)

_SUM = _square({(1, 0): 1, (0, 1): 1, (0, 0): 1})
_DIFFERENCE = _square({(1, 0): 2, (0, 1): -3})
GOLDSTEIN_PRICE = _polynomial(
    "goldstein_price",
    product(
        total(
            (1, {(0, 0): 1}),
            (1, product(_SUM, {(0, 0): 19, (1, 0): -14, (2, 0): 3, (0, 1): -14, (1, 1): 6, (0, 2): 3})),
        ),
        total(
            (1, {(0, 0): 30}),
            (1, product(_DIFFERENCE, {(0, 0): 18, (1, 0): -32, (2, 0): 12, (0, 1): 48, (1, 1): -36, (0, 2): 27})),
        ),
    ),
    title="Goldstein–Price",
    sentence="Of eighth degree: from 3 at the lowest of four minima to a million at the rim.",
    formula=r"\left[1+(x+y+1)^2(19-14x+\dots)\right]\left[30+(2x-3y)^2(18-32x+\dots)\right]",
    view=((-2.0, 2.0), (-2.0, 2.0)),
    approximate_points=(
        minimum("A", 0, -1),
        minimum("B", -0.6, -0.4),
        minimum("C", 1.8, 0.2),
        minimum("D", 1.2, 0.8),
        saddle("A | B", -0.4, -0.6),
        saddle("A | C", 1.2, -0.2),
        saddle("C | D", 1.4, 0.6),
        saddle("B | D", 0.6, 0.4),
        maximum("top", 0.8, 0.2),
    ),
)

SADDLE = _polynomial(
    "saddle",
    {(2, 0): 1, (0, 2): -1},
    title="Saddle",
    sentence="Down along y, up along x: whatever starts beside the axis leaves as e²ᵗ.",
    formula="x^2-y^2",
    view=((-3.0, 3.0), (-3.0, 3.0)),
    approximate_points=(saddle("saddle", 0, 0),),
)

MONKEY_SADDLE = _polynomial(
    "monkey_saddle",
    {(3, 0): 1, (1, 2): -3},
    title="Monkey saddle",
    sentence="Three ways down and no curvature in the middle: the flow nears it as 1/t, and no rate describes it.",
    formula="x^3-3xy^2",
    view=((-2.0, 2.0), (-2.0, 2.0)),
    approximate_points=(),
)
