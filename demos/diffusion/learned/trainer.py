"""One loop for every objective: Adam with a short warm-up and a cosine to zero, and the average of its weights.

All randomness comes from the config's seed. A `Trainer` that was interrupted goes on from the step where it was, and
ends with the same bytes as one that was not.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pandas as pd
import torch
from torch import Tensor

from demos.diffusion.learned import denoising, flow_matching
from demos.diffusion.learned.examples import Batch, levels
from demos.diffusion.learned.network import Architecture, Network, initial, one_hot, raw
from demos.diffusion.learned.optimizer import AveragedAdam
from demos.diffusion.learned.training import Look, Training, TrainingConfig, model_of
from demos.diffusion.models import prior
from demos.diffusion.processes import Edm
from demos.diffusion.samplers import Plan, sample

TARGETS = {"learned": denoising.target, "flow": flow_matching.target, "flow_ot": flow_matching.paired_target}
WARM_UP = 50  # steps
REACH = 3.0  # spreads of the noise levels: beyond, a batch of 512 has hardly a point
REPORT_EVERY = 0.025  # seconds
LOSS_ROWS = 200  # of the loss curve, at most
LOOKS = (0.01, 0.025, 0.05, *(0.1 * i for i in range(1, 11)))  # when the early samples are taken, as fractions
LOOK_POINTS, LOOK_STEPS = 500, 16
PAIRS = 256  # matched at a time by optimal transport: 5 ms; each pair serves at batch/PAIRS noise levels

Watch = Callable[[Look], None]
Progress = Callable[[float], "bool | None"]


def train(
    points: Tensor,
    config: TrainingConfig | None = None,
    labels: Tensor | None = None,
    *,
    spread: float | None = None,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Training:
    """Learn from points (n, 2) and, where they have them, their classes (n,). See `Trainer`."""
    return Trainer(points, config, labels, spread=spread).run(progress, watch)


class Trainer:
    """A training under way. `run` it to its end; where that is interrupted, `run` again takes it up.

    points (n, 2), labels (n,) or None. spread: σ_d, that of the points where None. Raises ValueError where the points
    cannot be learned from.
    """

    def __init__(
        self,
        points: Tensor,
        config: TrainingConfig | None = None,
        labels: Tensor | None = None,
        *,
        spread: float | None = None,
    ) -> None:
        config = config or TrainingConfig()
        points = torch.as_tensor(points).detach().float()
        if points.ndim != 2 or points.shape[1] != 2 or len(points) < 2 or not bool(torch.isfinite(points).all()):
            raise ValueError(f"points of the shape {tuple(points.shape)}: (n, 2), n ≥ 2, all finite, are needed.")
        spread = float((points - points.mean(0)).square().mean().sqrt()) if spread is None else float(spread)
        if not spread > 0:
            raise ValueError("all points are in one place: there is nothing to learn.")
        self.config, self.spread, self.step = config, spread, 0
        self._random = torch.Generator().manual_seed(config.seed)
        self.classes = int(labels.max()) + 1 if labels is not None and config.objective != "flow_ot" else 0
        self._labels = labels if self.classes else None
        with torch.inference_mode(False):
            mean = points.clone().mean(0)
            self._points = points.clone() - mean
            architecture = Architecture(config.width, config.layers, config.waves, config.bandwidth, self.classes)
            tensors = initial(architecture, self._random)
            frequencies = {"frequencies": tensors.pop("frequencies")}  # never trained
            self._adam = AveragedAdam(tensors, config.averaging)
        self._tensors = self._adam.weights | frequencies
        reach = (config.noise_mean - REACH * config.noise_spread, config.noise_mean + REACH * config.noise_spread)
        self.network = Network(self._adam.averages | frequencies, mean, spread, reach, self.classes)
        self._losses: list[Tensor] = []
        self._rates: list[float] = []
        self.looks: list[Look] = []

    def run(self, progress: Progress | None = None, watch: Watch | None = None) -> Training:
        """To the end. progress is called with the finished fraction at least every 50 ms: returning False ends the
        training early, raising interrupts it. watch is called with each early look."""
        steps, told, finished = self.config.steps, time.perf_counter(), True
        if watch is not None and self.looks:
            watch(self.looks[-1])  # it goes on from here
        look_at = {max(1, round(share * steps)) for share in LOOKS}
        with torch.inference_mode(False), torch.enable_grad():
            while self.step < steps:
                self._advance()
                if self.step in look_at:
                    self.looks.append(self._look())
                    if watch is not None:
                        watch(self.looks[-1])
                if progress is not None and time.perf_counter() - told > REPORT_EVERY:
                    told = time.perf_counter()
                    if progress(self.step / steps) is False:
                        finished = self.step == steps
                        break
        if progress is not None and finished:
            progress(1.0)
        return Training(self.config, self.network, self.losses(), tuple(self.looks), finished)

    def losses(self) -> pd.DataFrame:
        """Means over equal stretches of steps: the curve until now, without most of its noise."""
        block = max(1, math.ceil(len(self._losses) / LOSS_ROWS))
        values = torch.stack(self._losses) if self._losses else torch.empty(0)
        rows = [
            {"step": min(i + block, len(values)), "loss": float(values[i : i + block].mean()), "rate": self._rates[i]}
            for i in range(0, len(values), block)
        ]
        return pd.DataFrame(rows, columns=["step", "loss", "rate"])

    def _advance(self) -> None:
        """One step of the optimizer."""
        config, done = self.config, self.step
        cosine = 0.5 * (1 + math.cos(math.pi * done / config.steps))
        rate = config.rate * min(1.0, (done + 1) / WARM_UP) * cosine
        loss = _loss(
            self._tensors, _batch(self._points, self._labels, config, self.spread, self._random), config, self.classes
        )
        loss.backward()
        self._adam.step(rate)
        self._losses.append(loss.detach())
        self._rates.append(rate)
        self.step += 1

    @torch.no_grad()
    def _look(self) -> Look:
        """The averaged weights at work, always on the same noise."""
        model = model_of(self.network, self.config.objective)
        high, low = 10 * self.spread, 0.002 * self.spread
        mean, width = prior(model, high)
        noise = torch.randn(2, LOOK_POINTS, generator=torch.Generator().manual_seed(self.config.seed)).T
        path = sample(
            "heun", model, noise * width + mean, Plan(Edm(self.spread), high, low), 2 * LOOK_STEPS - 1, record=2
        )
        recent = self._losses[-max(1, self.config.steps // LOSS_ROWS) :]
        return Look(self.step, float(torch.stack(recent).mean()), path.end.clone(), self.losses())


def _batch(
    points: Tensor, labels: Tensor | None, config: TrainingConfig, spread: float, random: torch.Generator
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
