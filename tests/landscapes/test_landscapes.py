"""The landscapes against autograd, Newton, closed forms and published numbers."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from demos.gradient_flow.derivatives import autograd_gradient, autograd_hessian
from demos.landscapes import LANDSCAPES, Landscape, maximum, minimum, saddle


def himmelblau_energy(x: torch.Tensor, t: float = 0.0) -> torch.Tensor:
    u, v = x.unbind(-1)
    return ((u * u + v - 11) ** 2 + (u + v * v - 7) ** 2) / 20


# What a newcomer writes: an energy, and what `demos.landscapes` asks for. (Himmelblau, Applied Nonlinear Programming
# (1972); the positions to two digits.)
HIMMELBLAU = Landscape(
    name="himmelblau",
    title="Himmelblau's function",
    sentence="Four wells of equal depth.",
    formula=r"[(x^2+y-11)^2+(x+y^2-7)^2]/20",
    energy=himmelblau_energy,
    view=((-5.0, 5.0), (-5.0, 5.0)),
    box=((-9.0, 9.0), (-9.0, 9.0)),
    kT=1.0,
    kT_range=(0.5, 3.0),
    known=(
        minimum("A", 3.0, 2.0),
        minimum("B", -2.81, 3.13),
        minimum("C", -3.78, -3.28),
        minimum("D", 3.58, -1.85),
        saddle("A | B", 0.09, 2.88, "A", "B"),
        saddle("B | C", -3.07, -0.08, "B", "C"),
        saddle("C | D", -0.13, -1.95, "C", "D"),
        saddle("A | D", 3.39, 0.07, "A", "D"),
        maximum("hilltop", -0.27, -0.92),
    ),
)
ALL = LANDSCAPES | {"himmelblau": HIMMELBLAU}
every = pytest.mark.parametrize("landscape", ALL.values(), ids=ALL)


def within(box, count: int, seed: int = 0, dtype=torch.float64) -> torch.Tensor:
    """(count, 2) points, uniform in the box, component-major as the solver's are."""
    unit = torch.rand((2, count), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    low, high = (torch.tensor([side[i] for side in box], dtype=torch.float64)[:, None] for i in (0, 1))
    return (low + (high - low) * unit).to(dtype).T


def assert_close(found: torch.Tensor, exact: torch.Tensor, relative: float) -> None:
    """Relative to each point's own size, and to a part in 10⁶ of the largest where a point's is nearly zero."""
    size = exact.flatten(1).norm(dim=1)
    error = (found - exact).flatten(1).norm(dim=1)
    assert (error <= relative * (size + 1e-6 * size.max())).all(), float((error / size).max())


def log_z(landscape: Landscape, kT: float, count: int = 400) -> float:
    return landscape.boltzmann(kT, count)[2]


def mean(landscape: Landscape, kT: float, function) -> float:
    points, probabilities, _ = landscape.boltzmann(kT)
    assert probabilities.sum() == pytest.approx(1, abs=1e-12)
    return float(probabilities @ function(*points.T))


# --- derivatives ----------------------------------------------------------------------------------------------------


@every
def test_gradient_is_that_of_the_energy(landscape: Landscape) -> None:
    for box, relative in ((landscape.view, 1e-12), (landscape.box, 1e-10)):
        x = within(box, 500)
        assert_close(landscape.gradient(x), autograd_gradient(landscape.energy)(x, 0.0), relative)


@every
def test_hessian_is_that_of_the_energy(landscape: Landscape) -> None:
    x = within(landscape.view, 500)
    assert_close(landscape.hessian(x), autograd_hessian(landscape.energy)(x, 0.0), 1e-10)


@every
def test_shapes_layout_and_time(landscape: Landscape) -> None:
    for count in (1, 7) if landscape is HIMMELBLAU else (0, 1, 7):
        x = within(landscape.view, count)
        rows = x.contiguous()  # the other layout
        assert landscape.energy(x, 3.0).shape == (count,)
        assert landscape.gradient(x, 3.0).T.is_contiguous()
        assert landscape.hessian(x, 3.0).shape == (count, 2, 2)
        assert landscape.wells(x).shape == (count,)
        # A layout may change the order of a sum, so equality is to rounding.
        torch.testing.assert_close(landscape.gradient(rows), landscape.gradient(x), rtol=1e-12, atol=1e-10)
        before = x.clone()
        landscape.gradient(x), landscape.wells(x)
        assert torch.equal(x, before)  # nothing is written into the caller's points


@every
def test_float32_is_sane(landscape: Landscape) -> None:
    x = within(landscape.view, 500, dtype=torch.float32)
    exact = landscape.gradient(x.double())
    found = landscape.gradient(x)
    assert found.dtype == landscape.energy(x).dtype == landscape.hessian(x).dtype == torch.float32
    # Single precision has 6e-8; exponents up to about 100 cost a factor of that.
    assert_close(found.double(), exact, 1e-4)


@every
def test_everything_stays_on_its_device(landscape: Landscape) -> None:
    """On the "meta" device only shapes are computed, and a constant left on the CPU is an error there as on a GPU."""
    x = torch.empty((6, 2), device="meta")
    for found in (landscape.energy(x), landscape.gradient(x), landscape.hessian(x), landscape.wells(x)):
        assert found.device.type == "meta" and found.shape[0] == 6


def test_many_points_go_in_blocks() -> None:
    for name in ("muller_brown", "three_gaussians"):
        landscape = LANDSCAPES[name]
        x = within(landscape.view, 30_001)
        parts = torch.cat([landscape.gradient(part) for part in x.split(1_000)])
        assert_close(landscape.gradient(x), parts, 1e-12)


@every
def test_far_away_nothing_breaks(landscape: Landscape) -> None:
    ring = torch.tensor([[1e3, 0.0], [0.0, 1e3], [-1e3, 0.0], [700.0, 700.0], [-700.0, 700.0]], dtype=torch.float64)
    for dtype in (torch.float64, torch.float32):
        energy = landscape.energy(ring.to(dtype))
        assert not energy.isnan().any() and (energy > max(place.energy for place in landscape.places)).all()
        landscape.gradient(ring.to(dtype)), landscape.hessian(ring.to(dtype))
    assert landscape.wells(torch.tensor([[math.inf, 0.0], [math.nan, 1.0]])).tolist() == [-1, -1]


def test_the_default_derivatives_are_autograds() -> None:
    bowl = Landscape(
        name="bowl",
        title="Bowl",
        sentence="A bowl.",
        formula="x^2+y^2",
        energy=lambda x, t=0.0: x.square().sum(-1),
        view=((-1, 1), (-1, 1)),
        box=((-9, 9), (-9, 9)),
        kT=1.0,
        kT_range=(0.1, 1.0),
        known=(minimum("bottom", 0.1, 0.2),),
    )
    x = within(bowl.view, 5)
    assert torch.equal(bowl.gradient(x), 2 * x)
    assert torch.equal(bowl.hessian(x), 2 * torch.eye(2, dtype=x.dtype).expand(5, 2, 2))
    assert bowl.minima[0].position == (0.0, 0.0) and bowl.curvature == 2.0


# --- places that are not what they claim to be ---------------------------------------------------------------------


def claiming(*known) -> Landscape:
    return replace(HIMMELBLAU, known=known)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        (minimum("A", -0.27, -0.92), "maximum"),
        (minimum("A", 0.09, 2.88), "saddle"),
        (saddle("S", 3.0, 2.0, "A", "B"), "minimum"),
        (maximum("M", 3.39, 0.07), "saddle"),
    ],
)
def test_a_place_of_another_kind_is_refused(place, kind) -> None:
    with pytest.raises(ValueError, match=rf"{place.kind} '{place.name}' .* is a {kind}") as refused:
        claiming(place).places  # noqa: B018 - computed when it is asked for
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_a_place_that_is_not_stationary_is_refused() -> None:
    gutter = replace(claiming(minimum("A", 0.0, 0.0)), energy=lambda x, t=0.0: x[:, 0] + x[:, 1] ** 2)
    with pytest.raises(ValueError, match="not stationary"):
        replace(gutter, gradient=None, hessian=None).minima  # noqa: B018


