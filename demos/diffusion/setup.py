"""Resolves a config into a `Setup`: data, model, plan and starting noise. It is made once and passed on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.diffusion.config import POINTS, WORD, DiffusionConfig
from demos.diffusion.data import (
    BUILT_IN,
    DataSet,
    classes_of,
    decode_classes,
    decode_points,
    from_points,
    points_from_word,
)
from demos.diffusion.models import Guided, Model, Perturbed
from demos.diffusion.plan import Plan, Sampled
from demos.diffusion.processes import PROCESSES, Process
from demos.diffusion.streams import Stream, generator

SEEN = 0.03  # noise in spreads of the data that is seen in a picture
MATCHED = 512  # points matched at once with noise by optimal transport, as in training


@dataclass(frozen=True)
class Setup:
    """What all samplers of a config share.

    start (N, 2) float32: the starting noise at σ = plan.high; labels (N,): the class asked for each point, or None."""

    config: DiffusionConfig
    data: DataSet
    model: Model
    plan: Plan
    start: Tensor
    labels: Tensor | None

    @property
    def model_key(self) -> tuple:
        """What the model depends on: the key of caches for results that depend on the model alone."""
        c = self.config
        return self.data, c.score, c.network, c.training_steps, c.score_error, c.target, c.guidance

    @property
    def asked(self) -> Tensor | None:
        """The classes (N,) of the true points that samples are compared with; None where guidance ignores classes."""
        return self.labels if self.config.guided else None

    @property
    def asked_name(self) -> str:
        """A phrase for the true points that the samples are compared with."""
        if self.asked is None:
            return "the data"
        return "the data, class by class" if self.config.target == "each" else "the class"

    @property
    def one_class(self) -> str:
        """The target if it is a single class, else "all"."""
        return "all" if self.asked is None or self.config.target == "each" else self.config.target

    @property
    def stops_early(self) -> bool:
        """Whether the least noise is so high that the step from it to σ = 0, or the lack of one, is seen."""
        return self.plan.low > SEEN * self.data.sigma_data

    @property
    def density_name(self) -> str:
        """The formula of the density whose landscape is drawn: of the data, of a class, or guidance's product."""
        if self.one_class == "all":
            return "density"
        return "density of the class" if self.config.guidance == 1 else "guided density"

    @property
    def calls(self) -> int:
        """Evaluations of the underlying score for one evaluation of the sampler's model (two with guidance)."""
        return getattr(self.model, "calls", 1)

    def evaluations(self, path: Sampled) -> int:
        """Evaluations of the underlying score on a whole path: the number that all parts of the page show."""
        return path.evaluations * self.calls


def setup(config: DiffusionConfig, progress: Progress | None = None) -> Setup:
    """The setup of a config. Raises ValueError where the config's data cannot be read."""
    data = data_of(config)
    labels = labels_of(config, data)
    plan = plan_of(config, data)
    model = model_of(config, data, labels, progress)
    return Setup(config, data, model, plan, start_of(config, data, plan, labels), labels)


def data_of(config: DiffusionConfig) -> DataSet:
    if config.data == WORD:
        return _word(config.word)
    if config.data == POINTS:
        return _points(config.points)
    return BUILT_IN[config.data]


@lru_cache(maxsize=16)
def _word(word: str) -> DataSet:
    return from_points(WORD, f"The word “{word}”", points_from_word(word))


@lru_cache(maxsize=16)
def _points(text: str) -> DataSet:
    scale = "a file is fitted into [−4, 4]², a drawing is left as it is"
    labels, names = decode_classes(text)
    return from_points(POINTS, "Your own points", decode_points(text), scale, labels, names)


def process_of(config: DiffusionConfig, data: DataSet) -> Process:
    kind, spread = PROCESSES[config.process], data.sigma_data
    if config.process in ("vp", "subvp"):
        return kind(spread, beta_min=config.beta_min, beta_max=config.beta_max)
    return kind(spread, sigma_min=config.sigma_min * spread, sigma_max=config.sigma_max * spread)


