"""The soap film against the catenoid: neck and area of both branches, the critical distance, and the two discs."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest
import torch

from demos.gradient_flow import autograd_gradient, autograd_hessian
from demos.physics.soap_film.critical_point import critical_point
from demos.physics.soap_film.model import SoapFilm
from demos.physics.soap_film.reference import (
    CRITICAL_NECK,
    CRITICAL_SEPARATION,
    catenoids,
    discs_area,
    goldschmidt_separation,
    polygon_catenoid,
    polygon_radii,
    widest_spacing,
)
from demos.physics.soap_film.simulate import run_film
from tests.gradient_flow.flows import fitted_order

# a cosh(s/2a) = 1 solved to thirty digits: s, neck and area of the stable catenoid, neck and area of the unstable one
TABLE = [
    (0.2, 0.994970493751908, 1.254535275185, 0.0222242150072597, 6.29559731961463),
    (0.5, 0.967520845723591, 3.10811242123164, 0.0766974725009029, 6.38515373126685),
    (0.8, 0.910737994273788, 4.88379320193115, 0.157962397210681, 6.6013035260082),
    (1.0, 0.848337938094979, 5.99179697580228, 0.235094990234533, 6.84565539431063),
    (1.2, 0.745071089852171, 6.99964256762199, 0.351887948063458, 7.2079124787863),
    (1.3, 0.641607601777805, 7.4397813773939, 0.461688844828455, 7.45901867801338),
]


@pytest.mark.parametrize("start", ["cylinder", "waist", "stable", "unstable", "above", "below"])
def test_gradient_and_hessian(start):
    film = SoapFilm(1.1, 20)
    x = film.starts()[start](0, 2)
    torch.testing.assert_close(film.gradient(x), autograd_gradient(film.energy)(x), rtol=0, atol=1e-13)
    torch.testing.assert_close(film.hessian(x), autograd_hessian(film.energy)(x, 0.0), rtol=0, atol=1e-11)


def test_area_of_known_surfaces():
    """A cylinder exactly; a cone of 45° through the polygon exactly."""
    film = SoapFilm(1.0, 10)
    assert float(film.energy(film.starts()["cylinder"](0, 1))) == pytest.approx(2 * pi, rel=1e-14)
    x = (1 - (0.5 - film.heights[1:-1].abs()))[None]  # two frustums from radius 1 to ½
    assert float(film.energy(x)) == pytest.approx(2 * pi * 1.5 * sqrt(0.5), rel=1e-14)


@pytest.mark.parametrize("row", TABLE)
def test_catenoids_of_the_table(row):
    separation, *values = row
    stable, unstable = catenoids(separation)
    np.testing.assert_allclose((stable.neck, stable.area, unstable.neck, unstable.area), values, rtol=1e-12)
    assert stable.stable and not unstable.stable
    for catenoid in (stable, unstable):
        np.testing.assert_allclose(catenoid.radius(np.array([-separation / 2, 0.0])), [1, catenoid.neck], rtol=1e-11)


def test_critical_and_goldschmidt_separation():
    assert pytest.approx(1.32548683869836, rel=1e-13) == CRITICAL_SEPARATION
    assert pytest.approx(0.552434124530883, rel=1e-12) == CRITICAL_NECK
    assert goldschmidt_separation() == pytest.approx(1.05539479392514, rel=1e-12)
    assert catenoids(CRITICAL_SEPARATION + 1e-9) == ()


@pytest.mark.parametrize("branch", [0, 1])
@pytest.mark.parametrize("separation", [0.8, 1.0, 1.3])
def test_necks_and_areas_converge_with_the_square_of_the_links(separation, branch):
    """Newton to a gradient of 1e-13; the minimum has no downhill direction, the pass has one."""
    exact, counts, necks, areas = catenoids(separation)[branch], (40, 80, 160, 320), [], []
    for links in counts:
        film = SoapFilm(separation, links)
        point = critical_point(film, exact.radius(film.heights[1:-1].numpy()))
        assert point.downhill == branch and point.gradient < 1e-11
        necks.append(abs(point.neck - exact.neck))
        areas.append(abs(float(film.energy(torch.from_numpy(point.radii)[None])) - exact.area))
    for errors in (necks, areas):
        assert fitted_order([1 / n for n in counts], errors) == pytest.approx(2, abs=0.05)


def test_the_polygon_solved_outward_is_a_critical_point():
    """The recurrence knows nothing of the energy's code, and its film has a vanishing gradient all the same."""
    half = polygon_radii(40, 0.05)
    radii = np.concatenate([half[:0:-1], half]) / half[-1]
    film = SoapFilm(40 * 0.05 / half[-1], 40)
    x = torch.from_numpy(radii[1:-1])[None]
    assert float(film.gradient(x).abs().max()) < 1e-13


