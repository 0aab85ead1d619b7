"""The score error over σ: nothing for the exact score, all of it for none."""

import torch

from demos.diffusion.data import BUILT_IN
from demos.diffusion.learned import score_error
from demos.diffusion.models import FromDenoiser, Perturbed


class Nothing(FromDenoiser):
    """s = 0."""

    def denoiser(self, x, sigma, labels=None):
        return x


def test_the_exact_score_has_no_error_and_none_has_all_of_it():
    law = BUILT_IN["moons"].law
    exact, nothing = score_error(law, law, count=200), score_error(Nothing(), law, count=200)
    assert (exact["error"] < 1e-3).all()  # float32 points: 1e-7 of 10 σ_d over the least σ
    assert torch.allclose(torch.tensor(nothing["error"]), torch.tensor(nothing["score"]), atol=1e-5)
    assert len(exact) == 12 and exact["sigma"].is_monotonic_decreasing


def test_a_known_error_is_found():
    """`Perturbed` adds a/√(σ² + σ_d²/25) times waves of mean square 1 in all, about."""
    law = BUILT_IN["checkerboard"].law
    size, sigma = 0.4, 0.5 * law.sigma_data
    expected = sigma * size / (sigma**2 + (0.2 * law.sigma_data) ** 2) ** 0.5
    found = score_error(Perturbed(law, size), law, [sigma], count=4_000).iloc[0]
    assert abs(found["error"] - expected) < 0.1 * expected
