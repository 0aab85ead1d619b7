"""The phase field against its closed forms: walls, circles, mass, growth of small waves, dissipation."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest
import torch

from demos.gradient_flow import autograd_gradient, solve
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.bench.invariants import invariant_checks
from demos.physics.phase_field.model import PhaseField
from demos.physics.phase_field.observables import (
    dissolved_radii,
    domain_count,
    domain_length,
    fitted_exponent,
    radius,
    squared_radii,
)
from demos.physics.phase_field.path_measure import FieldMeasure
from demos.physics.phase_field.reference import circle_rate, growth_rate, wall_tension
from demos.physics.phase_field.simulate import run_field
from demos.physics.phase_field.starts import disc_profile, drawn
from demos.physics.phase_field.studies import shrinking_circle
from tests.gradient_flow.flows import fitted_order

KINDS = [(metric, laplacian) for metric in ("L2", "H-1") for laplacian in ("spectral", "stencil")]


@pytest.mark.parametrize("start", ["spinodal", "nucleation", "disc", "two_discs", "stripe", "star"])
@pytest.mark.parametrize("metric, laplacian", KINDS)
def test_gradient_metric_and_stiff_part_belong_together(metric, laplacian, start):
    field = PhaseField(16, 1.3, metric, 10.0, laplacian)
    system = field.system()
    flow, c = system.flow(), system.start(start, 3, 2)
    gradient = field.gradient(c)
    torch.testing.assert_close(gradient, autograd_gradient(field.energy)(c), rtol=1e-13, atol=1e-14)
    moved = flow.mobility.apply(gradient, 0.0)
    size = float(moved.abs().max())
    torch.testing.assert_close(field.stiff.preconditioned_gradient(c), moved, rtol=0, atol=1e-13 * size)
    energy, dissipation = FieldMeasure(field)(c)
    torch.testing.assert_close(energy, field.energy(c), rtol=1e-14, atol=0)
    torch.testing.assert_close(dissipation, (gradient * moved).flatten(1).sum(1), rtol=1e-12, atol=0)
    root = flow.mobility.root(flow.mobility.root(gradient, 0.0), 0.0)
    torch.testing.assert_close(root, moved, rtol=0, atol=1e-13 * size)


def plane_wave(field, waves, mean=0.0, amplitude=1.0):
    """(1, n, n): one wave along x, `waves` in the box; it grows by exactly its own rate while it is small."""
    x = field.torus.coordinates()[1]
    return (mean + amplitude * torch.cos(2 * pi * waves * x / field.length)).expand(1, field.size, field.size).clone()


def wave_amplitude(c, waves):
    """(N,) of cos(2π waves x/length)"""
    return 2 * torch.fft.rfft(c.mean(-2), dim=-1)[..., waves].abs() / c.shape[-1]


@pytest.mark.parametrize(
    "kind, waves, exact",
    [("spectral", 3, (2 * pi * 3 / 8) ** 2), ("stencil", 3, (2 - 2 * np.cos(2 * pi * 3 / 16)) / 0.25)],
)
def test_laplacian_of_a_plane_wave(kind, waves, exact):
    field = PhaseField(16, 1.0, "L2", 8.0, kind)
    wave = plane_wave(field, waves)
    transform = field.torus.real
    image = transform.backward(field.torus.minus_laplacian(kind) * transform.forward(wave))
    torch.testing.assert_close(image, exact * wave, rtol=0, atol=1e-12)


def test_a_flat_wall_is_a_hyperbolic_tangent_of_known_tension():
    """From a wall twice too thin. Neighbouring walls are 32 away: they pull with 4e^(−2·32/√(2γ))."""
    field = PhaseField(64, 4.0)
    x = field.torus.coordinates()[1]
    exact = torch.tanh((16 - x.abs()) / field.width).expand(1, 64, 64)
    start = torch.tanh((16 - x.abs()) / (field.width / 2)).expand(1, 64, 64).clone()
    end = solve(field.system().flow(), start, np.linspace(0, 40, 401), "etdrk2", record=2, stabilizer=2.0).states[-1]
    far = 4 * np.exp(-2 * 16 / field.width)
    assert float((end - exact).abs().max()) < 3 * far
    assert float((start - exact).abs().max()) > 0.1
    assert float(field.energy(end)) == pytest.approx(2 * 64 * wall_tension(4.0), rel=far)


@pytest.mark.parametrize("gamma", [1.0, 2.0])
def test_a_circle_shrinks_by_its_curvature(gamma):
    circle = shrinking_circle(PhaseField(64, gamma))
    assert circle.exact == -2 * gamma
    assert circle.slope == pytest.approx(circle.exact, rel=0.015)
    assert circle.rises == 0 and not circle.cancelled
    assert abs(circle.residual) < 0.01


def test_chosen_steps_are_late_by_less_where_asked():
    """R² at a fixed time: how late it is falls at least as fast as `lateness`, and the identity shows it."""
    field, residuals = PhaseField(48, 1.0), []
    start = disc_profile(field, 16.0)[None]
    ends = []
    for lateness in (0.4, 0.2, 0.1, 0.02):
        run = run_field(field, start, 60.0, 2, lateness=lateness)
        ends.append(float(radius(torch.from_numpy(run.frames[-1:]).double(), 1.0)) ** 2)
        residuals.append(abs(run.residual[-1]))
    errors = np.abs(np.array(ends[:3]) - ends[3]) / 120
    assert errors[0] < 0.1 and errors[1] < errors[0] / 2 and errors[2] < errors[1] / 2
    assert residuals[0] > residuals[1] > residuals[2] > residuals[3]


@pytest.mark.parametrize("laplacian", ["spectral", "stencil"])
def test_cahn_hilliard_keeps_the_mass_to_rounding(laplacian):
    field = PhaseField(64, 2.0, "H-1", laplacian=laplacian)
    start = field.system().start("spinodal", 1) + 0.2
    path = solve(field.system().flow(), start, [0.0, 400.0], "etdrk2_adaptive", rtol=1e-2, atol=1e-2, stabilizer=0.5)
    mass = field.mass(path.states[:, 0])
    assert float((mass - 0.2).abs().max()) < 1e-15
    assert float(path.states[-1].abs().max()) > 0.9  # it did part
    (check,) = invariant_checks(field.system(), path.states)
    assert check.agrees


@pytest.mark.parametrize("metric, mean", [("L2", 0.0), ("H-1", 0.0), ("H-1", 0.3)])  # in L² a mean would move
def test_small_waves_grow_at_their_own_rate(metric, mean):
    """From 1e-8, so that the nonlinear part stays below 1e-10 of the rate."""
    field = PhaseField(32, 1.5, metric, 40.0)
    for waves in (1, 3, 6):
        squares = (2 * pi * waves / 40) ** 2
        start = plane_wave(field, waves, mean, 1e-8)
        path = solve(field.system().flow(), start, np.linspace(0, 2, 401), "etdrk2", record=2)
        grown = np.log(float(wave_amplitude(path.states[-1], waves) / 1e-8)) / 2
        assert grown == pytest.approx(growth_rate(field, squares, mean), abs=1e-4)


def test_the_fastest_wave_of_a_mixture():
    field = PhaseField(32, 2.0, "H-1")
    squares = np.linspace(0.01, 1, 9901)
    rates = [growth_rate(field, k2) for k2 in squares]
    assert squares[np.argmax(rates)] == pytest.approx(1 / (2 * 2.0), abs=1e-4)
    assert max(rates) == pytest.approx(1 / (4 * 2.0), abs=1e-8)


@pytest.mark.parametrize("method, order", [("etdrk2", 2), ("semi_implicit", 1)])
@pytest.mark.parametrize("metric", ["L2", "H-1"])
def test_the_dissipation_identity_holds_to_the_order_of_the_method(metric, method, order):
    """E(0) − E(t) − ∫⟨∇E, M∇E⟩ vanishes on the true flow; on steps of h it is an error of the method's order."""
    field = PhaseField(32, 2.0, metric)
    start = solve(
        field.system().flow(), field.system().start("spinodal", 2), np.linspace(0, 10, 201), "etdrk2", record=2
    ).states[-1]
    counts, residuals = (80, 160, 320, 640), []
    for n in counts:
        recorder = EnergyRecorder(FieldMeasure(field))
        solve(field.system().flow(), start, np.linspace(0, 10, n + 1), method, record="steps", observe=recorder)
        residuals.append(abs(float(recorder.balance.residual[-1, 0])))
    assert fitted_order([1 / n for n in counts], residuals) == pytest.approx(order, abs=0.25)
    assert residuals[-1] < 1e-2 if order == 1 else 1e-4


