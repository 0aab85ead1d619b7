"""The Dirac-GAN: published rates, the field by autograd and by hand, and what is refused."""

import numpy as np
import pytest
import torch

from demos.networks.gan import law
from demos.networks.gan.config import LOSSES, GanConfig
from demos.networks.gan.game import downhill


def test_linear_rates_are_those_of_the_paper():
    # Mescheder et al. 2018: r² times 1 + h² f'(0)² a step; measured with h = 0.05 over 200 steps
    assert law.factor(GanConfig(lr=0.05), "simultaneous") ** 400 == pytest.approx(1.13310420875, rel=1e-10)
    config = GanConfig(loss="wgan")
    assert law.eigenvalues(config) == pytest.approx([1j, -1j])
    assert law.eigenvalues(config.replace(gamma=1.0)) == pytest.approx([-0.5 + 0.75**0.5 * 1j, -0.5 - 0.75**0.5 * 1j])


@pytest.mark.parametrize("loss", list(LOSSES))
def test_the_field_by_autograd_is_the_papers(loss):
    config = GanConfig(loss=loss, gamma=0.3)
    x = torch.tensor([[0.7, -1.2], [-0.4, -2.0], [1.5, 0.9]], dtype=torch.float64)
    wanted = [law.field(config, *map(float, row)) for row in x]
    np.testing.assert_allclose(-downhill(config, x).numpy(), wanted, rtol=1e-12)


def test_the_flow_without_a_penalty_keeps_its_distance():
    path = law.flow(GanConfig(theta=1.2, psi=0.5), np.linspace(0, 40, 5))
    np.testing.assert_allclose(np.hypot(*path.T), 1.3, rtol=1e-9)


def test_a_start_at_the_equilibrium_and_no_method_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match="start farther away"):
        GanConfig(theta=0.0, psi=0.0)
    with pytest.raises(ValueError, match="No method of training"):
        GanConfig(methods=())