def test_a_flat_valley_is_a_minimum() -> None:
    assert LANDSCAPES["ring"].minima[0].eigenvalues == (0, 8)


# --- places ---------------------------------------------------------------------------------------------------------


@every
def test_places_are_stationary_and_of_their_kind(landscape: Landscape) -> None:
    assert landscape.minima and len({place.name for place in landscape.places}) == len(landscape.places)
    for place, known in zip(landscape.places, landscape.known, strict=True):
        at = torch.tensor([place.position], dtype=torch.float64)
        assert float(landscape.gradient(at).norm()) < 1e-9, place
        # Newton has only polished the position; it has not gone to another place.
        assert math.dist(place.position, known.position) < 0.05, place
        assert place.energy == float(landscape.energy(at))
        low, high = np.linalg.eigvalsh(landscape.hessian(at).numpy()[0])
        assert place.eigenvalues == (low, high)
        lowest = low >= 0 if landscape.name == "ring" else low > 0  # along the ring it is flat
        assert {"minimum": lowest, "saddle": low < 0 < high, "maximum": high < 0}[place.kind]
        (x_low, x_high), (y_low, y_high) = landscape.view
        assert x_low < place.position[0] < x_high and y_low < place.position[1] < y_high


@every
def test_the_places_are_all_there_are(landscape: Landscape) -> None:
    """Minima − saddles + maxima = 1 for an energy that grows in all directions (Morse); a ring's circle counts 0."""
    count = {kind: sum(place.kind == kind for place in landscape.places) for kind in ("minimum", "saddle", "maximum")}
    if landscape.name == "ring":
        assert count == {"minimum": 1, "saddle": 0, "maximum": 1}
    else:
        assert count["minimum"] - count["saddle"] + count["maximum"] == 1
    lowest = min(place.energy for place in landscape.minima)
    assert landscape.on_grid(*(np.linspace(*side, 301) for side in landscape.box)).min() >= lowest - 1e-12


