"""A config as data, a model, a start and paths: the only place where this demo calls its samplers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.diffusion.config import POINTS, WORD, DiffusionConfig
from demos.diffusion.data import BUILT_IN, DataSet, decode_points, from_points, points_from_word
from demos.diffusion.models import Guided, Model, Perturbed
from demos.diffusion.processes import PROCESSES, Process
from demos.diffusion.samplers import SAMPLERS, Plan, Sampled, Sampler, sample

NOISE, SAMPLES, LABELS, TRUTH = range(1, 5)  # streams of random numbers apart from the samplers' own
MATCHED = 512  # points of one batch of matched pairs, as in training


@dataclass(frozen=True)
class Setup:
    """What all samplers of a config share. start (N, 2) float32 at σ = plan.high; labels (N,) asked for, or None."""

    config: DiffusionConfig
    data: DataSet
    model: Model
    plan: Plan
    start: Tensor
    labels: Tensor | None

    @property
    def asked(self) -> Tensor | None:
        """The class that each true point beside the samples has, (N,): none where guidance ignores the classes."""
        return self.labels if self.config.guided else None

    @property
    def asked_name(self) -> str:
        """What the samples are compared with, in words."""
        if self.asked is None:
            return "the data"
        return "the data, class by class" if self.config.target == "each" else "the class"

    @property
    def one_class(self) -> str:
        """The single class that all points ask for, as a target; "all" where they do not."""
        return "all" if self.asked is None or self.config.target == "each" else self.config.target

    @property
    def law_name(self) -> str:
        """What one landscape for all points shows: the law of the data or of a class, or the product of guidance."""
        if self.one_class == "all":
            return "p_σ"
        return "p_σ(x|c)" if self.config.guidance == 1 else "p_σ(x) p_σ(c|x)^w"

    @property
    def calls(self) -> int:
        """Evaluations of the underlying score for each one that a sampler makes."""
        return getattr(self.model, "calls", 1)

    def evaluations(self, run: Run) -> int:
        """Evaluations of the underlying score on a run's whole path: what is shown, everywhere."""
        return run.path.evaluations * self.calls


@dataclass(frozen=True)
class Run:
    """One sampler's path through one config."""

    sampler: Sampler
    path: Sampled

    @property
    def label(self) -> str:
        return self.sampler.label

    @property
    def color(self) -> int:
        return self.sampler.color


def setup(config: DiffusionConfig, progress: Progress | None = None) -> Setup:
    """Raises ValueError, in one sentence, where the config's data cannot be read."""
    data = data_of(config)
    labels = labels_of(config, data)
    plan = plan_of(config, data)
    model = model_of(config, data, labels, progress)
    return Setup(config, data, model, plan, start_of(config, data, plan, labels), labels)


def simulate(chosen: Setup, progress: Progress | None = None) -> list[Run]:
    """The sampler of the config and those it is compared with, from the same noise."""
    runs, names = [], chosen.config.samplers
    for i, name in enumerate(names):
        path = sample(
            name,
            chosen.model,
            chosen.start,
            chosen.plan,
            chosen.config.evaluations,
            progress=part(progress, i, len(names)),
        )
        runs.append(Run(SAMPLERS[name], path))
    return runs


def part(progress: Progress | None, i: int, of: int) -> Progress | None:
    """The progress of the i-th, from 0, of so many parts of a work; None where nobody asks."""
    return None if progress is None else lambda done: progress((i + done) / of)


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
    return from_points(POINTS, "Your own points", decode_points(text), scale)


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
    """The class that each point asks for (N,), or None: of data of one class there is nothing to ask."""
    return classes_of(config.target, config.particles, data)


def classes_of(target: str, count: int, data: DataSet) -> Tensor | None:
    """The classes (count,) of a target: "each" in turn, or a single one; None for "all"."""
    if target == "all" or data.classes == 1:
        return None
    return torch.arange(count) % data.classes if target == "each" else torch.full((count,), int(target))


def score_of(config: DiffusionConfig, data: DataSet, progress: Progress | None = None) -> Model:
    """The exact law, or a network; bent where the config says so."""
    model: Model = data.law
    if config.score != "exact":
        from demos.diffusion.learned import learned_model  # a network is loaded or trained only when it is asked for

        model = learned_model(config, data, progress)
    return Perturbed(model, config.score_error / data.sigma_data) if config.score_error else model


def model_of(config: DiffusionConfig, data: DataSet, labels: Tensor | None, progress: Progress | None = None) -> Model:
    model = score_of(config, data, progress)
    return model if labels is None else Guided(model, labels, config.guidance)


def start_of(config: DiffusionConfig, data: DataSet, plan: Plan, labels: Tensor | None) -> Tensor:
    """(N, 2) float32: noise of the size that the process ends with, or true data with noise σ_max."""
    noise = torch.randn(2, config.particles, generator=stream(config.seed, NOISE)).T
    if config.from_data:
        points, _ = origin_of(config, data, labels)
        return points + plan.high * (_matched(points, noise) if config.score == "flow_ot" else noise)
    if config.score == "flow_ot":  # its noise moves with the data that it was matched with: they add up
        return noise * (plan.high + data.sigma_data)
    return noise * plan.process.prior(plan.high)


def origin_of(config: DiffusionConfig, data: DataSet, labels: Tensor | None) -> tuple[Tensor, Tensor]:
    """The true points (N, 2) float32 that a start of data with noise is made of, and their classes (N,)."""
    asked = labels if config.guided else None
    points, classes = data.law.sample(config.particles, stream(config.seed, SAMPLES), asked)
    return points.float(), classes


def _matched(points: Tensor, noise: Tensor) -> Tensor:
    """The noise in the order of optimal transport, batch by batch, as the pairs that the flow was learned from."""
    from demos.diffusion.learned.flow_matching import transport

    parts = zip(points.split(MATCHED), noise.split(MATCHED), strict=True)
    return torch.cat([transport(clean, part) for clean, part in parts])


def truth_of(config: DiffusionConfig, data: DataSet, labels: Tensor | None) -> Tensor:
    """(N, 2) true points of what the run asks for, one true class a point where it asks for classes."""
    asked = labels if config.guided else None
    return data.law.sample(config.particles, stream(config.seed, TRUTH), asked)[0].float()


def stream(seed: int, which: int) -> torch.Generator:
    """A generator of its own for each use of a config's seed."""
    return torch.Generator().manual_seed(seed * 16 + which)
