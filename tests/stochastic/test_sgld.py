"""SGLD: the posterior by two ways, exact moments beside all batches, the long run, and what is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.stochastic.bench.ellipses import ellipses, tilted_ellipses
from demos.stochastic.bench.evidence import row
from demos.stochastic.sgld.config import SgldConfig
from demos.stochastic.sgld.law import Law, right_until
from demos.stochastic.sgld.model import Model, model_of
from demos.stochastic.sgld.run import run


@pytest.mark.parametrize("name", ["linear", "logistic"])
def test_gradient_and_hessian_are_derivatives_and_the_mode_is_at_rest(name):
    model = model_of(name, 30)
    at = torch.tensor([0.3, -0.8], dtype=torch.float64)
    x, y = torch.from_numpy(model.x), torch.from_numpy(model.y)

    def potential(theta: torch.Tensor) -> torch.Tensor:
        z = x @ theta
        losses = torch.nn.functional.softplus(z) - y * z if model.logistic else 0.5 * (z - y) ** 2
        return 0.5 * theta.square().sum() + losses.sum()

    assert model.potential(at.numpy()) == pytest.approx(float(potential(at)))
    np.testing.assert_allclose(model.gradient(at.numpy()), torch.autograd.functional.jacobian(potential, at))
    np.testing.assert_allclose(model.hessian(at.numpy()), torch.autograd.functional.hessian(potential, at))
    np.testing.assert_allclose(model.gradient(model.mode), 0, atol=1e-10)


def test_quadrature_gives_the_exact_posterior_where_there_is_one():
    """The linear model through the rule of the logistic one; and the logistic mean beside a rule of other nodes."""
    model = model_of("linear", 50)
    axes, weights = model.quadrature
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    mean = np.einsum("ij,ijk->k", weights, points)
    np.testing.assert_allclose(mean, model.posterior.mean, atol=1e-10)
    covariance = np.einsum("ij,ijk,ijl->kl", weights, points - mean, points - mean)
    np.testing.assert_allclose(covariance, model.posterior.covariance, rtol=1e-9)


@pytest.mark.parametrize("control", [False, True])
@pytest.mark.parametrize("batch", [1, 2, 3])
def test_the_moments_are_those_of_all_batches(batch, control):
    """Two steps with every batch of three examples, and the injected noise as a rule of three nodes, exact to x⁵."""
    x = np.array([[1.0, 0.2], [-0.5, 0.7], [0.3, -1.1]])
    model = Model(x, np.array([0.4, -1.0, 0.9]), False)
    rate, start = 0.2, np.array([0.5, -0.3])
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    weights = weights / weights.sum()
    cloud, mass = (model.mode + start)[None], np.ones(1)
    for _ in range(2):
        places, masses = [], []
        for chosen in itertools.product(range(3), repeat=batch):
            picked = list(chosen)
            pull = cloud @ x[picked].T - model.y[picked]
            prior = cloud
            if control:
                pull = np.broadcast_to((cloud - model.mode) @ x[picked].T, pull.shape)
                prior = cloud - model.mode
            to = cloud - rate * (prior + 3 / batch * pull @ x[picked])
            for (i, a), (j, b) in itertools.product(enumerate(nodes), repeat=2):
                places.append(to + np.sqrt(2 * rate) * np.array([a, b]))
                masses.append(mass * weights[i] * weights[j] / 3**batch)
        cloud, mass = np.concatenate(places), np.concatenate(masses)
    found = Law(model, rate, batch, control).follow(start, 2)[-1]
    mean = mass @ cloud
    np.testing.assert_allclose(found.means + model.mode, mean)
    np.testing.assert_allclose(found.covariance, (cloud - mean).T @ ((cloud - mean) * mass[:, None]))
    np.testing.assert_allclose(found.fourth, mass @ (cloud - mean) ** 4)


def test_the_long_run_is_where_the_recursion_goes_and_small_rates_give_the_posterior():
    model = model_of("linear", 100)
    law = Law(model, 0.3 / model.steepest, 10, False)
    np.testing.assert_allclose(law.follow(np.zeros(2), 300)[-1].covariance, law.stationary(), rtol=1e-8)
    assert law.growth < 1 < law.excess()
    gaps = [Law(model, lr / model.steepest, 10, False).excess() - 1 for lr in (2e-3, 1e-3)]
    assert gaps[0] / gaps[1] == pytest.approx(2, rel=0.01)  # of first order
    everything = Law(model, 0.5 / model.steepest, 10**9, True)
    assert everything.excess() == pytest.approx(1 / (1 - 0.25), rel=1e-6)
    assert right_until(model, 10, True) > 5 * right_until(model, 10, False)


def test_past_the_limit_the_run_is_a_result_with_its_rate():
    result = run(SgldConfig(lr=2.5, batch=100, steps=100, chains=200))
    assert "grows by 2.37 in every step" in result.warnings[0] and "Not a sampler" in result.headline
    assert result.verdict.state is not State.DIFFERS and row(result, "variance of θ₁").measured > 1


def test_too_few_steps_are_no_posterior_and_said_to_be_so():
    result = run(SgldConfig(model="logistic", steps=20, chains=500))
    assert row(result, "mean of θ₁").state is State.PREDICTED


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (SgldConfig(lr=0.2, batch=40, chains=200, steps=150), "within a tenth of it up to"),  # exactly 1.34 and 1.33
        (SgldConfig(lr=0.01, chains=200, steps=20), "still remembers"),
        (SgldConfig(lr=0.02, batch=100, chains=200, steps=400), "samples the posterior: "),
        (SgldConfig(model="logistic", lr=0.05, chains=200, steps=200), "as far as 200 chains can tell"),
    ],
)
def test_the_exact_law_decides_whether_it_is_a_sampler(config, said):
    assert said in run(config).headline


def test_tilted_ellipses_are_the_upright_ones_where_nothing_is_tilted():
    means, variances = np.array([[1.0, 2.0]]), np.array([[4.0, 0.25]])
    tilted = tilted_ellipses(means, variances[:, :, None] * np.eye(2))
    apart = np.abs(tilted[0][:, None] - ellipses(means, variances)[0]).sum(-1)
    np.testing.assert_allclose(apart.min(1), 0, atol=1e-12)
    assert np.isnan(tilted_ellipses(means, np.full((1, 2, 2), np.inf))).all()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"batch": 300}, "A batch of 300 needs as many examples, and there are 200."),
        ({"examples": 1, "batch": 1}, "examples = 1 is out of range; allowed is 4 to 2,000"),
        ({"steps": 10**9}, "steps = 1000000000 is out of range"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(bad, words):
    with pytest.raises(ValueError, match=words):
        SgldConfig(**bad)