@every
def test_a_saddle_joins_the_minima_to_which_it_descends(landscape: Landscape) -> None:
    if not landscape.saddles:
        return
    saddles = torch.tensor([place.position for place in landscape.saddles], dtype=torch.float64)
    away = 1e-3 * torch.linalg.eigh(landscape.hessian(saddles)).eigenvectors[:, :, 0]
    x = torch.cat([saddles + away, saddles - away])
    for _ in range(4_000):
        gradient = landscape.gradient(x)
        if bool((gradient.norm(dim=1) < 1e-6 * landscape.curvature).all()):
            break
        x = x - 0.5 / landscape.curvature * gradient
    minima = torch.tensor([place.position for place in landscape.minima], dtype=torch.float64)
    distance, nearest = torch.cdist(x, minima).min(dim=1)
    assert (distance < 1e-2).all()
    names = [landscape.minima[i].name for i in nearest.tolist()]
    for place, *ends in zip(landscape.saddles, names[: len(saddles)], names[len(saddles) :], strict=True):
        assert set(ends) == set(place.joins), place


def test_muller_brown_matches_the_published_surface() -> None:
    """Positions and energies by Newton to |∇U| < 1e-12; to the digits they print, Müller and Brown's own table."""
    exact = {
        "A": (-0.5582236346, 1.4417258418, -146.6995172100, 410.531, 4068.199),
        "B": (0.6234994049, 0.0280377585, -108.1667241169, 543.836, 3005.396),
        "C": (-0.0500108230, 0.4666941049, -80.7678181297, 221.037, 1479.197),
        "A | C": (-0.8220015587, 0.6243128028, -40.6648435087, -750.863, 490.241),
        "C | B": (0.2124865820, 0.2929883251, -72.2489401123, -735.247, 510.887),
    }
    places = {place.name: place for place in LANDSCAPES["muller_brown"].places}
    assert set(places) == set(exact)
    for name, (x, y, energy, low, high) in exact.items():
        place = places[name]
        assert place.position == pytest.approx((x, y), abs=1e-10)
        assert place.energy == pytest.approx(energy, abs=1e-10)
        assert place.eigenvalues == pytest.approx((low, high), abs=1e-3)