@pytest.mark.parametrize("separation", [0.1, 1.0, 1.3, 1.325, 1.32548])
@pytest.mark.parametrize("links", [10, 60, 200])
def test_the_polygon_in_a_catenoids_place_is_the_films_own(links, separation):
    for catenoid in catenoids(separation):
        neck, area = polygon_catenoid(catenoid, links)
        film = SoapFilm(separation, links)
        point = critical_point(film, catenoid.radius(film.heights[1:-1].numpy()))
        assert neck == pytest.approx(point.neck, rel=1e-11)
        assert area == pytest.approx(float(film.energy(torch.from_numpy(point.radii)[None])), rel=1e-13)


def discrete_critical_separation(links):
    """The largest separation, in radii, that a polygon of `links` pieces can span."""
    h = widest_spacing(links)
    return float(links * h / polygon_radii(links, h)[-1])


def test_the_critical_separation_by_maximizing_over_polygons():
    counts = (20, 40, 80, 160)
    errors = [discrete_critical_separation(n) - CRITICAL_SEPARATION for n in counts]
    assert fitted_order([1 / n for n in counts], errors) == pytest.approx(2, abs=0.02)
    assert errors[-1] < 2e-5
    for factor, exists in ((0.9999, True), (1.0001, False)):
        film = SoapFilm(discrete_critical_separation(60) * factor, 60)
        start = catenoids(CRITICAL_SEPARATION * 0.99999)[0].radius(film.heights[1:-1].numpy())
        if exists:
            assert critical_point(film, start).gradient < 1e-11
        else:
            with pytest.raises(ValueError, match="no catenoid"):
                critical_point(film, start)


def run(film, start, duration):
    return run_film(film, film.starts()[start](0, 1), duration=duration, rest_speed=None)


@pytest.mark.parametrize("separation", [1.0, 1.3])
def test_the_flow_ends_on_the_stable_catenoid(separation):
    film = SoapFilm(separation, 40)
    path = run(film, "cylinder", 12.0)
    neck, area = polygon_catenoid(catenoids(separation)[0], 40)
    assert path.profiles[-1, 20] == pytest.approx(neck, abs=1e-5) and path.areas[-1] == pytest.approx(area, abs=1e-9)
    assert np.all(np.diff(path.areas) < 1e-9) and abs(path.residual[-1]) < 3e-3
    assert path.profiles.shape == (len(path.profile_x), 41) and path.profile_x[-1] == path.x[-1] == 12.0
    assert len(path.evaluations) == len(path.x) and np.all(np.diff(path.evaluations) > 0)


def test_the_pass_parts_films_that_last_from_films_that_snap():
    film = SoapFilm(1.2, 40)
    above, below = run(film, "above", 6.0), run(film, "below", 6.0)
    assert above.profiles[-1, 20] == pytest.approx(catenoids(1.2)[0].neck, abs=1e-3)
    assert below.profiles[-1, 20] == 0
    assert below.areas[-1] == pytest.approx(discs_area(film.spacing), rel=1e-12)


def test_past_the_critical_distance_the_film_falls_onto_two_discs():
    """Exactly: the polygon's discs are cones of height h, of area π√(1 + h²) each."""
    film = SoapFilm(1.01 * CRITICAL_SEPARATION, 40)
    path = run(film, "cylinder", 8.0)
    assert path.areas[-1] == pytest.approx(2 * pi * sqrt(1 + film.spacing**2), rel=1e-12)
    assert np.all(path.profiles[-1, 1:-1] == 0)
    assert abs(path.residual[-1]) < 1e-2


def test_curvature_flow_of_a_sphere():
    """On r² + z² = ρ² every point moves inward at 2/ρ: r_t = −2/r, to the second order of the spacing."""
    rho = sqrt(1 + 0.25)  # meets the rings at z = ±½
    errors, counts = [], (80, 160, 320)
    for links in counts:
        film = SoapFilm(1.0, links)
        r = (rho**2 - film.heights[1:-1] ** 2).sqrt()[None]
        velocity = film.curvature_flow().gradient(r, 0.0)
        errors.append(float((velocity - 2 / r).abs().max()))
    assert fitted_order([1 / n for n in counts], errors) == pytest.approx(2, abs=0.1)


def test_refusals():
    for bad, words in (({"separation": 0.0}, "separation"), ({"links": 7}, "links"), ({"links": 4000}, "links")):
        with pytest.raises(ValueError, match=words):
            SoapFilm(**bad)
    film = SoapFilm(1.5, 20)
    with pytest.raises(ValueError, match="no catenoid"):
        critical_point(film, np.ones(19))
    assert set(film.starts()) == {"cylinder", "waist"}
    assert film.system().references[0].value == 2 * pi
