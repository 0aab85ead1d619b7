"""Stationary points: they are what they claim to be, and all there are; beside published numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.landscapes import LANDSCAPES, Landscape, maximum, minimum, saddle
from tests.landscapes.every import HIMMELBLAU, every


def claiming(*known) -> Landscape:
    return replace(HIMMELBLAU, approximate_points=known)


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
        claiming(place).stationary_points  # noqa: B018 - computed when it is asked for
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


def test_a_place_that_is_not_stationary_is_refused() -> None:
    gutter = replace(claiming(minimum("A", 0.0, 0.0)), energy=lambda x, t=0.0: x[:, 0] + x[:, 1] ** 2)
    with pytest.raises(ValueError, match="not stationary"):
        replace(gutter, gradient=None, hessian=None).minima  # noqa: B018


def test_a_flat_valley_is_a_minimum() -> None:
    assert LANDSCAPES["ring"].minima[0].eigenvalues == (0, 8)


@every
def test_places_are_stationary_and_of_their_kind(landscape: Landscape) -> None:
    assert landscape.minima and len({place.name for place in landscape.stationary_points}) == len(
        landscape.stationary_points
    )
    for place, known in zip(landscape.stationary_points, landscape.approximate_points, strict=True):
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
    count = {
        kind: sum(place.kind == kind for place in landscape.stationary_points)
        for kind in ("minimum", "saddle", "maximum")
    }
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
    places = {place.name: place for place in LANDSCAPES["muller_brown"].stationary_points}
    assert set(places) == set(exact)
    for name, (x, y, energy, low, high) in exact.items():
        place = places[name]
        assert place.position == pytest.approx((x, y), abs=1e-10)
        assert place.energy == pytest.approx(energy, abs=1e-10)
        assert place.eigenvalues == pytest.approx((low, high), abs=1e-3)


def test_closed_forms() -> None:
    assert LANDSCAPES["harmonic"].minima[0].eigenvalues == pytest.approx((1, 9), rel=1e-14)
    assert LANDSCAPES["harmonic"].curvature == pytest.approx(9) and LANDSCAPES["harmonic"].convexity == 1
    assert [place.eigenvalues for place in LANDSCAPES["double_well"].stationary_points] == [(2, 8), (2, 8), (-4, 2)]
    assert LANDSCAPES["ring"].minima[0].eigenvalues == (0, 8)
    assert LANDSCAPES["funnel"].minima[0].position == (0, -4.5)
    assert LANDSCAPES["funnel"].curvature == pytest.approx(math.exp(4.5))
    tilted = LANDSCAPES["tilted_double_well"]
    assert tilted.separable[0].derivative(
        np.array([place.position[0] for place in tilted.stationary_points])
    ) == pytest.approx(0)
    assert sum(place.kind == "saddle" for place in LANDSCAPES["egg_carton"].stationary_points) == 12
