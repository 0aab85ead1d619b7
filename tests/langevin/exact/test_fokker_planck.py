"""The law in motion: exact stationary law, matrix exponentials, Ornstein-Uhlenbeck closed forms, tabulated gaps."""

import numpy as np
import pytest
from scipy.linalg import expm

from demos.langevin.exact import fokker_planck
from demos.langevin.exact.fokker_planck import FokkerPlanck, kl_bound
from demos.langevin.exact.master_equation import bernoulli, edges, generator

KT = 0.25


def double_well(width: int = 45, height: int = 31):
    xs, ys = np.linspace(-2.2, 2.2, width), np.linspace(-1.8, 1.8, height)
    x, y = np.meshgrid(xs, ys)
    return FokkerPlanck((x**2 - 1) ** 2 + y**2, (xs, ys), KT)


def mueller_brown(width: int = 60, kT: float = 15.0):
    xs, ys = np.linspace(-1.7, 1.2, width), np.linspace(-0.4, 2.1, width)
    x, y = np.meshgrid(xs, ys)
    wells = zip(
        (-200, -100, -170, 15),
        (-1, -1, -6.5, 0.7),
        (0, 0, 11, 0.6),
        (-10, -10, -6.5, 0.7),
        (1, 0, -0.5, -1),
        (0, 0.5, 1.5, 1),
        strict=True,
    )
    energy = sum(A * np.exp(a * (x - p) ** 2 + b * (x - p) * (y - q) + c * (y - q) ** 2) for A, a, b, c, p, q in wells)
    return FokkerPlanck(energy, (xs, ys), kT)


def matrix(flow: FokkerPlanck) -> np.ndarray:
    every = np.ones(flow.energy.size, bool)
    return generator(edges(flow.energy, flow.spacing, flow.kT), every).toarray()


@pytest.mark.parametrize("make", [double_well, mueller_brown])
def test_boltzmann_is_stationary_to_rounding_and_mass_is_kept(make):
    flow = make(40)
    rates, law = matrix(flow), flow.equilibrium().ravel() * flow.cell
    traffic = np.abs(rates) @ law
    assert np.abs(rates @ law).max() < 1e-13 * traffic.max()
    assert np.abs(rates.sum(axis=0)).max() < 1e-13 * np.abs(rates).max()
    assert (rates - np.diag(np.diag(rates)) >= 0).all()


def test_bernoulli_function():
    z = np.array([-800.0, -1.0, -1e-7, 0.0, 1e-7, 1.0, 800.0])
    assert bernoulli(z) == pytest.approx([800, 1 / (1 - np.exp(-1)), 1 + 5e-8, 1, 1 - 5e-8, 1 / (np.e - 1), 0])


@pytest.mark.parametrize("centre, std", [((-1, 0), 0.2), ((-1.7, 0.3), 0.1), ((2.2, 1.8), 0.0), ((1.9, 1.0), 0.0)])
def test_evolution_is_the_matrix_exponential(centre, std):
    """From inside a well (Chebyshev) and from 70 kT up in the corner (uniformisation first) alike."""
    flow = double_well(30, 24)
    start = flow.gaussian(centre, std) if std else flow.point(centre)
    times = np.linspace(0, 5, 61)
    laws = flow.evolve(start, times)
    step, p = expm(matrix(flow) * times[1]), start.ravel() * flow.cell
    for law in laws:
        assert np.abs(law.ravel() * flow.cell - p).sum() < 1e-9
        p = step @ p
    assert laws.sum(axis=(1, 2)) * flow.cell == pytest.approx(np.ones(61), abs=1e-12)
    assert laws.min() >= 0


@pytest.mark.parametrize("centre", [-1.0, 0.3, 2.19])
def test_all_eigenvectors_and_the_chebyshev_series_give_the_same_law(centre, monkeypatch):
    x, times = np.linspace(-2.2, 2.2, 90), np.concatenate([[0.0], np.geomspace(1e-3, 300, 40)])
    flow = FokkerPlanck((x**2 - 1) ** 2, (x,), KT)
    laws = flow.evolve(flow.gaussian((centre,), 0.1), times)
    monkeypatch.setattr(fokker_planck, "FEW", 0)
    assert np.abs(laws - flow.evolve(flow.gaussian((centre,), 0.1), times)).sum(axis=1).max() * flow.cell < 1e-9


def test_uneven_times_and_a_standstill():
    flow = double_well()
    start = flow.gaussian((-1, 0), 0.2)
    even = flow.evolve(start, np.linspace(0, 2, 41))
    laws = flow.evolve(start, [0, 0, 0.05, 0.05, 1.0, 2.0])
    assert np.abs(laws[[0, 1, 2, 3, 4, 5]] - even[[0, 0, 1, 1, 20, 40]]).max() < 1e-10


def test_ornstein_uhlenbeck_moments_converge_with_the_grid():
    """Mean x0 exp(-kt), variance kT/k + (s0 - kT/k) exp(-2kt): errors fall as spacing² or faster."""
    k, kT, t, errors = 1.5, 0.3, 0.7, []
    for n in (41, 81, 161):
        x = np.linspace(-4, 4, n)
        flow = FokkerPlanck(k * x**2 / 2, (x,), kT)
        law = flow.evolve(flow.gaussian((1.0,), 0.5), [0, t])[1]
        mean = float(flow.mean(law, x))
        variance = float(flow.mean(law, (x - mean) ** 2))
        errors.append([abs(mean - np.exp(-k * t)), abs(variance - kT / k - (0.25 - kT / k) * np.exp(-2 * k * t))])
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    assert (ratios > 3.5).all()
    assert max(errors[-1]) < 1e-3


