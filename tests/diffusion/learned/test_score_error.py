"""The score error over σ: nothing for the exact score, all of it for none."""

import torch

from demos.diffusion.data import BUILT_IN
from demos.diffusion.learned import score_error
from demos.diffusion.models import FromDenoiser


class Nothing(FromDenoiser):
    """s = 0."""

    def denoiser(self, x, sigma, labels=None):
        return x


def test_the_exact_score_has_no_error_and_none_has_all_of_it():
    distribution = BUILT_IN["moons"].distribution
    exact, nothing = score_error(distribution, distribution, count=200), score_error(Nothing(), distribution, count=200)
    assert (exact["error"] < 1e-3).all()  # float32 points: 1e-7 of 10 σ_d over the least σ
    assert torch.allclose(torch.tensor(nothing["error"]), torch.tensor(nothing["score"]), atol=1e-5)
    assert len(exact) == 12 and exact["sigma"].is_monotonic_decreasing


class Pushed(FromDenoiser):
    """The exact score plus (0.3, −0.4) everywhere."""

    def __init__(self, distribution):
        self.distribution = distribution

    def denoiser(self, x, sigma, labels=None):
        return self.distribution.denoiser(x.double(), sigma) + sigma**2 * torch.tensor([0.3, -0.4])


def test_a_known_error_is_found():
    distribution = BUILT_IN["checkerboard"].distribution
    found = score_error(Pushed(distribution), distribution, [2.0, 0.7, 0.2], count=100)
    assert torch.allclose(torch.tensor(found["error"]), 0.5 * torch.tensor([2.0, 0.7, 0.2]).double(), rtol=1e-4)
    assert (found["standard error"] < 1e-4).all()