def test_radius_of_a_drawn_circle_to_the_second_order():
    for size, allowed in ((32, 4e-3), (64, 1e-3), (128, 2.5e-4)):
        field = PhaseField(size, 1.0, length=32.0)
        y, x = field.torus.coordinates()
        wave = (10.3 - ((x - 0.37) ** 2 + (y + 0.21) ** 2).sqrt())[None]
        assert float(radius(wave, 32.0 / size)) == pytest.approx(10.3, rel=allowed)
    half = torch.where(field.torus.coordinates()[0] < 0, 1.0, -1.0).expand(1, 128, 128).double()
    assert float(radius(half, 0.25)) == pytest.approx(sqrt(32 * 16 / pi), rel=1e-12)


def test_domain_length_of_a_plane_wave_is_its_wave_length():
    field = PhaseField(32, 1.0, length=50.0)
    assert float(domain_length(plane_wave(field, 5, 0.4, 0.1), field)) == pytest.approx(10.0, rel=1e-12)


def test_power_law():
    times = np.concatenate([np.linspace(1, 10, 500), np.linspace(10.1, 1000, 60)])
    assert fitted_exponent(times, 3 * times ** (-1 / 3), 5, 900) == pytest.approx(-1 / 3, abs=1e-12)
    with pytest.raises(ValueError, match="fewer than three"):
        fitted_exponent(times, times, 1001, 2000)


