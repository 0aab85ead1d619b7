"""Ways in which the diffusion demo's engine can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any

import pytest
import torch
from torch import Tensor

from demos.contract import Check, Demo, Scene
from demos.diffusion.plan import Plan
from demos.diffusion.samplers import SAMPLERS, sample
from demos.diffusion.samplers.sampler import Sampler
from demos.diffusion.setup import start_of
from demos.diffusion.verdict.run_rows import RunRows
from demos.gradient_flow.noise import Noise
from tests.verdicts.harness import Mutation, frozen, noise, one_point, recorded, replace_everywhere, shuffled

FRESH = lambda like: torch.randn(like.shape, generator=torch.Generator().manual_seed(1), dtype=like.dtype)


def samples(change: Callable[[Tensor], Tensor]) -> Callable[[pytest.MonkeyPatch], None]:
    """A mutation of where the points end: (N, 2) -> like it. The frames before are as they were."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments, **named):
            path = sample(*arguments, **named)
            return replace(path, states=torch.cat([path.states[:-1], change(path.end)[None]]))

        assert replace_everywhere(monkeypatch, sample, broken)

    return apply


def scaled_about_the_mean(factor: float) -> Callable[[Tensor], Tensor]:
    return lambda end: end.mean(0) + factor * (end - end.mean(0))


def shifted(spreads: float) -> Callable[[Tensor], Tensor]:
    return lambda end: end + spreads * end.std() * torch.tensor([1.0, 0.0])


def without_a_mode(end: Tensor) -> Tensor:
    """The points of the rightmost tenth stand where others do."""
    away = end[:, 0] > torch.quantile(end[:, 0], 0.9)
    kept = end[~away]
    return torch.where(away[:, None], kept[torch.arange(len(end)) % len(kept)], end)


def weaker_score(factor: float) -> Callable[[pytest.MonkeyPatch], None]:
    """What the samplers are told points to the data by `factor` of what it should: D − x is scaled."""
    return told(lambda model: lambda x, sigma, labels: x + factor * (model.denoiser(x, sigma, labels) - x))


def told_another_level(factor: float) -> Callable[[pytest.MonkeyPatch], None]:
    """The score is that of another noise level than the sampler's."""
    return told(lambda model: lambda x, sigma, labels: model.denoiser(x, factor * sigma, labels))


def told(denoiser_of: Callable[[Any], Callable]) -> Callable[[pytest.MonkeyPatch], None]:
    """The samplers get another denoiser than that of their model."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(name, model, *rest, **named):
            return sample(name, _Told(denoiser_of(model), model.sigma_data), *rest, **named)

        assert replace_everywhere(monkeypatch, sample, broken)

    return apply


class _Told:
    def __init__(self, denoiser: Callable, sigma_data: float) -> None:
        self._denoiser, self.sigma_data = denoiser, sigma_data

    def denoiser(self, x, sigma, labels=None):
        return self._denoiser(x, sigma, labels)

    def score(self, x, sigma, labels=None):
        return (self.denoiser(x, sigma, labels) - x) / sigma**2


def planned(change: Callable[[Plan], Plan]) -> Callable[[pytest.MonkeyPatch], None]:
    """The samplers follow another plan than the one that the page shows."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(name, model, start, plan, *rest, **named):
            return sample(name, model, start, change(plan), *rest, **named)

        assert replace_everywhere(monkeypatch, sample, broken)

    return apply


def louder_noise(factor: float) -> Callable[[pytest.MonkeyPatch], None]:
    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        normal = Noise.normal
        monkeypatch.setattr(Noise, "normal", lambda self: factor * normal(self))

    return apply


