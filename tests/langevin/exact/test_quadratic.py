"""Stationary variances, moments and limits on quadratics, against closed forms and against simulation's own algebra."""

import numpy as np
import pytest

from demos.gradient_flow import METHODS
from demos.gradient_flow.methods.splitting_limit import longest_step
from demos.langevin.exact import quadratic as quad

RATIOS = {  # stationary variance over the true one, as a function of z = h k
    "euler": lambda z: 1 / (1 - z / 2),
    "leimkuhler_matthews": lambda z: 1.0,
    "heun": lambda z: (1 - z / 2) / (1 - z / 2 + z * z / 4),
    "implicit_euler": lambda z: 1 / (1 + z / 2),
    "implicit_midpoint": lambda z: 1.0,
    "mala": lambda z: 1.0,
}
TABLE = {
    "euler": (1.0526316, 1.3333333, 2),
    "heun": (0.9973753, 0.9230769, 0.6666667),
    "implicit_euler": (0.952381, 0.8, 0.666667),
}


@pytest.mark.parametrize("method", RATIOS)
def test_overdamped_variances(method):
    for z in (0.01, 0.1, 0.5, 1.0, 1.7):
        assert quad.variance_ratio(method, z) == pytest.approx(RATIOS[method](z), abs=1e-12, rel=1e-12)
    if method in TABLE:
        assert [quad.variance_ratio(method, z) for z in (0.1, 0.5, 1.0)] == pytest.approx(TABLE[method], abs=5e-7)


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews"])
def test_stability_limit(method):
    limit = METHODS[method].step_limit(1.0)
    assert np.isfinite(quad.variance_ratio(method, limit - 1e-6))
    with pytest.raises(ValueError, match="no stationary distribution"):
        quad.variance_ratio(method, limit + 1e-6)
    assert np.isfinite(quad.variance_ratio("implicit_euler", 1e6))


WORDS = {  # (<q²> mω²/kT, <p²>/(m kT)) as functions of u = (h ω)²
    "baoab": lambda u: (1, 1 - u / 4),
    "lfmiddle": lambda u: (1, 1),
    "aboba": lambda u: (1, 1 / (1 - u / 4)),
    "obabo": lambda u: (1 / (1 - u / 4), 1),
    "ORVRO": lambda u: (1 - u / 4, 1),
}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("gamma", [0.3, 1.0, 20.0])
def test_splitting_variances(word, gamma):
    omega, kT, mass = 1.7, 0.4, 2.5
    for u in (0.04, 0.5, 2.0):
        q2, p2, _ = quad.splitting_variances(word, np.sqrt(u) / omega, omega, gamma, kT, mass)
        assert (q2 * mass * omega**2 / kT, p2 / (mass * kT)) == pytest.approx(WORDS[word](u), rel=1e-10)


def test_words_without_a_closed_form():
    """u = 0.5 with γ = 1, ω² = 2, h = 0.5."""
    for word, expected in (("VOROV", (1.17365, 1.00880)), ("ROVOR", (1.03141, 1.13791))):
        q2, p2, _ = quad.splitting_variances(word, 0.5, np.sqrt(2), 1.0, 1.0)
        assert (2 * q2, p2) == pytest.approx(expected, abs=5e-6)


def test_the_step_of_a_word_grows_from_the_stability_limit_of_the_solver_on():
    """Two derivations of one matrix: `longest_step` of the solver, and the law of a step here."""
    for word in ("baoab", "aboba", "obabo", "lfmiddle", "VRO", "VOROV", "VRVRO"):
        letters = quad.NAMED_WORDS.get(word, word)
        for friction in (0.1, 0.5, 1.0):
            limit = longest_step(letters, friction)
            growth = [quad.splitting_step(word, share * limit, 1.0, friction, 1.0).growth for share in (0.999, 1.001)]
            assert growth[0] < 1 < growth[1]


def test_refusals_of_words_and_steps():
    with pytest.raises(ValueError, match="no stationary distribution"):
        quad.splitting_variances("baoab", 2.01, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="no stationary distribution"):
        quad.splitting_variances("baoab", 0.5, 1.0, 0.0, 1.0)
    for word in ("VXV", "VV", "", "R"):
        with pytest.raises(ValueError, match="splitting"):
            quad.splitting_step(word, 0.1, 1.0, 1.0, 1.0)


HESSIAN = np.array([[3.0, 1.0], [1.0, 1.5]])


def stationary(method: str, h: float = 0.2, kT: float = 0.5) -> np.ndarray:
    """(2, 2): the closed forms of `RATIOS`, as functions of the matrix hH."""
    k, axes = np.linalg.eigh(HESSIAN)
    return (axes * (kT / k * [RATIOS[method](h * each) for each in k])) @ axes.T