def test_a_drawn_field_is_brought_to_the_grid():
    field = PhaseField(32, 1.0, "H-1")
    y, x = np.mgrid[0:50, 0:80]
    picture = np.sin(2 * pi * (x + 0.5) / 80) * np.cos(2 * pi * (y + 0.5) / 50)
    state = drawn(field, picture)
    assert state.shape == (1, 32, 32) and float(state.abs().max()) <= 1
    places = 2 * pi * (np.arange(32) + 0.5) / 32
    np.testing.assert_allclose(state[0].numpy(), np.cos(places)[:, None] * np.sin(places), atol=2e-3)
    for bad, words in (
        (np.zeros(5), "shape"),
        (np.full((9, 9), 2.0), "numbers from -1 to 1"),
        (np.full((9, 9), np.nan), "numbers from -1 to 1"),
    ):
        with pytest.raises(ValueError, match=words):
            drawn(field, bad)


def test_a_run_keeps_frames_and_steps():
    field = PhaseField(32, 1.0, "H-1")
    run = run_field(field, field.system().start("spinodal", 0), 30.0, frames=12)
    assert run.frames.shape[1:] == (32, 32) and run.frames.dtype == np.float32
    assert run.frame_times[0] == 0 and run.frame_times[-1] == 30.0 and len(run.frames) == len(run.frame_times) <= 12
    assert len(run.energies) == len(run.times) == len(run.step_sizes) + 1 and np.all(np.diff(run.energies) < 0)
    with pytest.raises(ValueError, match="shrinks in L² only"):
        shrinking_circle(field)
    for bad in ({"size": 4}, {"gamma": 0.0}, {"metric": "H1"}):
        with pytest.raises(ValueError, match=next(iter(bad))):
            PhaseField(**({"size": 32} | bad))
    assert circle_rate(3.0) == -6.0


@pytest.mark.parametrize("radius", [10.3, 20.0])
def test_the_squared_radius_of_a_disc_does_not_see_the_grid(radius):
    field = PhaseField(64, 1.0)
    for centre in ((0.0, 0.0), (0.3, 0.45)):
        frames = disc_profile(field, radius, centre)[None].numpy()
        assert squared_radii(frames, field)[0] == pytest.approx(radius**2, abs=1e-4)


def test_domains_that_touch_across_an_edge_are_one():
    inside = np.zeros((10, 10), bool)
    inside[0, 2] = inside[9, 2] = inside[5, 0] = inside[5, 9] = inside[7, 7] = True
    assert domain_count(inside) == 3
    later = inside.copy()
    later[0, 2] = later[9, 2] = False
    assert dissolved_radii(inside - 0.5, later - 0.5, length=5.0) == pytest.approx([np.sqrt(2 / np.pi) / 2])
