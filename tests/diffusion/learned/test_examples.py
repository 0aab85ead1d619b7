"""Targets: the batch's posterior mean against its definition, and what each objective makes of it."""

import math
from itertools import permutations

import pytest
import torch

from demos.diffusion.learned import denoising, flow_matching
from demos.diffusion.learned.examples import Batch, levels, posterior_mean


def batch(count: int = 40, labels: bool = False, seed: int = 0) -> Batch:
    random = torch.Generator().manual_seed(seed)
    clean, noise = (torch.randn(count, 2, generator=random) for _ in range(2))
    own = torch.randint(3, (count,), generator=random) if labels else None
    asked = own.masked_fill(torch.arange(count) % 2 == 0, -1) if labels else None
    return Batch(clean, noise, levels(count, -1.0, 1.0, random), 1.3, own, asked)


def test_one_level_lies_in_each_equally_likely_interval():
    found = levels(64, -1.0, 0.5, torch.Generator().manual_seed(0)).squeeze(1)
    share = torch.special.ndtr((found - -1.0) / 0.5)
    assert torch.equal((share * 64).floor(), torch.arange(64).float())


@pytest.mark.parametrize("labels", [False, True])
def test_posterior_mean_is_bayes_rule_over_the_batch(labels):
    b = batch(labels=labels)
    for i in range(len(b.clean)):
        behind = b.clean.double()
        if labels and b.classes[i] >= 0:
            behind = behind[b.labels == b.classes[i]]
        likelihood = torch.exp(-(b.noised[i].double() - behind).square().sum(1) / (2 * float(b.sigma[i]) ** 2))
        expected = (likelihood[:, None] * behind).sum(0) / likelihood.sum()
        assert torch.allclose(posterior_mean(b)[i].double(), expected, atol=2e-4)


def test_on_two_points_it_is_the_closed_form():
    """x₀ = ±(1, 0) with equal odds: E[x₀ | x] = tanh(x/σ²), whatever the size of the batch."""
    clean = torch.tensor([[1.0, 0.0], [-1.0, 0.0]]).repeat(8, 1)
    noise = torch.randn(16, 2, generator=torch.Generator().manual_seed(2))
    b = Batch(clean, noise, torch.full((16, 1), math.log(0.9)), 1.0)
    assert torch.allclose(posterior_mean(b)[:, 0], torch.tanh(b.noised[:, 0] / 0.81), atol=1e-5)


def test_the_denoising_target_makes_the_preconditioned_denoiser_the_posterior_mean():
    b = batch()
    root = (b.sigma.square() + b.spread**2).sqrt()
    denoised = (b.spread / root) ** 2 * b.noised + b.sigma * b.spread / root * denoising.target(b)
    assert torch.allclose(denoised, posterior_mean(b), atol=1e-5)


def test_the_velocity_target_leads_back_to_the_posterior_mean():
    """E[x₀ | y] = y − t v on y = (1 − t) x₀ + t σ_d ε."""
    b = batch()
    t = b.sigma / (b.spread + b.sigma)
    y = (1 - t) * b.clean + t * b.spread * b.noise
    assert torch.allclose(y - t * b.spread * flow_matching.target(b), posterior_mean(b), atol=1e-5)
    assert torch.allclose((1 - t) * b.noised, y, atol=1e-5)
    assert torch.allclose(b.spread * flow_matching.paired_target(b), b.spread * b.noise - b.clean, atol=1e-5)


def test_transport_is_the_cheapest_of_all_pairings():
    random = torch.Generator().manual_seed(5)
    clean, noise = torch.randn(6, 2, generator=random), torch.randn(6, 2, generator=random)
    found = flow_matching.transport(clean, noise)
    cheapest = min(permutations(range(6)), key=lambda order: float((clean - noise[list(order)]).square().sum()))
    assert torch.equal(found, noise[list(cheapest)])
