"""Early stopping: the exact laws against solved flows, simulated noise and direct solutions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import expm

from demos.descent.early_stopping.checks import lowest
from demos.descent.early_stopping.config import EarlyStoppingConfig
from demos.descent.early_stopping.law import Law, descent_share, flow_share, ridge_share
from demos.descent.early_stopping.problem import Problem, descend

SMALL = [
    EarlyStoppingConfig(examples=12, features=6, draws=400),
    EarlyStoppingConfig(examples=10, features=14, draws=400),
]


@pytest.fixture(params=SMALL, ids=["more examples", "more features"])
def known(request):
    problem = Problem.of(request.param)
    return problem, Law(problem, request.param.noise)


def test_the_flows_share_is_the_matrix_exponential(known):
    """dw/dt = c − C w from 0: the extended matrix's exponential gives w(t), without eigenvalues."""
    problem, law = known
    d = len(problem.truth)
    pull = problem.targets[0] @ problem.features / len(problem.features)
    extended = np.zeros((d + 1, d + 1))
    extended[:d, :d], extended[:d, d] = -problem.curvature, pull
    for t in (0.3, 20.0):
        share = flow_share(law.curvatures, math.log(t))
        np.testing.assert_allclose((share * law.solutions[0]) @ law.basis, expm(t * extended)[:d, d], atol=1e-10)


def test_the_share_of_a_descent_is_that_of_its_steps(known):
    problem, law = known
    lr, steps = 0.9 / float(law.curvatures[0]), np.array([1, 2, 7, 40])
    for weights, k in zip(descend(problem, lr, steps), steps, strict=True):
        exact = (descent_share(law.curvatures, lr, int(k)) * law.solutions) @ law.basis
        np.testing.assert_allclose(weights, exact, atol=1e-10)
        losses = law.losses_of_draws(descent_share(law.curvatures, lr, int(k)))
        assert losses == pytest.approx((problem.training_losses(weights).mean(), problem.risks(weights).mean()))


def test_ridge_is_the_minimum_of_the_penalized_loss(known):
    problem, law = known
    exact = (ridge_share(law.curvatures, math.log(0.05)) * law.solutions) @ law.basis
    np.testing.assert_allclose(problem.ridge(np.array([0.05]))[0], exact, atol=1e-10)


def test_means_and_spreads_are_those_of_much_noise(known):
    """100,000 draws: mean to 5 standard errors, standard deviation to 3 %."""
    problem, law = known
    random, count = np.random.default_rng(5), 100_000
    targets = problem.features @ problem.truth + law.noise * random.standard_normal((count, len(problem.features)))
    many = Problem(problem.features, problem.scales, problem.truth, targets)
    share = flow_share(law.curvatures, math.log(5.0))
    weights = (share * Law(many, law.noise).solutions) @ law.basis
    for values, (mean, spread) in (
        (many.training_losses(weights), law.training(share)),
        (many.risks(weights), (law.risk(share), law.risk_spread(share))),
    ):
        assert values.mean() == pytest.approx(mean, abs=5 * spread / math.sqrt(count))
        assert values.std() == pytest.approx(spread, rel=0.03)
    other = flow_share(law.curvatures, math.log(50.0))
    apart = many.risks((other * Law(many, law.noise).solutions) @ law.basis) - many.risks(weights)
    assert apart.std() == pytest.approx(law.difference_spread(share, other), rel=0.03)


def test_without_noise_the_risk_has_no_lowest_place():
    config = EarlyStoppingConfig(examples=30, features=8, noise=0.02)
    law = Law(Problem.of(config), 1e-9)
    best = law.optimum(flow_share, 0.0, 6.0)
    assert math.isnan(best.spread) and best.place == 6.0


def test_the_error_of_the_best_time_is_its_spread_over_many_repetitions():
    """60 experiments with noise of their own: the places of their lowest mean risk spread as predicted."""
    config = EarlyStoppingConfig(examples=40, features=10, decay=0.5, draws=200)
    problem = Problem.of(config)
    law = Law(problem, config.noise)
    best = law.optimum(flow_share, 0.0, 9.0)
    assert best.clear(config.draws)
    grid = best.place + np.linspace(-6, 6, 81) * best.error(config.draws)
    shares, random, places = [flow_share(law.curvatures, place) for place in grid], np.random.default_rng(1), []
    for _ in range(60):
        noise = random.standard_normal((config.draws, config.examples))
        again = Problem(problem.features, problem.scales, problem.truth, problem.features @ problem.truth + noise)
        redrawn = Law(again, config.noise)
        places.append(lowest(grid, np.array([redrawn.losses_of_draws(share)[1] for share in shares])))
    z = (np.array(places) - best.place) / best.error(config.draws)
    assert abs(z.mean()) < 4 / math.sqrt(60)
    assert 0.6 < z.std() < 1.4  # ± 4 standard errors of a standard deviation of 60


def test_the_lowest_place_of_a_parabola_is_its_vertex():
    x = np.linspace(0, 3, 11)
    assert lowest(x, (x - 1.234) ** 2) == pytest.approx(1.234)