def test_closed_forms() -> None:
    assert LANDSCAPES["harmonic"].minima[0].eigenvalues == pytest.approx((1, 9), rel=1e-14)
    assert LANDSCAPES["harmonic"].curvature == pytest.approx(9) and LANDSCAPES["harmonic"].convexity == 1
    assert [place.eigenvalues for place in LANDSCAPES["double_well"].places] == [(2, 8), (2, 8), (-4, 2)]
    assert LANDSCAPES["ring"].minima[0].eigenvalues == (0, 8)
    assert LANDSCAPES["funnel"].minima[0].position == (0, -4.5)
    assert LANDSCAPES["funnel"].curvature == pytest.approx(math.exp(4.5))
    tilted = LANDSCAPES["tilted_double_well"]
    assert tilted.separable[0].derivative(np.array([place.position[0] for place in tilted.places])) == pytest.approx(0)
    assert sum(place.kind == "saddle" for place in LANDSCAPES["egg_carton"].places) == 12


# --- the law exp(−U/kT) ---------------------------------------------------------------------------------------------


@every
def test_the_box_holds_the_law(landscape: Landscape) -> None:
    """Nothing of weight at the edge of the box at the highest temperature, and Z does not depend on the grid."""
    low, high = landscape.kT_range
    assert low <= landscape.kT <= high
    if landscape.chart is None:
        xs, ys = (np.linspace(*side, 401) for side in landscape.box)
        energy = landscape.on_grid(xs, ys)
        edge = min(energy[0].min(), energy[-1].min(), energy[:, 0].min(), energy[:, -1].min())
        assert edge - energy.min() > 30 * high
    for kT in (low, landscape.kT, high):
        assert log_z(landscape, kT, 300) == pytest.approx(log_z(landscape, kT, 520), abs=1e-9)
        fine = landscape.grid(kT)
        edge = np.concatenate([fine.energy[0], fine.energy[-1], fine.energy[:, 0], fine.energy[:, -1]])
        assert edge.min() - fine.energy.min() > 30 * kT


def test_partition_functions_in_closed_form() -> None:
    harmonic, banana, funnel = (LANDSCAPES[name] for name in ("harmonic", "banana", "funnel"))
    for kT in (0.25, 1.0, 2.0):
        # 2π kT/√det K with det K = 9
        assert log_z(harmonic, kT) == pytest.approx(math.log(2 * math.pi * kT / 3), abs=1e-12)
        # Given y, x is Gaussian of variance kT eʸ; integrating it out leaves a Gaussian in y.
        centre = 4.5 * (kT - 1)
        assert mean(funnel, kT, lambda x, y: y) == pytest.approx(centre, abs=1e-9)
        assert mean(funnel, kT, lambda x, y, c=centre: (y - c) ** 2) == pytest.approx(9 * kT, rel=1e-9)
        assert mean(funnel, kT, lambda x, y: x * x * np.exp(-y)) == pytest.approx(kT, rel=1e-9)
    # In (x, y − x²) the banana is Gaussian: variances 10 kT and kT/10.
    assert log_z(banana, 0.1) == pytest.approx(math.log(2 * math.pi * 0.1), abs=1e-12)
    assert mean(banana, 0.1, lambda x, y: y) == pytest.approx(2, rel=1e-11)
    # exp(−U) of these two is a density.
    assert log_z(funnel, 1.0) == pytest.approx(0, abs=1e-12)
    assert log_z(LANDSCAPES["three_gaussians"], 1.0) == pytest.approx(0, abs=1e-12)


def test_double_well_moments_match_an_independent_quadrature() -> None:
    for kT, exact in ((0.25, 0.9176708607), (0.1, 0.97252276)):
        assert mean(LANDSCAPES["double_well"], kT, lambda x, y: x * x) == pytest.approx(exact, abs=1e-8)
        assert mean(LANDSCAPES["double_well"], kT, lambda x, y: y * y) == pytest.approx(kT / 2, rel=1e-12)


