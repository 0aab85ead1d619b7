"""One sampler's run, and the same sampler once more in independent code: what its samples must be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from demos.common.random_streams import generator
from demos.diffusion.setup import Setup, centre_of
from demos.diffusion.simulate import Run
from demos.diffusion.verdict.expected import Expected, expected_of
from demos.diffusion.verdict.replica import replica
from demos.diffusion.verdict.scores import denoiser_of

SAME_NOISE = 500  # points of a sampler without noise that are followed once more
CLOSE = 0.02  # spreads: two points that end so near to each other end in one place
APART = 0.03  # of the points may part: some lie between two modes, where rounding decides
WILD_POINTS, ROUNDING = 100, 1e-6  # of float32, in a few steps
LOOSE = 0.01  # of a tolerance
RUNAWAY = 100.0  # spreads from the mean: such a point has left for good
MIDDLE = 1.0  # spreads: the noise level at which the picture is looked at on its way


@dataclass(frozen=True, eq=False)
class Repeated:
    """One run, with what true points would show (`truth`) and what its sampler must give (`again`)."""

    setup: Setup
    run: Run
    reference: torch.Tensor

    @cached_property
    def truth(self) -> Expected:
        return expected_of(self.setup)

    @cached_property
    def end(self) -> np.ndarray:
        return self.run.path.end.double().numpy()

    @cached_property
    def lost(self) -> int:
        """Points that are not finite, or ran more than 100 spreads away."""
        away = np.abs(np.nan_to_num(self.end, nan=np.inf) - self.truth.mean).max(1)
        return int((away > RUNAWAY * self.setup.data.sigma_data).sum())

    @property
    def incomparable(self) -> str:
        if self.run.path.status.startswith("diverged"):
            return f"the run {self.run.path.status}"
        where = f"{self.lost:,} of {len(self.end):,} points" if self.lost < len(self.end) else "all points"
        return f"{where} ran more than {RUNAWAY:g} spreads away" if self.lost else ""

    @property
    def cause(self) -> str:
        """What the visitor has set that takes the samples off the truth, as the subject of “predicts”."""
        config, plan = self.setup.config, self.setup.plan
        unit = self.setup.data.sigma_data
        if config.guided and config.guidance != 1:
            return f"guidance w = {config.guidance:g}"
        if config.score_error:
            return f"a score bent by {config.score_error:g} at σ = {3 * unit:.2g}"
        if config.last == "stop" and plan.low > 0.03 * unit:
            return f"stopping at σ = {plan.low:.2g}"
        if not config.from_data and plan.high < 5 * unit:
            return f"starting from pure noise at σ = {plan.high:.2g}"
        given = f"{self.run.label} with {self.setup.evaluations(self.run.path):,} evaluations"
        return given if config.score == "exact" else f"this network, by {given},"

    # -- once more

    @cached_property
    def again(self) -> tuple[np.ndarray, np.ndarray]:
        """The end of the same sampler in independent code, (n, 2), and its state (n, 2) at the middle."""
        count = len(self.end) if self.independent else min(len(self.end), SAME_NOISE)
        start = self.setup.start[:count].double().numpy()
        if self.is_noisy and not self.setup.config.from_data:
            start = self.fresh_start(count)
        return self.follow(start)

    def follow(self, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        setup, name = self.setup, self.run.sampler.name
        labels = None if setup.labels is None else setup.labels[: len(start)].numpy()
        steps = self.run.sampler.steps(setup.config.evaluations, setup.plan)
        random = generator(setup.config.seed, "replica of the sampler")
        x = middle = start
        nearest = math.inf
        with np.errstate(over="ignore", invalid="ignore"):
            for level, x in replica(name, denoiser_of(setup, labels), start, setup.plan, steps, random):
                if level > 0 and (apart := abs(math.log(level / self.middle_level))) < nearest:
                    nearest, middle = apart, x
        return x, middle

    @cached_property
    def independent(self) -> bool:
        """Whether independent code makes another sample of the same distribution, and not the same points: with noise,
        where the flow is so wild that rounding decides where points end, and where adaptive steps are chosen by a
        tolerance so loose that other code chooses others."""
        if self.is_noisy or self._tolerance > LOOSE:
            return True
        start = self.setup.start[:WILD_POINTS].double().numpy()
        first, second = (self.follow(part)[0] for part in (start, start * (1 + ROUNDING)))
        return float((np.abs(first - second).max(1) < CLOSE * self.setup.data.sigma_data).mean()) < 1 - APART

    def fresh_start(self, count: int) -> np.ndarray:
        setup = self.setup
        mean, spread = (part.double().numpy() for part in centre_of(setup.config, setup.data, setup.labels))
        noise = generator(setup.config.seed, "start of the replica").standard_normal((count, 2))
        high = setup.plan.high
        width = high + spread if setup.config.score == "flow_ot" else np.sqrt(high**2 + spread**2)
        return mean[:count] + width[:count] * noise

    @property
    def is_noisy(self) -> bool:
        """Whether this run draws noise on its way."""
        plan, name = self.setup.plan, self.run.sampler.name
        silent = (name == "sde" and plan.stochasticity == 0) or (name == "ancestral" and plan.eta == 0)
        return self.run.sampler.stochastic and not silent

    @cached_property
    def ends_alike(self) -> float:
        """The share of the points that end where independent code takes the same noise."""
        found = self.again[0]
        allowed = self.near + 1e-3 * np.abs(found).max(1)
        apart = np.abs(self.end[: len(found)] - found).max(1)
        return float((apart <= allowed).mean())

    @property
    def near(self) -> float:
        """How far apart the ends of one point may be: adaptive steps that are chosen by a loose tolerance differ."""
        return (CLOSE + 10 * self._tolerance) * self.setup.data.sigma_data

    @property
    def _tolerance(self) -> float:
        return self.setup.plan.tolerance if self.run.sampler.name == "dopri5" else 0.0

    def predicted_cloud(self, ours: np.ndarray, other: np.ndarray) -> np.ndarray:
        """The cloud that is predicted: of a sampler without noise, the first points in independent code's places."""
        return other if self.independent else np.concatenate([other, ours[len(other) :]])

    @property
    def middle_level(self) -> float:
        """The noise level, of those that the run has recorded, nearest to one spread of the data."""
        sigmas = self.run.path.sigmas[1:-1] if len(self.run.path.sigmas) > 2 else self.run.path.sigmas[:1]
        positive = sigmas[sigmas > 0]
        return float(positive[np.argmin(np.abs(np.log(positive / (MIDDLE * self.setup.data.sigma_data))))])