# slowest rates of (x² - 1)² (7 digits)
RATES = {0.15: 2.142794e-3, 0.25: 2.977959e-2, 0.30: 5.771663e-2, 0.50: 2.272733e-1}


@pytest.mark.parametrize("kT, rate", RATES.items())
def test_slowest_rate(kT, rate):
    def measured(n):
        x = np.linspace(-2.6, 2.6, n)
        return float(FokkerPlanck((x**2 - 1) ** 2, (x,), kT).relaxation_rate()[0])

    fine, coarse = measured(417), measured(209)
    assert (4 * fine - coarse) / 3 == pytest.approx(rate, rel=1e-6)
    assert abs(fine - rate) < 2 * abs(fine - coarse) / 3 + 1e-6 * rate


def test_slowest_rate_in_two_dimensions_on_the_page_grid():
    rates = double_well(80, 80).relaxation_rate(2)
    assert rates[0] == pytest.approx(RATES[0.25], rel=1e-4)  # (x² - 1)² + y²: y relaxes at rate 2
    assert rates[1] == pytest.approx(2.0, rel=2e-3)


def test_escaped_share_at_time_ten():
    """P(x > 0) at t = 10 from x = -1, kT = 0.25 is 0.124702; the grids hold -1 and 0 exactly."""
    shares = []
    for n in (89, 177, 353):
        x = np.linspace(-2.2, 2.2, n)
        flow = FokkerPlanck((x**2 - 1) ** 2, (x,), 0.25)
        law = flow.evolve(flow.point((-1.0,)), [0, 10])[1]
        shares.append(float(flow.mean(law, np.heaviside(np.round(x, 9), 0.5))))
    assert (4 * shares[2] - shares[1]) / 3 == pytest.approx(0.124702, abs=1e-6)
    assert abs(shares[0] - 0.124702) < 4e-5
    assert 3 < (shares[0] - shares[1]) / (shares[1] - shares[2]) < 5  # second order


def test_free_energy_falls_and_ends_at_zero():
    for flow, start in ((double_well(), (-1.0, 0.4)), (mueller_brown(), (-0.05, 0.47)), (mueller_brown(), (1.0, 1.9))):
        excess = flow.free_energy(flow.evolve(flow.point(start), np.linspace(0, 3, 40)))
        assert (excess >= -1e-12).all() and (np.diff(excess) < 1e-10 * excess[0]).all()
    assert float(flow.free_energy(flow.equilibrium())) == pytest.approx(0, abs=1e-10)


def test_convex_decay_bound_is_kept_and_reached():
    """A shifted Gaussian decays exactly at the Bakry-Émery rate: KL = k m² exp(-2kt)/(2kT)."""
    k, kT = 2.0, 0.25
    x = np.linspace(-2.6, 2.6, 401)
    flow = FokkerPlanck(k * x**2 / 2, (x,), kT)
    times = np.linspace(0, 1.5, 31)
    shifted = flow.free_energy(flow.evolve(flow.gaussian((0.8,), np.sqrt(kT / k)), times)) / kT
    assert shifted == pytest.approx(k * 0.64 * np.exp(-2 * k * times) / (2 * kT), rel=2e-3)
    narrow = flow.free_energy(flow.evolve(flow.gaussian((0.8,), 0.1), times)) / kT
    assert (narrow[1:] < kl_bound(narrow[0], k, times)[1:]).all()
    with pytest.raises(ValueError, match="convex"):
        kl_bound(1.0, -1.0, times)


def test_annealing():
    flow = double_well()
    start, times = flow.gaussian((-1, 0), 0.2), np.linspace(0, 2, 21)
    constant = flow.evolve(start, times, kT=np.full(20, KT))
    assert np.abs(constant - flow.evolve(start, times)).max() < 1e-9
    cooled = flow.evolve(flow.equilibrium(1.0), times, kT=np.linspace(1.0, 0.05, 20))
    assert cooled.sum(axis=(1, 2)) * flow.cell == pytest.approx(np.ones(21), abs=1e-12)
    energy = flow.mean(cooled, flow.energy)
    assert energy[1] == pytest.approx(energy[0], rel=1e-12)  # the first interval is at the start's own temperature
    assert (np.diff(energy[1:]) < 0).all() and energy[-1] < 0.2 < energy[0]


def test_walls_of_infinite_energy():
    xs = np.linspace(-1, 1, 41)
    x, y = np.meshgrid(xs, xs)
    flow = FokkerPlanck(np.where(x**2 + y**2 < 0.81, 0.0, np.inf), (xs, xs), 1.0)
    law = flow.evolve(flow.point((0.5, 0.0)), [0.0, 0.01, 20.0])
    assert law[2] == pytest.approx(flow.equilibrium(), abs=1e-9)
    assert law[1][np.isinf(flow.energy)].max() == 0
    with pytest.raises(ValueError, match="wall"):
        flow.point((0.9, 0.9))


def test_bad_input_is_named():
    flow = double_well()
    start = flow.equilibrium()
    with pytest.raises(ValueError, match="times"):
        flow.evolve(start, [0, 1, 0.5])
    with pytest.raises(ValueError, match="start"):
        flow.evolve(-start, [0, 1])
    with pytest.raises(ValueError, match="intervals"):
        flow.evolve(start, [0, 1], kT=[1.0, 2.0])
    with pytest.raises(ValueError, match="outside"):
        flow.point((5, 0))
    with pytest.raises(ValueError, match="std"):
        flow.gaussian((0, 0), 0.0)