def plan_of(config: DiffusionConfig, data: DataSet) -> Plan:
    process = process_of(config, data)
    if config.process in ("vp", "subvp"):
        high, low = process.sigma(process.end), process.sigma(process.first)
    else:
        high, low = config.sigma_max * data.sigma_data, config.sigma_min * data.sigma_data
    return Plan(
        process,
        high,
        low,
        grid=config.grid,
        rho=config.rho,
        stochasticity=config.stochasticity,
        eta=config.eta,
        churn=config.churn,
        noise_scale=config.noise_scale,
        snr=config.snr,
        corrections=config.corrections,
        langevin_steps=config.langevin_steps,
        langevin_size=config.langevin_size,
        tolerance=config.tolerance,
        denoise=config.last == "denoise",
        seed=config.seed,
    )


def labels_of(config: DiffusionConfig, data: DataSet) -> Tensor | None:
    """The class asked for each point, (N,); None for all data, and for data of one class."""
    return classes_of(config.target, config.particles, data)


def score_of(config: DiffusionConfig, data: DataSet, progress: Progress | None = None) -> Model:
    """The exact score or a network, as a `Model`; perturbed where the config asks for it."""
    model: Model = data.distribution
    if config.score != "exact":
        from demos.diffusion.learned import learned_model  # a network is loaded or trained only when it is needed

        model = learned_model(config, data, progress)
    return Perturbed(model, config.score_error / data.sigma_data) if config.score_error else model


def model_of(config: DiffusionConfig, data: DataSet, labels: Tensor | None, progress: Progress | None = None) -> Model:
    model = score_of(config, data, progress)
    return model if labels is None else Guided(model, labels, config.guidance)


def start_of(config: DiffusionConfig, data: DataSet, plan: Plan, labels: Tensor | None) -> Tensor:
    """The start (N, 2) float32: a Gaussian with the exact mean and width of p_σmax, of all data or of the class asked
    for; or true data plus noise σ_max.

    A start around 0 instead of the mean would shift the samples by mean/σ_max spreads.
    """
    noise = torch.randn(2, config.particles, generator=generator(config.seed, Stream.START)).T
    if config.from_data:
        points, _ = origin_of(config, data, labels)
        return points + plan.high * (_matched(points, noise) if config.score == "flow_ot" else noise)
    mean, spread = centre_of(config, data, labels)
    if config.score == "flow_ot":  # matched noise and data are aligned, so their spreads add, not their variances
        return noise * (plan.high + spread) + mean
    return noise * (plan.high**2 + spread**2).sqrt() + mean


def centre_of(config: DiffusionConfig, data: DataSet, labels: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean (N, 2) and spread (N, 1), float32, of the data asked for by each point: all data, its class, or a weighted
    mean of both for a guidance between 0 and 1.

    A guidance above 1 starts like the class.
    """
    whole = data.distribution
    mean, spread = whole.mean.float().expand(config.particles, 2), torch.full((config.particles, 1), data.sigma_data)
    if labels is None or not config.guided:
        return mean, spread
    share = min(config.guidance, 1.0)
    parts = [whole.conditional(i) for i in range(data.classes)]
    of_class = torch.stack([part.mean for part in parts]).float()[labels]
    spread_of_class = torch.tensor([part.sigma_data for part in parts])[labels][:, None]
    return torch.lerp(mean, of_class, share), torch.lerp(spread, spread_of_class, share)


def origin_of(config: DiffusionConfig, data: DataSet, labels: Tensor | None) -> tuple[Tensor, Tensor]:
    """The true points (N, 2) float32 of a start from data plus noise, and their classes (N,)."""
    asked = labels if config.guided else None
    points, classes = data.distribution.sample(config.particles, generator(config.seed, Stream.ORIGIN), asked)
    return points.float(), classes


def _matched(points: Tensor, noise: Tensor) -> Tensor:
    """The noise permuted by optimal transport to the points, batch by batch, as in the training of the flow."""
    from demos.diffusion.learned.flow_matching import transport

    parts = zip(points.split(MATCHED), noise.split(MATCHED), strict=True)
    return torch.cat([transport(clean, part) for clean, part in parts])


def true_points(config: DiffusionConfig, data: DataSet, labels: Tensor | None) -> Tensor:
    """True points (N, 2) of the data asked for, each of the class of its sample where classes are asked for."""
    asked = labels if config.guided else None
    return data.distribution.sample(config.particles, generator(config.seed, Stream.TRUE_POINTS), asked)[0].float()
