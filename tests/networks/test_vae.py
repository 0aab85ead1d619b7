"""The linear VAE: its gradient, its maximum, and the rate at which a latent comes to life."""

import numpy as np
import pytest
import torch

from demos.networks.vae import law
from demos.networks.vae.config import DIMENSION, VaeConfig
from demos.networks.vae.model import Weights, downhill, negative_elbo, split


@pytest.mark.parametrize("learned", [False, True])
def test_the_gradient_by_hand_is_that_of_autograd(learned):
    config = VaeConfig(learned=learned, latents=3)
    x = torch.randn(2, 2 * 3 * DIMENSION + 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    x.requires_grad_()
    (wanted,) = torch.autograd.grad(negative_elbo(config, split(config, x)).sum(), x)
    found = downhill(config, x.detach())
    torch.testing.assert_close(found[:, :-1], wanted[:, :-1])
    torch.testing.assert_close(found[:, -1], wanted[:, -1] if learned else torch.zeros(2, dtype=torch.float64))


@pytest.mark.parametrize("config", [VaeConfig(), VaeConfig(noise=0.2), VaeConfig(learned=True, latents=3)])
def test_probabilistic_pca_is_at_rest_and_has_its_energy(config):
    wanted, k = law.rest(config), config.latents
    W = torch.eye(DIMENSION, k, dtype=torch.float64) * torch.from_numpy(np.sqrt(wanted.squares))
    inner = W.square().sum(0) + wanted.noise
    at = Weights(
        W[None], (W / inner).mT[None], (wanted.noise / inner).log()[None], torch.tensor([wanted.noise]).double().log()
    )
    assert float(negative_elbo(config, at)) == pytest.approx(wanted.energy, rel=1e-7)
    assert float(downhill(config, at.joined()).abs().max()) < 1e-6


def test_a_dead_latent_grows_just_where_its_eigenvalue_is_above_the_threshold():
    assert law.growth(1.001, 1.0) > 0 > law.growth(0.999, 1.0)
    for value, noise in ((4.0, 1.0), (0.5, 2.0)):
        matrix = np.array([[-1 / noise, value / noise], [value / noise, -value]])
        rate = law.growth(value, noise)
        assert max(np.linalg.eigvalsh(matrix)) == pytest.approx(rate)
        left = np.array(law.growing(value, noise))
        np.testing.assert_allclose(left @ matrix, rate * left, atol=1e-12)
