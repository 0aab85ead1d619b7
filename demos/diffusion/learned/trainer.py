"""The training loop of every objective: Adam, learning rate with warm-up and cosine decay, averaged weights.

All randomness comes from the config's seed. An interrupted `Trainer` resumes at the step where it stopped, and ends
with the same bytes as an uninterrupted one.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.diffusion.learned import denoising, flow_matching
from demos.diffusion.learned.examples import Batch, levels
from demos.diffusion.learned.network import Network, architecture, initial_weights, one_hot, raw
from demos.diffusion.learned.training import Snapshot, Training, TrainingConfig, model_of
from demos.diffusion.models import prior
from demos.diffusion.processes import Edm
from demos.diffusion.samplers import Plan, sample
from demos.nn.adam import AveragedAdam
from demos.nn.loop import TrainingLoop

TARGETS = {"learned": denoising.target, "flow": flow_matching.target, "flow_ot": flow_matching.paired_target}
REACH = 3.0  # the trained range of ln σ, in its standard deviations: beyond, a batch of 512 has hardly a point
SNAPSHOTS_AT = (0.01, 0.025, 0.05, *(0.1 * i for i in range(1, 11)))  # times of the snapshots, as fractions of training
SNAPSHOT_POINTS, SNAPSHOT_STEPS = 500, 16
PAIRS = 256  # pairs matched at once by optimal transport, in 5 ms; each pair is used at batch/PAIRS noise levels

OnSnapshot = Callable[[Snapshot], None]


def train(
    points: Tensor,
    config: TrainingConfig | None = None,
    labels: Tensor | None = None,
    *,
    spread: float | None = None,
    progress: Progress | None = None,
    on_snapshot: OnSnapshot | None = None,
) -> Training:
    """Train on points (n, 2) and, if given, their classes (n,). See `Trainer`."""
    return Trainer(points, config, labels, spread=spread).run(progress, on_snapshot)


class Trainer:
    """A training that can be interrupted: `run` goes to the end, and after an interruption `run` resumes.

    points (n, 2), labels (n,) or None. spread: σ_d; the spread of the points where None. Raises ValueError where the
    points are too few or all the same.
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
        self.config, self.spread = config, spread
        self._random = torch.Generator().manual_seed(config.seed)
        self.classes = int(labels.max()) + 1 if labels is not None and config.objective != "flow_ot" else 0
        self._labels = labels if self.classes else None
        with torch.inference_mode(False):
            mean = points.clone().mean(0)
            self._points = points.clone() - mean
            wanted = architecture(config.width, config.layers, config.waves, config.bandwidth, self.classes)
            tensors = initial_weights(wanted, self._random)
            frequencies = {"frequencies": tensors.pop("frequencies")}  # never trained
            adam = AveragedAdam(tensors, config.averaging)
        self._tensors = adam.weights | frequencies
        reach = (config.noise_mean - REACH * config.noise_spread, config.noise_mean + REACH * config.noise_spread)
        self.network = Network(adam.averages | frequencies, mean, spread, reach, self.classes)
        self._loop = TrainingLoop(
            self._loss,
            adam,
            steps=config.steps,
            rate=config.rate,
            snapshot=self._snapshot,
            snapshot_steps={max(1, round(share * config.steps)) for share in SNAPSHOTS_AT},
        )

    def run(self, progress: Progress | None = None, on_snapshot: OnSnapshot | None = None) -> Training:
        """Train to the end; see `TrainingLoop.run`. on_snapshot is called with each snapshot."""
        finished = self._loop.run(progress, on_snapshot)
        return Training(self.config, self.network, self._loop.losses(), tuple(self._loop.snapshots), finished)

    def _loss(self) -> Tensor:
        batch = _batch(self._points, self._labels, self.config, self.spread, self._random)
        return _loss(self._tensors, batch, self.config, self.classes)

    def _snapshot(self) -> Snapshot:
        """Samples by the averaged weights, from the same noise at every snapshot."""
        model = model_of(self.network, self.config.objective)
        high, low = 10 * self.spread, 0.002 * self.spread
        mean, width = prior(model, high)
        noise = torch.randn(2, SNAPSHOT_POINTS, generator=torch.Generator().manual_seed(self.config.seed)).T
        path = sample(
            "heun", model, noise * width + mean, Plan(Edm(self.spread), high, low), 2 * SNAPSHOT_STEPS - 1, record=2
        )
        return Snapshot(self._loop.step, self._loop.recent_loss(), path.end.clone(), self._loop.losses())


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
