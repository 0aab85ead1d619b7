"""The XY model: exact twisted states, vortices that sum to nothing, pairs that vanish, and its temperature."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np
import pytest
import torch
from scipy.special import iv

from demos.gradient_flow import autograd_gradient, solve
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.vortices import charges, places, winding_numbers, wrapped
from demos.physics.xy_magnet.model import XYModel
from demos.physics.xy_magnet.reference import cold_series, hot_series, twisted_energy, wave_rates
from demos.physics.xy_magnet.starts import with_vortices

STARTS = ["random", "pair", "crystal", "twisted", "aligned"]


@pytest.mark.parametrize("start", STARTS)
def test_the_gradient_is_that_of_autograd(start):
    model = XYModel(12, 1.7)
    theta = model.system().start(start, 4, 2)
    torch.testing.assert_close(model.gradient(theta), autograd_gradient(model.energy)(theta), rtol=0, atol=1e-13)
    energy, dissipation = model.measure(theta)
    torch.testing.assert_close(dissipation, model.gradient(theta).square().sum((1, 2)), rtol=1e-13, atol=0)


def test_laplacian_of_the_energy_is_minus_twice_the_energy():
    """Σ ∂²E/∂θᵢ² = −2E: what the configurational temperature stands on. By autograd on one small state."""
    model = XYModel(4, 0.8)
    theta = model.system().start("random", 0)
    hessian = model.system().flow().hessian(theta, 0.0)
    assert float(hessian[0].trace()) == pytest.approx(-2 * float(model.energy(theta)), rel=1e-12)


@pytest.mark.parametrize("turns", [0, 1, 2, 5])
def test_twisted_states_are_exact(turns):
    model = XYModel(24, 1.3)
    x = torch.arange(24, dtype=torch.float64)
    for theta in ((2 * pi * turns * x / 24).expand(1, 24, 24), (2 * pi * turns * x / 24)[:, None].expand(1, 24, 24)):
        assert float(model.energy(theta)) == pytest.approx(twisted_energy(24, (turns, 0), 1.3), rel=1e-14)
        assert float(model.gradient(theta).abs().max()) < 1e-13
    noisy = theta + 0.1 * torch.from_numpy(np.random.default_rng(0).standard_normal((1, 24, 24)))
    end = solve(model.system().flow(), noisy, np.arange(4001) * 0.15, "euler", record=2, tolerance=1e-11).states[-1]
    exact = twisted_energy(24, (0, turns), 1.3)  # minima for n < L/4
    assert float(model.energy(end)) == pytest.approx(exact, rel=1e-13)
    assert [int(n) for n in winding_numbers(end)] == [0, turns]


def test_a_state_twisted_too_far_falls():
    """n > L/4: the links are longer than a quarter turn, and cos bends the other way."""
    model = XYModel(12)
    x = torch.arange(12, dtype=torch.float64)
    theta = (2 * pi * 4 * x / 12).expand(1, 12, 12) + 0.01 * model.system().start("random", 0)
    end = solve(model.system().flow(), theta, np.arange(2001) * 0.1, "euler", record=2).states[-1]
    assert float(model.energy(end)) < twisted_energy(12, (4, 0)) - 50


def follow(model, start, end, temperature, frames):
    method = "leimkuhler_matthews" if temperature > 0 else "euler"
    return solve(
        model.system().flow(temperature),
        start,
        np.linspace(0, end, round(end / 0.1) + 1),
        method,
        seed=0,
        record=frames,
    )


@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_the_charges_sum_to_nothing_in_every_frame(temperature):
    model = XYModel(32)
    path = follow(model, model.system().start("random", 1), 20.0, temperature, 30)
    found = [places(winding) for winding in charges(path.states[:, 0])]
    pairs = [int((signs > 0).sum()) for _, signs in found]
    assert pairs[0] > 100
    for centres, signs in found:
        assert signs.sum() == 0 and len(signs) == len(centres)
    (charge,) = invariant_checks(model.system(), path.states)
    assert charge.name == "total vortex charge" and charge.agrees
    if temperature == 0:
        assert np.all(np.diff(path.energies[:, 0].numpy()) < 0) and pairs[-1] < 30


def test_vortices_are_put_where_they_are_asked_for():
    """Smooth across the torus: no step between neighbours is long except around the vortices themselves."""
    asked = [(10.5, 12.5, 1), (30.5, 20.5, -1), (20.5, 40.5, 1), (41.5, 33.5, -1)]
    theta = with_vortices(48, asked)
    centres, signs = places(charges(theta)[0])
    found = {(float(x), float(y)): int(q) for (x, y), q in zip(centres, signs, strict=True)}
    assert found == {(x, y): q for x, y, q in asked}
    steps = wrapped(torch.roll(theta, -1, -2) - theta).abs()[0, -1]
    assert float(steps.max()) < 0.35  # the seam, at least 7 sites from every vortex: 4 × 1/7 at most
    with pytest.raises(ValueError, match="sum to 0"):
        with_vortices(48, [(1.0, 1.0, 1)])


def test_a_pair_finds_each_other():
    model = XYModel(32)
    path = follow(model, model.system().start("pair"), 80.0, 0.0, 60)
    found = [places(winding)[0] for winding in charges(path.states[:, 0])]
    assert len(found[0]) == 2 and len(found[-1]) == 0
    distances = [np.hypot(*(c[0] - c[1])) for c in found if len(c) == 2]
    assert distances[0] == pytest.approx(10, abs=0.6) and distances[-1] < 3
    assert float(path.energies[-1, 0]) < 0.999 * model.ground_state


def test_dissipation_identity():
    """E(0) − E(t) = ∫|∇E|², by error-controlled steps of order 5."""
    model = XYModel(16)
    recorder = EnergyRecorder(model.measure)
    solve(
        model.system().flow(),
        model.system().start("random", 2),
        [0.0, 5.0],
        "dopri5",
        record="steps",
        observe=recorder,
        rtol=1e-7,
        atol=1e-7,
    )
    assert abs(float(recorder.balance.residual[-1, 0])) < 1e-5


@pytest.mark.parametrize("temperature", [0.4, 1.2])
def test_the_states_know_their_temperature(temperature):
    """MALA has the Boltzmann law exactly: |∇E|² − T∇²E has mean 0, within 5 standard errors over 64 replicas."""
    model = XYModel(6)
    replicas = 64
    path = solve(
        model.system().flow(temperature),
        model.system().start("aligned", 0, replicas),
        np.arange(3001) * 0.08,
        "mala",
        seed=3,
        record=31,
    )
    states = path.states[11:]
    gap = []
    for frame in states:
        energy, square = model.measure(frame)
        gap.append(square + 2 * temperature * energy)
    per_replica = torch.stack(gap).mean(0)
    error = float(per_replica.std()) / sqrt(replicas)
    assert abs(float(per_replica.mean())) < 5 * error
    assert error < 0.05 * temperature * 72  # of the size of either side: the test can see 5 × 5 %


def test_refusals():
    for bad, words in (({"size": 2}, "size"), ({"coupling": 0.0}, "coupling")):
        with pytest.raises(ValueError, match=words):
            XYModel(**bad)


def test_waves_on_a_twist_have_the_hessians_eigenvalues():
    model = XYModel(6)
    theta = torch.from_numpy(np.broadcast_to(2 * pi * np.arange(6) / 6, (1, 6, 6)).copy())
    hessian = model.system().flow().hessian(theta, 0.0)[0].reshape(36, 36)
    np.testing.assert_allclose(np.linalg.eigvalsh(hessian.numpy()), np.sort(wave_rates(6, (1, 0)).ravel()), atol=1e-12)
    assert twisted_energy(6, (1, 0)) == pytest.approx(float(model.energy(theta)), rel=1e-14)


def test_series_of_the_energy():
    """The low one begins at −2; the high one is the derivative of its partition function, by differences."""
    assert cold_series(np.array([0.0]))[0] == -2
    T, h = 1.5, 1e-5
    u = lambda b: iv(1, b) / iv(0, b)
    log_z = lambda b: 2 * np.log(iv(0, b)) + 2 * u(b) ** 4 + 4 * u(b) ** 6
    derivative = -(log_z(1 / T + h) - log_z(1 / T - h)) / (2 * h)
    assert float(hot_series(np.array([T]))[0]) == pytest.approx(derivative, rel=1e-8)
