"""ESS and R-hat against ArviZ to rounding, autocorrelation against its definition, errors against closed forms."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from demos.common import statistics


def autoregression(chains: int, draws: int, a: float, seed: int = 0) -> np.ndarray:
    """Stationary x' = a x + √(1 - a²) N(0, 1)."""
    noise = np.random.default_rng(seed).standard_normal((chains, draws))
    x = noise.copy()
    for t in range(1, draws):
        x[:, t] = a * x[:, t - 1] + np.sqrt(1 - a * a) * noise[:, t]
    return x


CASES = [(4, 1000, 0.9), (2, 101, -0.6), (4, 50, 0.99), (8, 12, 0.2), (3, 5, 0.0), (4, 7, 0.9), (50, 200, 0.5)]


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("heavy", [False, True])
def test_ess_and_rhat_are_those_of_arviz(case, heavy):
    chains = autoregression(*case)
    chains = np.exp(2 * chains) if heavy else chains + np.linspace(0, 1, len(chains))[:, None]
    for kind, extra in (("mean", {}), ("bulk", {}), ("tail", {"prob": (0.05, 0.95)})):
        theirs = float(array_stats.ess(chains, method=kind, chain_axis=0, draw_axis=1, **extra))
        assert statistics.ess(chains, kind) == pytest.approx(theirs, rel=1e-10)
    theirs = float(array_stats.rhat(chains, method="rank", chain_axis=0, draw_axis=1))
    assert statistics.rhat(chains) == pytest.approx(theirs, rel=1e-12)


def test_ess_of_one_chain_is_that_of_arviz():
    chain = autoregression(1, 333, 0.5)
    theirs = float(array_stats.ess(chain, method="mean", chain_axis=0, draw_axis=1))
    assert statistics.ess(chain[0]) == pytest.approx(theirs, rel=1e-10)


def test_rhat_sees_chains_that_disagree():
    agree, apart = autoregression(4, 2000, 0.3), autoregression(4, 2000, 0.3)
    apart[0] += 2.0  # R-hat of the plain values: √(1 + 2² · (8/7) · ¼ · ¾) = 1.36
    assert statistics.rhat(agree) < 1.01 < 1.1 < statistics.rhat(apart)
    wider = autoregression(4, 2000, 0.3)
    wider[0] *= 3  # the same mean: only the folded half sees it
    assert statistics.rhat(wider) > 1.1


def test_autocorrelation_is_its_definition():
    chains = autoregression(3, 40, 0.7)
    centred = chains - chains.mean()
    direct = np.array([np.mean(centred[:, : 40 - n] * centred[:, n:]) for n in range(11)])
    assert statistics.autocorrelation(chains, 10) == pytest.approx(direct / direct[0], abs=1e-12)


def test_autocorrelation_time_of_a_long_autoregression():
    """τ = (1 + a)/(1 − a), also where every second correlation is negative."""
    for a in (0.5, -0.9):
        chains, exact = autoregression(20, 20_000, a), (1 + a) / (1 - a)
        tau, error = statistics.autocorrelation_time(chains, mean=0.0)
        assert abs(tau - exact) < 5 * error < 0.5 * exact
    assert abs(statistics.ess(autoregression(20, 20_000, 0.5)) / 400_000 - 1 / 3) < 0.02


def test_the_standard_error_of_an_autocorrelation_time_is_its_spread():
    runs = [statistics.autocorrelation_time(autoregression(5, 2_000, 0.5, seed), mean=0.0) for seed in range(60)]
    taus, errors = np.array(runs).T
    assert errors.mean() == pytest.approx(taus.std(ddof=1), rel=5 / np.sqrt(2 * 59))


def test_a_chain_shorter_than_its_memory_has_no_autocorrelation_time():
    assert np.isnan(statistics.autocorrelation_time(autoregression(20, 100, 0.99), mean=0.0)).all()


def test_standard_errors():
    independent = np.random.default_rng(1).standard_normal(10_000)
    mean, error = statistics.mean_with_error(independent)
    assert error == pytest.approx(0.01, rel=0.05) and abs(mean) < 5 * error
    chains = autoregression(40, 5_000, 0.8)  # true error √(9/200,000)
    true = np.sqrt(9 / chains.size)
    assert chains.std(ddof=1) / np.sqrt(statistics.ess(chains)) == pytest.approx(true, rel=0.1)
    blocks = statistics.mean_with_error(chains.mean(axis=1))  # the spread of the chains' own means
    assert blocks == (pytest.approx(chains.mean()), pytest.approx(true, rel=5 / np.sqrt(2 * 39)))


def test_binomial():
    assert statistics.binomial_error(0.2, 400) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("hits", "runs", "low", "high"),
    [(27, 30, 0.744, 0.965), (6, 10, 0.313, 0.832), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0)],
)
def test_wilson_interval(hits, runs, low, high):
    """Values of Newcombe, Statist. Med. 17 (1998) 857, formula of method 3; also R's prop.test without correction."""
    assert statistics.wilson_interval(hits, runs) == pytest.approx((low, high), abs=6e-4)
    assert statistics.wilson_interval(0, 0) == (0.0, 1.0)


def test_wilson_solves_its_equation():
    """The ends p are where (share − p)² = z² p (1 − p)/n."""
    for p in statistics.wilson_interval(13, 40, sigmas=2.0):
        assert (13 / 40 - p) ** 2 == pytest.approx(4 * p * (1 - p) / 40, rel=1e-10)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="T ≥ 4"):
        statistics.ess(np.zeros((3, 3)))
    with pytest.raises(ValueError, match="finite"):
        statistics.rhat(np.array([[0.0, 1.0, np.nan, 2.0]]))
    with pytest.raises(ValueError, match="kind"):
        statistics.ess(autoregression(2, 10, 0.0), "median")
    with pytest.raises(ValueError, match="constant"):
        statistics.autocorrelation(np.ones((2, 8)))
    with pytest.raises(ValueError, match="two values"):
        statistics.mean_with_error(np.ones(1))
