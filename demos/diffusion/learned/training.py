"""Training: one loop for every objective, a pure function of the data and the config.

Adam with a short warm-up and a cosine to zero; what is used afterwards is the average of its weights. All randomness
comes from the config's seed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd
import torch
from torch import Tensor

from demos.diffusion.learned import denoising, flow_matching
from demos.diffusion.learned.examples import Batch, levels
from demos.diffusion.learned.network import Architecture, Network, initial, one_hot, raw
from demos.diffusion.learned.optimizer import AveragedAdam
from demos.diffusion.models import FromDenoiser
from demos.diffusion.processes import Edm
from demos.diffusion.samplers import Plan, sample

OBJECTIVES: dict[str, str] = {
    "learned": "Denoising score matching", "flow": "Flow matching", "flow_ot": "Flow matching, OT pairs"}
TARGETS = {"learned": denoising.target, "flow": flow_matching.target, "flow_ot": flow_matching.paired_target}
WARM_UP = 50  # steps
REACH = 3.0  # spreads of the noise levels: beyond, a batch of 512 has hardly a point
REPORT_EVERY = 0.025  # seconds
LOSS_ROWS = 200  # of the loss curve, at most
LOOKS = (0.05, 0.15, 0.3, 0.5, 0.75, 1.0)  # when the early samples are taken, as fractions
LOOK_POINTS, LOOK_STEPS = 500, 16
PAIRS = 256  # matched at a time by optimal transport: 5 ms; each pair serves at batch/PAIRS noise levels


@dataclass(frozen=True)
class TrainingConfig:
    """steps, batch: how long; noise_mean, noise_spread: of ln(σ/σ_d), where it trains; unasked: the share of the batch
    trained without classes, where the data have them; averaging: the weights of step i count like i^averaging."""

    objective: str = "learned"
    steps: int = 2_000
    batch: int = 512
    rate: float = 8e-3
    noise_mean: float = -1.5
    noise_spread: float = 1.5
    unasked: float = 0.75
    averaging: float = 8.0
    width: int = 128
    layers: int = 3
    waves: int = 64
    bandwidth: float = 3.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.objective not in OBJECTIVES:
            raise ValueError(f"objective = {self.objective!r} is not one of: {', '.join(OBJECTIVES)}.")
        for name, low, high in (("steps", 1, 10**6), ("batch", 2, 10**5), ("width", 1, 1024), ("layers", 1, 16),
                                ("waves", 0, 1024), ("rate", 1e-6, 1.0), ("noise_spread", 1e-3, 10.0),
                                ("unasked", 0.0, 1.0), ("averaging", 0.0, 1e3)):
            if not low <= (value := getattr(self, name)) <= high:
                raise ValueError(f"{name} = {value} is out of range; allowed is {low:,g} to {high:,g}.")


@dataclass(frozen=True, eq=False)
class Look:
    """An early look: what the averaged weights after so many steps make of one fixed noise. cloud (n, 2)."""

    step: int
    loss: float
    cloud: Tensor


@dataclass(frozen=True, eq=False)
class Training:
    """losses: columns step, loss, rate; finished: false where it was cancelled (the network is what was there then)."""

    config: TrainingConfig
    network: Network
    losses: pd.DataFrame
    looks: tuple[Look, ...] = field(default=())
    finished: bool = True

    @property
    def model(self) -> FromDenoiser:
        return model_of(self.network, self.config.objective)


def model_of(network: Network, objective: str) -> FromDenoiser:
    """The network as a `Model`: a denoiser, or the denoiser that belongs to its velocity."""
    if objective == "learned":
        return denoising.LearnedDenoiser(network)
    return flow_matching.LearnedFlow(network, matched=objective == "flow_ot")


def train(points: Tensor, config: TrainingConfig | None = None, labels: Tensor | None = None, *,
          spread: float | None = None, progress: Callable[[float], bool | None] | None = None,
          watch: Callable[[Look], None] | None = None) -> Training:
    """Learn from points (n, 2) and, where they have them, their classes (n,).

    spread: σ_d, that of the points where None. progress is called with the finished fraction at least every 50 ms;
    returning False ends the training early, raising ends it at once. watch is called with each early look.
    Raises ValueError where the points cannot be learned from.
    """
    config = config or TrainingConfig()
    points = torch.as_tensor(points).detach().float()
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2 or not bool(torch.isfinite(points).all()):
        raise ValueError(f"points of the shape {tuple(points.shape)}: (n, 2), n ≥ 2, all finite, are needed.")
    spread = float((points - points.mean(0)).square().mean().sqrt()) if spread is None else float(spread)
    if not spread > 0:
        raise ValueError("all points are in one place: there is nothing to learn.")
    with torch.inference_mode(False), torch.enable_grad():
        return _train(points.clone(), labels, config, spread, progress, watch)


def _train(points, labels, config, spread, progress, watch) -> Training:
    random = torch.Generator().manual_seed(config.seed)
    classes = int(labels.max()) + 1 if labels is not None and config.objective != "flow_ot" else 0
    tensors = initial(Architecture(config.width, config.layers, config.waves, config.bandwidth, classes), random)
    frequencies = {"frequencies": tensors.pop("frequencies")}  # never trained
    adam = AveragedAdam(tensors, config.averaging)
    tensors, averages = adam.weights | frequencies, adam.averages | frequencies
    mean = points.mean(0)
    reach = (config.noise_mean - REACH * config.noise_spread, config.noise_mean + REACH * config.noise_spread)
    network, points = Network(averages, mean, spread, reach, classes), points - mean
    losses, rates, looks = [], [], []
    look_at = sorted({max(1, round(share * config.steps)) for share in LOOKS})
    told, finished = time.perf_counter(), True
    for step in range(1, config.steps + 1):
        rate = config.rate * min(1.0, step / WARM_UP) * 0.5 * (1 + math.cos(math.pi * (step - 1) / config.steps))
        loss = _loss(tensors, _batch(points, labels if classes else None, config, spread, random), config, classes)
        loss.backward()
        adam.step(rate)
        losses.append(loss.detach())
        rates.append(rate)
        if step in look_at:
            looks.append(_look(network, config, step, losses))
            if watch is not None:
                watch(looks[-1])
        if progress is not None and time.perf_counter() - told > REPORT_EVERY:
            told = time.perf_counter()
            if progress(step / config.steps) is False:
                finished = step == config.steps
                break
    if progress is not None and finished:
        progress(1.0)
    return Training(config, network, _curve(losses, rates), tuple(looks), finished)


def _batch(points: Tensor, labels: Tensor | None, config: TrainingConfig, spread: float, random: torch.Generator
           ) -> Batch:
    count = config.batch
    level = levels(count, config.noise_mean, config.noise_spread, random)
    pairs = min(PAIRS, count) if config.objective == "flow_ot" else count
    chosen = torch.randint(len(points), (pairs,), generator=random)
    clean, noise = points[chosen], torch.randn(pairs, 2, generator=random)
    if config.objective == "flow_ot":
        noise = flow_matching.transport(clean, spread * noise) / spread
        again = torch.arange(count) % pairs
        return Batch(clean[again], noise[again], level, spread)
    if labels is None:
        return Batch(clean, noise, level, spread)
    own = labels[chosen]
    unasked = torch.rand(count, generator=random) < config.unasked
    return Batch(clean, noise, level, spread, own, own.masked_fill(unasked, -1))


def _loss(tensors: dict[str, Tensor], batch: Batch, config: TrainingConfig, classes: int) -> Tensor:
    with torch.no_grad():
        target = TARGETS[config.objective](batch)
        total = batch.spread**2 + batch.sigma.square()
        scaled, damping = batch.noised * total.rsqrt(), batch.sigma.square() / total
        asked = None if batch.classes is None else one_hot(batch.classes, classes)
    return (raw(tensors, scaled, asked, batch.level, damping) - target).square().mean()


@torch.no_grad()
def _look(network: Network, config: TrainingConfig, step: int, losses: list[Tensor]) -> Look:
    spread = network.sigma_data
    high, low = 10 * spread, 0.002 * spread
    noise = torch.randn(2, LOOK_POINTS, generator=torch.Generator().manual_seed(config.seed)).T
    path = sample("heun", model_of(network, config.objective), noise * high, Plan(Edm(spread), high, low),
                  2 * LOOK_STEPS - 1, record=2)
    recent = losses[-max(1, config.steps // LOSS_ROWS):]
    return Look(step, float(torch.stack(recent).mean()), path.end.clone())


def _curve(losses: list[Tensor], rates: list[float]) -> pd.DataFrame:
    """Means over equal stretches of steps: the curve, without most of its noise."""
    block = max(1, math.ceil(len(losses) / LOSS_ROWS))
    values = torch.stack(losses)
    rows = [{"step": min(i + block, len(values)), "loss": float(values[i:i + block].mean()), "rate": rates[i]}
            for i in range(0, len(values), block)]
    return pd.DataFrame(rows)
