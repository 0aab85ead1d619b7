"""The best batch size: the closed form beside its recursion, published numbers, and the noise scale of a network."""

from __future__ import annotations

import numpy as np
import pytest

from demos.stochastic.batch_size.config import BatchSizeConfig
from demos.stochastic.batch_size.law import CURVATURES, best_size, expected_losses, loss_after
from demos.stochastic.batch_size.studies import estimate, noise_scale


def test_the_closed_form_is_the_recursion_of_mean_and_variance():
    config = BatchSizeConfig(lr=0.7, noise=1.5, start=3.0)
    mean, variance = np.full(4, 3.0), np.zeros(4)
    for _ in range(25):
        mean *= 1 - 0.7 * CURVATURES
        variance = (1 - 0.7 * CURVATURES) ** 2 * variance + 0.7**2 * 1.5**2 * CURVATURES / 8
    law = loss_after(config, 8, 25)
    assert law.mean == pytest.approx(0.5 * float((CURVATURES * (mean**2 + variance)).sum()))
    assert law.start + law.noise == pytest.approx(law.mean)
    fourth = CURVATURES**2 * (0.5 * variance**2 + mean**2 * variance)
    assert law.variance == pytest.approx(float(fourth.sum()))


def test_the_best_size_grows_with_rate_and_budget_and_need_not_be_inside():
    sizes = [best_size(BatchSizeConfig(lr=lr)) for lr in (0.05, 0.1, 0.2, 0.4)]
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]
    assert best_size(BatchSizeConfig(), 4_096) > best_size(BatchSizeConfig(), 1_024)
    assert best_size(BatchSizeConfig(lr=0.02, budget=512)) == 1


def test_the_losses_of_many_sizes_are_those_of_each():
    config, sizes = BatchSizeConfig(), np.array([1, 3, 7, 100])
    each = [loss_after(config, int(b), config.budget // int(b)).mean for b in sizes]
    np.testing.assert_allclose(expected_losses(config, sizes), each)


def test_the_noise_scale_from_two_batch_sizes_has_no_bias_and_an_error_bar_that_fits():
    import torch

    random = np.random.default_rng(0)
    gradients = torch.from_numpy(random.standard_normal((512, 30)) + 0.5)
    mean = gradients.mean(0)
    exact = float((gradients - mean).square().sum(1).mean() / mean.square().sum())
    z = []
    for seed in range(30):
        measured, error = estimate(gradients, seed)
        z.append((measured - exact) / error)
    assert abs(np.mean(z)) < 6 / 30**0.5 and 0.5 < np.std(z) < 1.7  # six standard errors of both


def test_the_study_reports_its_progress_and_both_series():
    seen: list[float] = []
    frame = noise_scale(BatchSizeConfig(), seen.append)
    assert seen == sorted(seen) and seen[-1] == 1
    assert frame["series"].nunique() == 2 and (frame["scale"] > 0).all()
    exact = frame[frame["series"].str.startswith("exact")]["scale"].to_numpy()
    assert exact[-1] > 50 * exact[0]  # it grows as the gradient falls


def test_bad_input_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="budget = 10 is out of range"):
        BatchSizeConfig(budget=10)
    with pytest.raises(ValueError, match="lr = 2.0 is out of range"):
        BatchSizeConfig(lr=2.0)