def narrower_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sampling starts from noise of two thirds of its width."""

    def broken(name, model, start, *rest, **named):
        return sample(name, model, start * (2 / 3), *rest, **named)

    assert replace_everywhere(monkeypatch, sample, broken)


def half_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of the steps that the evaluations pay for."""

    def broken(name, model, start, plan, evaluations, *rest, **named):
        return sample(name, model, start, plan, max(2, evaluations // 3), *rest, **named)

    assert replace_everywhere(monkeypatch, sample, broken)


def has_noise(demo: Demo, scene: Scene) -> bool:
    """Whether all samplers of the scene draw noise that their result depends on."""
    rows: list[Sampler] = [SAMPLERS[name] for name in scene.config.samplers]
    return any(row.stochastic for row in rows)


def uses(sampler: str) -> Callable[[Demo, Scene], bool]:
    return lambda demo, scene: sampler in scene.config.samplers


def removes_the_last_noise(demo: Demo, scene: Scene) -> bool:
    return scene.config.last == "denoise"


def is_coarse(demo: Demo, scene: Scene) -> bool:
    """Whether so few steps are taken that a third of them makes another picture."""
    return scene.config.evaluations <= 10 and scene.config.score == "exact"


def beside_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statistical row beside independent replicas of its sampler, also where it meets the truth: what a sampler
    of few evaluations misses the truth by is in both, so that what is left is chance, and z tells whether its error
    bars are right."""

    def again(self: RunRows):
        config = self.setup.config
        other = config.replace(seed=(config.seed + 104_729) % 2**31)
        return self.follow(start_of(other, self.setup.data, self.setup.plan, self.setup.labels).double().numpy())

    remembered = cached_property(again)
    remembered.__set_name__(RunRows, "again")
    monkeypatch.setattr(RunRows, "again", remembered)
    monkeypatch.setattr(RunRows, "independent", True)

    def beside(self: RunRows, row: Check, predict: Callable[[], Check]) -> Check:
        if self.lost or not torch.isfinite(torch.from_numpy(self.again[0])).all():
            return row
        found = predict()
        return found if found.uncertainty or found.predicted_error else row  # distances have a floor alone

    monkeypatch.setattr(RunRows, "_with_prediction", beside)


BROKEN_NOISE = {  # by sampler: what changes how it moves, and (nearly) not where its points end
    "sde": Mutation("λ × 0.7", planned(lambda p: replace(p, stochasticity=0.7 * p.stochasticity)), uses("sde")),
    "ancestral": Mutation("η ÷ 2", planned(lambda p: replace(p, eta=p.eta / 2)), uses("ancestral")),
    "churn": Mutation("churn left out", planned(lambda p: replace(p, churn=0.0)), uses("churn")),
    "predictor_corrector": Mutation(
        "signal to noise × 2", planned(lambda p: replace(p, snr=2 * p.snr)), uses("predictor_corrector")
    ),
}
BROKEN_STEPS = (
    Mutation("noise × 1.1", louder_noise(1.1), has_noise),
    Mutation("σ 5 % wrong in the score", told_another_level(1.05), has_noise),
    Mutation("σ_min × 20", planned(lambda p: replace(p, low=20 * p.low))),
    Mutation("last noise not removed", planned(lambda p: replace(p, denoise=False)), removes_the_last_noise),
)
MUTATIONS = (
    *BROKEN_NOISE.values(),  # of `ancestral`, which no scene has, tests/diffusion/test_moves.py tells
    *BROKEN_STEPS,
    Mutation("samples ← noise", recorded(noise)),
    Mutation("samples ← noise of their width", samples(lambda end: end.mean(0) + end.std() * FRESH(end))),
    Mutation("samples ← noise × 10", samples(lambda end: 10 * end.std() * FRESH(end))),
    Mutation("samples × 10", samples(lambda end: 10 * end)),
    Mutation("one point", recorded(one_point)),
    Mutation("all at the mean", samples(lambda end: end.mean(0).expand_as(end).clone())),
    Mutation("frozen at the start", recorded(frozen)),
    Mutation("frames shuffled", recorded(shuffled)),
    Mutation("a tenth dropped", samples(without_a_mode)),
    Mutation("mean + 0.2 spreads", samples(shifted(0.2))),
    Mutation("variance × 1.2", samples(scaled_about_the_mean(1.2**0.5))),
    Mutation("variance ÷ 1.2", samples(scaled_about_the_mean(1.2**-0.5))),
    Mutation("x and y exchanged in sign", samples(lambda end: end * torch.tensor([1.0, -1.0]) + 0.1 * end.std())),
    Mutation("score × 0.8", weaker_score(0.8)),
    Mutation("score × 1.2", weaker_score(1.2)),
    Mutation("one point lost", samples(lambda end: torch.cat([end[:1] * torch.nan, end[1:]]))),
    Mutation("start too narrow", narrower_start),
    Mutation("a third of the steps", half_the_steps, is_coarse),
)
