"""One sampler's run and its repetition by independent code (`replica`), which predicts its samples."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import torch

from demos.common.numbers import counted
from demos.common.random_streams import generator
from demos.diffusion.setup import Setup, centre_of
from demos.diffusion.simulate import Run
from demos.diffusion.verdict.adaptive_replica import dormand_prince
from demos.diffusion.verdict.expected import Expected, expected_of
from demos.diffusion.verdict.moves import steps_of
from demos.diffusion.verdict.replica import replica
from demos.diffusion.verdict.scores import denoiser_of

ENOUGH = 500  # least number of replicas of a sampler with noise, which give the spread of its points
MOST_AGAIN = 50_000  # and most of their evaluations, for fewer points than that
SAME_NOISE = 500  # points of a sampler without noise that the replica repeats
CLOSE = 0.02  # spreads: two ends nearer than this count as equal
APART = 0.03  # share of points that may end elsewhere: between two modes rounding decides
WILD_POINTS, ROUNDING = 100, 1e-6  # points for `independent`; rounding error of float32 after a few steps
TOGETHER = frozenset({"predictor_corrector", "dopri5"})  # all points choose their steps together
LOOSE = 0.01  # tolerance above which the steps of an adaptive method decide where points end
RUNAWAY = 100.0  # spreads from the mean beyond which a point counts as diverged
MIDDLE = 1.0  # spreads: the noise level of the intermediate state that is checked


@dataclass(frozen=True, eq=False)
class RepeatedRun:
    """One run with the expected values of true points (`truth`) and the replica's samples (`again`)."""

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
        """The number of points that are not finite, or more than 100 spreads from the mean."""
        away = np.abs(np.nan_to_num(self.end, nan=np.inf) - self.truth.mean).max(1)
        return int((away > RUNAWAY * self.setup.data.sigma_data).sum())

    @property
    def incomparable(self) -> str:
        if self.run.path.status.startswith("diverged"):
            return f"the run {self.run.path.status}"
        where = f"{self.lost:,} of {counted(len(self.end), 'point')}" if self.lost < len(self.end) else "all points"
        return f"{where} ran more than {RUNAWAY:g} spreads away" if self.lost else ""

    @property
    def cause(self) -> str:
        """The setting that makes the samples differ from true points, as the grammatical subject of “predicts”."""
        config, plan = self.setup.config, self.setup.plan
        unit = self.setup.data.sigma_data
        if config.guided and config.guidance != 1:
            return f"guidance w = {config.guidance:g}"
        if config.score_error:
            return f"a score bent by {config.score_error:g} at σ = {3 * unit:.2g}"
        if self.setup.stops_early:
            step = "stopping at σ = {}" if config.last == "stop" else "a last step from σ = {} to 0"
            return step.format(f"{plan.low:.2g}")
        if not config.from_data and plan.high < 5 * unit:
            return f"starting from pure noise at σ = {plan.high:.2g}"
        given = f"{self.run.label} with {self.setup.evaluations(self.run.path):,} evaluations"
        return given if config.score == "exact" else f"this network, by {given},"

    # -- the replica

    @cached_property
    def again(self) -> tuple[np.ndarray, np.ndarray]:
        """The replica's end points (n, 2), and its state (n, 2) at the noise level `middle_level`.

        Where these are independent of the run's there may be several of each point: they repeat the classes asked for
        in turn."""
        if self.independent and not self.setup.config.from_data:
            many = self._repeated()
            return many.follow(many.fresh_start(len(many.setup.start)))
        count = len(self.end) if self.independent else min(len(self.end), SAME_NOISE)
        return self.follow(self.setup.start[:count].double().numpy())

    def _repeated(self) -> Self:
        """This run with its points repeated until there are ENOUGH."""
        setup, size = self.setup, len(self.end)
        wanted = min(ENOUGH, MOST_AGAIN // setup.config.evaluations)
        times = max(1, math.ceil(wanted / size))
        if times == 1 or self.run.sampler.name in TOGETHER:
            return self
        labels = None if setup.labels is None else setup.labels.repeat(times)
        config = replace(setup.config, particles=times * size)
        return replace(self, setup=replace(setup, config=config, labels=labels, start=setup.start.repeat(times, 1)))

    def follow(self, start: np.ndarray, members: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """The replica from start (n, 2); members: the indices of these points, where they are not the first ones."""
        setup, name = self.setup, self.run.sampler.name
        members = np.arange(len(start)) if members is None else members
        if self._tolerance:
            return self._by_its_own_steps(start, members)
        labels = None if setup.labels is None else setup.labels.numpy()[members]
        steps = self.run.sampler.steps(setup.config.evaluations, setup.plan)
        random = generator(setup.config.seed, "replica of the sampler")
        x = middle = start
        nearest = math.inf
        with np.errstate(over="ignore", invalid="ignore"):
            for level, x in replica(name, denoiser_of(setup, labels), start, setup.plan, steps, random):
                if level > 0 and (apart := abs(math.log(level / self.middle_level))) < nearest:
                    nearest, middle = apart, x
        return x, middle

    def _by_its_own_steps(
        self, start: np.ndarray, members: np.ndarray, tolerance: float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """`follow` for the adaptive method. At a loose tolerance the steps decide where points end, and all points
        choose them together: the others start as they did."""
        setup, plan, of = self.setup, self.setup.plan, members
        if self.loose:
            whole = setup.start.double().numpy().copy()
            whole[members] = start
            start, of = whole, np.arange(len(whole))
        denoiser = denoiser_of(setup, None if setup.labels is None else setup.labels.numpy()[of])
        unit, wanted = setup.data.sigma_data, self.middle_level
        x = middle = start
        with np.errstate(over="ignore", invalid="ignore"):
            for level, x in dormand_prince(
                denoiser, start, plan.high, plan.low, tolerance or plan.tolerance, unit, wanted
            ):
                middle = x if level == wanted else middle
            x = denoiser(x, plan.low) if plan.denoise else x
        chosen = np.searchsorted(of, members)
        return x[chosen], middle[chosen]

    @cached_property
    def independent(self) -> bool:
        """Whether the replica gives an independent sample of the same distribution instead of the same points.

        That is so with noise, and where the flow amplifies errors, of rounding or of a strict tolerance, to the size
        of the data."""
        if self.is_noisy:
            return True
        start = self.setup.start[self.few].double().numpy()
        near, apart = self.near, APART
        if not self._tolerance:
            again = self._followed_twice[0][len(start) :]
        elif self.loose:
            again = self.follow(start * (1 + ROUNDING), self.few)[0]
        else:
            again = self._by_its_own_steps(start, self.few, 0.1 * self._tolerance)[0]
            near, apart = self.near / 2, APART / 3  # the run's own error comes on top of the replica's
        return float((np.abs(self.followed[0] - again).max(1) < near).mean()) < 1 - apart

    @property
    def few(self) -> np.ndarray:
        """Indices of WILD_POINTS points, spread over all."""
        return np.unique(np.linspace(0, len(self.end) - 1, min(len(self.end), WILD_POINTS)).round().astype(int))

    @cached_property
    def followed(self) -> tuple[np.ndarray, np.ndarray]:
        """The replica of these points from their own start, as in `again`."""
        if self._tolerance:
            return self.follow(self.setup.start[self.few].double().numpy(), self.few)
        end, middle = self._followed_twice
        return end[: len(self.few)], middle[: len(self.few)]

    @cached_property
    def _followed_twice(self) -> tuple[np.ndarray, np.ndarray]:
        """The replica of these points, and then with their start wrong by rounding: one call for both is faster."""
        start = self.setup.start[self.few].double().numpy()
        return self.follow(np.concatenate([start, start * (1 + ROUNDING)]), np.tile(self.few, 2))

    def fresh_start(self, count: int) -> np.ndarray:
        setup = self.setup
        mean, spread = (part.double().numpy() for part in centre_of(setup.config, setup.data, setup.labels))
        noise = generator(setup.config.seed, "start of the replica").standard_normal((count, 2))
        high = setup.plan.high
        width = high + spread if setup.config.score == "flow_ot" else np.sqrt(high**2 + spread**2)
        return mean[:count] + width[:count] * noise

    @property
    def is_noisy(self) -> bool:
        """Whether this sampler draws noise during its steps."""
        plan, name = self.setup.plan, self.run.sampler.name
        silent = (name == "sde" and plan.stochasticity == 0) or (name == "ancestral" and plan.eta == 0)
        return self.run.sampler.stochastic and not silent

    @cached_property
    def ends_alike(self) -> float:
        """The share of a few points that are where the replica's are: at the end, and on the way at `middle_level` (but
        for adaptive steps, between which frames lie). 0 where the frames are not at the sampler's noise levels."""
        pairs = [(self.end, self.followed[0])]
        if not self._tolerance:
            pairs.append((self.middle, self.followed[1]))
        if steps_of(self.run.sampler, self.setup, self.run.path) is None:
            return 0.0
        alike = np.ones(len(self.few), dtype=bool)
        for ours, found in pairs:
            alike &= np.abs(ours[self.few] - found).max(1) <= self.near + 1e-3 * np.abs(found).max(1)
        return float(alike.mean())

    @property
    def middle(self) -> np.ndarray:
        """The recorded state (N, 2) at `middle_level`."""
        index = int(np.argmin(np.abs(self.run.path.sigmas - self.middle_level)))
        return self.run.path.states[index].double().numpy()

    @property
    def near(self) -> float:
        """The largest distance at which two ends count as equal; wider for an adaptive method beside fixed steps."""
        blurred = 0.0 if self.loose else self._tolerance
        return (CLOSE + 10 * blurred) * self.setup.data.sigma_data

    @property
    def loose(self) -> bool:
        """Whether the steps of an adaptive method decide where points end."""
        return self._tolerance > LOOSE

    @property
    def _tolerance(self) -> float:
        return self.setup.plan.tolerance if self.run.sampler.name == "dopri5" else 0.0

    def predicted_cloud(self, ours: np.ndarray, other: np.ndarray) -> np.ndarray:
        """The predicted cloud: the replica's points; of a sampler without noise, the run's own points with the first
        ones replaced by the replica's."""
        return other if self.independent else np.concatenate([other, ours[len(other) :]])

    @property
    def middle_level(self) -> float:
        """The recorded noise level nearest to one spread of the data."""
        sigmas = self.run.path.sigmas[1:-1] if len(self.run.path.sigmas) > 2 else self.run.path.sigmas[:1]
        positive = sigmas[sigmas > 0]
        return float(positive[np.argmin(np.abs(np.log(positive / (MIDDLE * self.setup.data.sigma_data))))])