def test_covariance_of_an_anisotropic_quadratic():
    for method in ("leimkuhler_matthews", "euler"):
        _, spread = quad.moments(method, HESSIAN, 0.2, 0.5, 1_000, np.zeros(2))
        assert spread == pytest.approx(stationary(method), abs=1e-12)
    with pytest.raises(ValueError, match="symmetric"):
        quad.moments("euler", np.array([[1.0, 0.0], [0.0, -1.0]]), 0.2, 0.5, 10, np.zeros(2))


@pytest.mark.parametrize("method", ["euler", "heun", "leimkuhler_matthews", "implicit_euler", "implicit_midpoint"])
def test_moments_after_finitely_many_steps(method):
    """Against the recursion written out, with the noise as extra coordinates: x_n = a^n x_0 + Σ b_j R_j."""
    h, kT, steps, start = 0.15, 0.5, 7, np.array([1.0, -2.0])
    covariance = np.array([[0.3, 0.1], [0.1, 0.2]])
    eye = np.eye(2)
    position, noises = eye, [np.zeros((2, 2)) for _ in range(steps + 1)]
    for n in range(steps):
        x = [position, *noises]
        r = [np.zeros((2, 2))] * (n + 1) + [eye] + [np.zeros((2, 2))] * (steps - n)
        following = [np.zeros((2, 2))] * (n + 2) + [eye] + [np.zeros((2, 2))] * (steps - n - 1)
        root = np.sqrt(2 * kT * h)
        if method == "euler":
            x = [a - h * HESSIAN @ a + root * b for a, b in zip(x, r, strict=True)]
        elif method == "leimkuhler_matthews":
            x = [a - h * HESSIAN @ a + root / 2 * (b + c) for a, b, c in zip(x, r, following, strict=True)]
        elif method == "heun":
            guess = [a - h * HESSIAN @ a + root * b for a, b in zip(x, r, strict=True)]
            x = [a - h / 2 * HESSIAN @ (a + g) + root * b for a, g, b in zip(x, guess, r, strict=True)]
        elif method == "implicit_euler":
            x = [np.linalg.solve(eye + h * HESSIAN, a + root * b) for a, b in zip(x, r, strict=True)]
        else:
            x = [
                np.linalg.solve(eye + h / 2 * HESSIAN, a - h / 2 * HESSIAN @ a + root * b)
                for a, b in zip(x, r, strict=True)
            ]
        position, noises = x[0], x[1:]
    mean, spread = quad.moments(method, HESSIAN, h, kT, steps, start, covariance)
    assert mean == pytest.approx(position @ start, abs=1e-12)
    expected = position @ covariance @ position.T + sum(b @ b.T for b in noises)
    assert spread == pytest.approx(expected, abs=1e-12)


def test_moments_reach_the_stationary_law_and_grow_without_one():
    for method in ("euler", "leimkuhler_matthews", "heun"):
        _, spread = quad.moments(method, HESSIAN, 0.2, 0.5, 400, np.ones(2))
        assert spread == pytest.approx(stationary(method), abs=1e-12)
    mean, _ = quad.moments("euler", np.array([[1.0]]), 2.5, 0.5, 10, np.ones(1))
    assert mean[0] == pytest.approx(1.5**10)


def test_a_splitting_forgets_its_start():
    spread = quad.splitting_step("baoab", 0.3, 1.2, 0.8, 0.5).power(2000).noise
    q2, p2, qp = quad.splitting_variances("baoab", 0.3, 1.2, 0.8, 0.5)
    assert spread == pytest.approx(np.array([[q2, qp], [qp, p2]]), abs=1e-12)


def test_autocovariance():
    lags = np.arange(6)

    def correlation(method, z, at):
        step = quad.overdamped_step(method, 1.0, z, 1.0)
        return step.autocovariance(at) / step.stationary()[0, 0]

    def time(method, z):
        step = quad.overdamped_step(method, 1.0, z, 1.0)
        return step.summed_autocovariance() / step.stationary()[0, 0]

    for z in (0.1, 0.5):
        assert correlation("euler", z, lags) == pytest.approx((1 - z) ** lags, abs=1e-12)
        first = correlation("leimkuhler_matthews", z, [1])[0]
        assert correlation("leimkuhler_matthews", z, lags[1:]) == pytest.approx(first * (1 - z) ** (lags[1:] - 1))
    assert [time("euler", z) for z in (0.02, 0.1, 0.5)] == pytest.approx([99, 19, 3])
    for method in ("leimkuhler_matthews", "heun", "implicit_euler"):
        series = correlation(method, 0.3, np.arange(400))
        assert time(method, 0.3) == pytest.approx(2 * series.sum() - 1, abs=1e-10)