def test_ring_radius_in_closed_form() -> None:
    """In s = r² the ring's law is a Gaussian about 1 of variance kT/2, cut at s = 0."""
    kT = 0.1
    spread = math.sqrt(kT / 2)
    cut = 1 / spread
    hazard = math.exp(-cut * cut / 2) / math.sqrt(2 * math.pi) / (0.5 * math.erfc(-cut / math.sqrt(2)))
    assert mean(LANDSCAPES["ring"], kT, lambda x, y: x * x + y * y) == pytest.approx(1 + spread * hazard, rel=1e-12)


@every
def test_separable_parts_add_up(landscape: Landscape) -> None:
    if landscape.separable is None:
        x = within(landscape.view, 50)
        assert (landscape.hessian(x)[:, 0, 1].abs() > 1e-12).any()  # else it should say that it is separable
        return
    xs, ys = (np.linspace(*side, 41) for side in landscape.view)
    first, second = landscape.separable
    constant = landscape.on_grid([0.0], [0.0])[0, 0] - first(np.zeros(1))[0] - second(np.zeros(1))[0]
    assert constant == 0
    np.testing.assert_allclose(landscape.on_grid(xs, ys), second(ys)[:, None] + first(xs)[None, :], atol=1e-12)
    x = within(landscape.view, 200)
    for i, part in enumerate(landscape.separable):
        s = x[:, i].numpy()
        np.testing.assert_allclose(landscape.gradient(x)[:, i].numpy(), part.derivative(s), atol=1e-12)
        np.testing.assert_allclose(landscape.hessian(x)[:, i, i].numpy(), part.second_derivative(s), atol=1e-12)


# --- wells ----------------------------------------------------------------------------------------------------------


@every
def test_each_minimum_lies_in_its_own_well(landscape: Landscape) -> None:
    at = torch.tensor([place.position for place in landscape.minima], dtype=torch.float64)
    assert landscape.wells(at).tolist() == list(range(len(landscape.minima)))
    assert landscape.wells(at.float()).tolist() == list(range(len(landscape.minima)))
    assert landscape.wells(at).dtype == torch.int64


@every
def test_grid_carries_the_same_wells(landscape: Landscape) -> None:
    grid = landscape.grid(landscape.kT, 40)
    points = torch.from_numpy(np.stack((grid.x.ravel(), grid.y.ravel()), 1))
    assert np.array_equal(grid.wells.ravel(), landscape.wells(points).numpy())
    if landscape.chart is None:
        assert np.array_equal(grid.energy, landscape.on_grid(*grid.axes))


def test_muller_brown_wells_are_the_basins_of_descent() -> None:
    """Points that start clear of a border by more than a cell end in the minimum of their label."""
    landscape = LANDSCAPES["muller_brown"]
    x = within(landscape.view, 400, seed=1)
    x = x[landscape.energy(x) < 50]
    cell = 2 * 2.8 / 255
    nearby = [landscape.wells(x + torch.tensor(step) * cell) for step in itertools.product((-1, 0, 1), repeat=2)]
    clear = (torch.stack(nearby) == nearby[0]).all(0)
    assert clear.sum() > 0.8 * len(x)
    ends, labels = x[clear], landscape.wells(x[clear])
    for _ in range(3_000):
        slope = landscape.gradient(ends)
        ends = ends - slope * torch.clamp(1e-2 / slope.norm(dim=1, keepdim=True), max=1e-4)
    centres = torch.tensor([place.position for place in landscape.minima], dtype=torch.float64)
    assert torch.equal(torch.cdist(ends, centres).argmin(1), labels)
    assert set(labels.tolist()) == {0, 1, 2}


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_symmetries(x: float, y: float) -> None:
    point = torch.tensor([[x, y]], dtype=torch.float64)
    mirrored = {
        "harmonic": -point,
        "double_well": -point,
        "ring": point.flip(1),
        "egg_carton": point.flip(1),
        "funnel": point * torch.tensor([-1.0, 1.0]),
    }
    for name, other in mirrored.items():
        landscape = LANDSCAPES[name]
        assert float(landscape.energy(other)) == pytest.approx(float(landscape.energy(point)), rel=1e-12, abs=1e-13)
    assert float(LANDSCAPES["harmonic"].energy(point)) >= 0.5 * (x * x + y * y) * (1 - 1e-12)  # convexity 1
