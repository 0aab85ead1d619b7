"""The GAN on a ring: its ring in closed form, its gradients by hand beside autograd's, and what is refused."""

import numpy as np
import pytest
import torch

from demos.networks.ring import again, law
from demos.networks.ring.config import RingConfig
from demos.networks.ring.players import players
from demos.networks.ring.train import discriminator_loss, generator_loss, train


def test_true_points_are_as_the_law_says():
    points = law.sample(0.1, 100_000, np.random.default_rng(0))
    cloud, (mean, spread) = law.cloud(points, 0.1), law.mean_distance(0.1)
    error = np.sqrt(law.INSIDE / 8 * (1 - law.INSIDE / 8) / 1e5)
    assert np.abs(cloud.shares - law.INSIDE / 8).max() < 5 * error and cloud.held == 8
    assert cloud.near.mean() == pytest.approx(mean, abs=5 * spread / np.sqrt(1e5) + 2e-5)


def test_discrepancy_is_that_of_its_definition():
    """0 in the mean for true points; for one point repeated its kernel's integrals, by sums over true points."""
    null = law.null(0.1, 200)
    assert abs(null.mean()) < 5 * null.std() / np.sqrt(len(null))
    place = np.repeat([[0.6, 0.2]], 50, 0)
    ring = law.sample(0.1, 4_000, np.random.default_rng(1))
    kernel = lambda a, b: np.exp(-((a[:, None] - b) ** 2).sum(-1) / (2 * law.KERNEL**2))
    own = kernel(ring, ring)
    wanted = 1 - 2 * kernel(place[:1], ring).mean() + (own.sum() - 4_000) / (4_000 * 3_999)
    assert law.discrepancy(place, 0.1) == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize("changes", [{}, {"gamma": 0.7}, {"pack": 2}, {"loss": "saturating"}], ids=str)
def test_gradients_by_hand_are_those_of_autograd(changes):
    config = RingConfig(width=8, batch=16, steps=60, **changes)
    trained = train(config)
    model = players(config).double()
    weights = tuple(each[-1] for each in trained.weights)
    for own, name in zip(weights, ("generator", "discriminator"), strict=True):
        torch.nn.utils.vector_to_parameters(torch.from_numpy(own), model[name].parameters())
    drawn = trained.drawn
    losses = (
        generator_loss(config, model, drawn.for_g[7].double()),
        discriminator_loss(config, model, drawn.true[7].double(), drawn.for_d[7].double()),
    )
    for player, (loss, name) in enumerate(zip(losses, ("generator", "discriminator"), strict=True)):
        found = torch.autograd.grad(loss, list(model[name].parameters()), allow_unused=True, materialize_grads=True)
        wanted = torch.cat([g.flatten() for g in found]).numpy()
        np.testing.assert_allclose(again.gradient(config, player, weights, trained, 7), wanted, rtol=1e-9, atol=1e-12)


def test_the_gan_beside_differs_in_what_it_says():
    config = RingConfig(beside="r1")
    assert config.other() == RingConfig(ratio=1.0, gamma=0.5)
    assert RingConfig(pack=2, beside="pack").other() is None


def test_too_much_work_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="fewer steps"):
        RingConfig(steps=2_000, width=64, batch=256, gamma=1.0, beside="fast")
