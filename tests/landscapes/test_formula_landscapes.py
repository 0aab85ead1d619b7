"""A formula as a landscape: its stationary points, walls, box and temperature, on surfaces that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings

from demos.landscapes import LANDSCAPES
from demos.landscapes.formula import Formula, FormulaError, formula_landscape
from tests.examples import examples
from tests.landscapes.formulas import HIMMELBLAU, formulas, odd, parsed


def test_the_double_well_is_found() -> None:
    found, known = formula_landscape("(x**2 - 1)**2 + y**2"), LANDSCAPES["double_well"]
    assert [place.kind for place in found.stationary_points] == ["minimum", "minimum", "saddle"]
    for place, exact in zip(found.stationary_points, known.stationary_points, strict=True):
        assert place.position == pytest.approx(exact.position, abs=1e-9)
        assert place.energy == pytest.approx(exact.energy, abs=1e-12)
        assert place.eigenvalues == pytest.approx(exact.eigenvalues, abs=1e-8)
    assert found.stationary_points[2].joins == ("A", "B") and found.curvature == pytest.approx(8)
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
    assert len({place.name for place in found.stationary_points}) == 8
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
        ("4(1/r^12−1/r^6)+r²/10", 0.44),  # the hill is a pole: a quarter of the rim, U(3, 0)
        ("(1−exp(1−r))²", 0.187),  # the rim is a plateau lower than the hill
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
        for place in landscape.stationary_points:
            assert left <= place.position[0] <= right and bottom <= place.position[1] <= top


def test_the_same_text_gives_the_same_landscape() -> None:
    text = "(x**2 - 1)**2 + y**2 + sin(3*x*y)/4"
    first, second = formula_landscape(text), formula_landscape(text)
    assert first.stationary_points == second.stationary_points and first.kT == second.kT and first.box == second.box


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
    with pytest.raises(FormulaError, match=r"overflows.*3e38.*\(.*\)"):
        formula_landscape(text)
    assert formula_landscape("x**2 + y**2 + 1e3**12*x/1e3**12").minima


def test_an_edge_of_the_domain_on_a_node_is_no_overflow():
    edge = 0.0468749999  # less than rounding from a node of the grid: in single precision the slope there is infinite
    assert formula_landscape(f"x**2 + y**2 - sqrt(x - {edge})").minima
