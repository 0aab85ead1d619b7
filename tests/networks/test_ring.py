"""The GAN on a ring: its ring in closed form, its gradients by hand beside autograd's, and what is refused."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from demos.contract import State
from demos.networks.ring import again, law
from demos.networks.ring.checks import data, discrepancy, drawn
from demos.networks.ring.config import RingConfig
from demos.networks.ring.players import players
from demos.networks.ring.train import discriminator_loss, generator_loss, train


@pytest.mark.parametrize("sigma", [0.1, 0.2])
def test_true_points_are_as_the_law_says(sigma):
    """At σ = 0.2 modes overlap: without it the mean distance would be 20 standard errors larger."""
    points = law.sample(sigma, 100_000, np.random.default_rng(0))
    cloud, (mean, spread) = law.cloud(points, sigma), law.mean_distance(sigma)
    error = np.sqrt(law.INSIDE / 8 * (1 - law.INSIDE / 8) / 1e5)
    assert np.abs(cloud.shares - law.INSIDE / 8).max() < 5 * error + 1e-3 and cloud.held == 8
    assert cloud.near.mean() == pytest.approx(mean, abs=5 * spread / np.sqrt(1e5))
    assert cloud.near.std() == pytest.approx(spread, rel=0.015)


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
        value, slope = again.loss_and_gradient(config, player, weights, trained, 7)
        np.testing.assert_allclose(slope, wanted, rtol=1e-9, atol=1e-12)
        assert value == pytest.approx(loss.item(), rel=1e-12)


def test_the_gan_beside_differs_in_what_it_says():
    config = RingConfig(beside="r1")
    assert config.other() == RingConfig(ratio=1.0, gamma=0.5)
    assert RingConfig(pack=2, beside="pack").other() is None


def test_too_much_work_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="fewer steps"):
        RingConfig(steps=2_000, width=64, batch=256, gamma=1.0, beside="fast")


def test_wide_data_are_noticed_where_modes_overlap():
    for factor, state in ((1.0, State.AGREES), (1.05, State.DIFFERS)):
        points = law.sample(factor * 0.2, 20_000, np.random.default_rng(0))
        trained = SimpleNamespace(drawn=SimpleNamespace(true=torch.from_numpy(points)))
        assert data(RingConfig(sigma=0.2), trained).state is state


def test_a_cloud_farther_than_all_true_ones_does_not_agree_with_the_ring():
    config, random = RingConfig(), np.random.default_rng(1)
    near, far = (law.sample(sigma, 20_400, random) for sigma in (0.1, 0.2))
    assert discrepancy(config, near[:400], near[400:]).state is State.AGREES
    row = discrepancy(config, far[:400], far[400:])
    assert row.percentile == 100 and row.state is State.PREDICTED
    assert discrepancy(config, far[:400], near[400:]).state is State.DIFFERS


def test_what_is_drawn_may_be_rounded_and_nothing_else():
    """Steep players round more; a look that is no number is noticed."""
    config = RingConfig(width=8, batch=16, steps=60)
    trained = train(config)
    assert drawn(config, trained).state is State.AGREES
    steep = tuple(4 * each for each in trained.weights)
    noise = trained.drawn.shown
    model = players(config)
    for each, name in zip(steep, ("generator", "discriminator"), strict=True):
        torch.nn.utils.vector_to_parameters(torch.from_numpy(each[-1]).float(), model[name].parameters())
    made = model["generator"](noise).detach().numpy()
    parts = again.parts(config, 0, steep[0][-1])
    off = np.abs(made - again.made(config, steep[0][-1], noise.double().numpy()))
    assert (off <= again.rounding(0, parts, noise.double().numpy(), 2.0**-24)).all()
    for points, fields in ((trained.points, np.nan * trained.fields), (trained.points + 1e-4, trained.fields)):
        assert drawn(config, replace(trained, points=points, fields=fields)).state is State.DIFFERS
