"""The landscapes' derivatives, shapes and devices, against autograd; their wells and symmetries."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from demos.gradient_flow.derivatives import autograd_gradient, autograd_hessian
from demos.landscapes import LANDSCAPES, Landscape, minimum
from tests.landscapes.every import HIMMELBLAU, assert_close, every, within


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
        assert not energy.isnan().any() and (energy > max(place.energy for place in landscape.stationary_points)).all()
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
        approximate_points=(minimum("bottom", 0.1, 0.2),),
    )
    x = within(bowl.view, 5)
    assert torch.equal(bowl.gradient(x), 2 * x)
    assert torch.equal(bowl.hessian(x), 2 * torch.eye(2, dtype=x.dtype).expand(5, 2, 2))
    assert bowl.minima[0].position == (0.0, 0.0) and bowl.curvature == 2.0


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
