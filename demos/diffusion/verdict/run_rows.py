"""The rows of one sampler: its samples compared with true points and, where they differ, with an independent
implementation of the same sampler, which predicts how they must differ."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from demos.common.numbers import counted
from demos.contract import Check
from demos.diffusion.metrics import sliced_w2
from demos.diffusion.setup import start_of
from demos.diffusion.verdict.moves import ALIKE, moves_alike
from demos.diffusion.verdict.place_rows import PlaceRows
from demos.diffusion.verdict.repeated_run import APART
from demos.diffusion.verdict.rows import chi_square, unsure, with_prediction

WILD = 10.0  # width in spreads of the data from which a replica says nothing about the cloud's heavy tails
FAR = 6.0  # standard deviations of the null: two samples of one distribution are never so far above its mean
RARE_DISTANCE = 1e-3
STARTS, FEW_STARTS = 10, 4  # draws of the start, beside which a start that misses the truth is put
SINGLE = 4e-7  # rounding error of a point in float32 after the last step, as a fraction of its size


@dataclass(frozen=True, eq=False)
class RunRows(PlaceRows):
    """The rows about one run."""

    def rows(self) -> list[Check]:
        """All rows about this run, in the order of the page."""
        found = [self.distance(), *self.support(), *self.width(), *self.kinds(), self.histogram(), *self.moments()]
        found += [self.on_the_way(), self.started()]
        if (reason := self.incomparable) and any(not row.meets_truth for row in found):
            return [
                replace(row, incomparable=reason, uncertainty=0.0) if row.truth is not None else row for row in found
            ]
        if self.lost:
            return found
        if not self.independent:
            found.append(self.same_ends())
        elif not self.loose:
            found.append(self.same_moves())
        return found

    def same_moves(self) -> Check:
        share, count = moves_alike(self.run.sampler, self.setup, self.run.path, self.few)
        return Check(
            "Moves that independent code repeats with the same noise",
            share,
            None,
            floor=APART,
            predicted=1.0,
            predicted_by=self.cause,
            source="the same sampler in NumPy, with a score of its own",
            note=f"{count:,} moves from frame to frame, to {ALIKE:.1%} of their size."
            if count
            else "The frames are not at the noise levels of this sampler.",
        )

    def same_ends(self) -> Check:
        return Check(
            "Points that go where independent code takes the same noise",
            self.ends_alike,
            None,
            floor=APART,
            predicted=1.0,
            predicted_by=self.cause,
            source="the same sampler in NumPy, with a score of its own",
            note=f"Of {counted(len(self.few), 'point')}, at the end and on the way; the few that part lie between "
            "two modes.",
        )

    def distance(self) -> Check:
        null, truth = self.truth.null, self.reference
        measure = lambda cloud: sliced_w2(torch.from_numpy(np.nan_to_num(cloud, nan=1e6).clip(-1e9, 1e9)), truth)
        measured = measure(self.end)
        row = Check(
            f"Distance to {self.setup.asked_name}",
            measured,
            null.mean,
            null.spread,
            source=f"{null.pairs} pairs of {len(self.end):,} true samples: {null.mean:.2g} ± {null.spread:.1g}",
            note=f"Sliced W2; {null.p(measured):.2g} of true samples are at least so far apart.",
            floor=0.0 if null.spread else self.near,  # true points of a class may all be one
            sigmas=(null.quantile(1 - RARE_DISTANCE) - null.mean) / null.spread if null.spread else 4.0,
            percentile=100 * (1 - null.p(measured)),
        )
        return self._with_prediction(row, lambda: self._distance_again(row, measure))

    def _distance_again(self, row: Check, measure: Callable[[np.ndarray], float]) -> Check:
        """The row of the distance with the prediction of the replica.

        W2 satisfies the triangle inequality, and the distance between two samples is that of two true samples in
        proportion to their width; both give the error of the prediction."""
        predicted = measure(self.predicted_cloud(self.end, self.again[0])[: len(self.end)])
        null, floor = self.truth.null, self.near
        if self.independent:
            spread = math.sqrt(float(np.nan_to_num(self.again[0]).var(0).sum()) / 2)
            wide = spread / self.setup.data.sigma_data
            if wide > WILD:
                reason = f"this sampler throws its points {wide:.2g} spreads apart: a few of them decide the distance"
                return replace(row, incomparable=reason, uncertainty=0.0)
            own = math.sqrt(float(self.truth.covariance.trace()) / 2)  # spread of the data, or of the class asked for
            floor = (null.mean + FAR * null.spread) * max(1.0, spread / own) + 0.05 * predicted
        return replace(row, predicted=predicted, uncertainty=0.0, floor=min(floor, 0.99 * abs(row.difference)))

    def moments(self) -> list[Check]:
        """Rows for the means of x and y, and of their squares and product about the exact mean."""
        truth, (mx, my) = self.truth, self.truth.mean
        functions = (
            ("Mean of x", lambda p: p[:, 0], mx, 1),
            ("Mean of y", lambda p: p[:, 1], my, 1),
            ("Variance of x", lambda p: (p[:, 0] - mx) ** 2, truth.covariance[0, 0], 2),
            ("Variance of y", lambda p: (p[:, 1] - my) ** 2, truth.covariance[1, 1], 2),
            ("Covariance of x and y", lambda p: (p[:, 0] - mx) * (p[:, 1] - my), truth.covariance[0, 1], 2),
        )
        return [self._moment(*each) for each in functions]

    def _moment(self, name: str, value: Callable, exact: float, power: int) -> Check:
        row = Check(
            name,
            float(value(self.end).mean()),
            float(exact),
            self.truth.spread_of_mean(value),
            self._rounding(power),
            source=f"the distribution of {self.setup.asked_name}, in closed form",
        )

        def predict() -> Check:
            other = self.predicted_cloud(self.end, self.again[0])
            if not self.independent:
                # ends that differ by δ change the mean of x by at most δ, that of x² by at most 2δσ + δ²
                floor = 3 * self.near * self.setup.data.sigma_data ** (power - 1)
                floor = min(floor, 0.99 * abs(row.difference))
                return replace(row, predicted=float(value(other).mean()), uncertainty=0.0, floor=floor)
            error = self._spread(value, other) * math.sqrt(1 / len(self.end) + 1 / len(other))
            away = other - self.truth.mean
            kurtosis = float((np.mean(away**4, axis=0) / np.mean(away**2, axis=0) ** 2).max())
            allowed = unsure(len(self.end), power, kurtosis, len(other))
            return with_prediction(row, float(value(other).mean()), error, allowed)

        return self._with_prediction(row, predict)

    def _rounding(self, power: int) -> float:
        """The error of a mean, or of a square about it, that rounding of the points leaves: all of it where the exact
        variance is 0, as for points on a line."""
        each = SINGLE * (float(np.abs(self.truth.mean).max()) + self.setup.data.sigma_data)
        return each if power == 1 else each * (2 * math.sqrt(float(self.truth.covariance.trace())) + each)

    def _spread(self, value: Callable, cloud: np.ndarray) -> float:
        """The standard deviation of `value` over the cloud, within classes where classes are asked for."""
        labels = self.truth.labels
        if labels is None:
            return float(value(cloud).std())
        kinds = np.resize(labels.numpy(), len(cloud))
        parts = [value(cloud[kinds == kind]) for kind in np.unique(kinds)]
        return math.sqrt(sum(len(part) * part.var() for part in parts) / len(cloud))

    def histogram(self) -> Check:
        """χ² of the histogram that is drawn beside the picture, with bins joined to cells of enough points."""
        return self._counted(
            "Histogram of x at the end: χ²", self.truth.x_cells(0.0), self.end[:, 0], lambda c: c[:, 0], 0
        )

    def on_the_way(self) -> Check:
        sigma, cloud = self.middle_level, self.middle
        name = f"Histogram of x at σ = {sigma:.2g}: χ²"
        row = self._counted(name, self.truth.x_cells(sigma), cloud[:, 0], lambda c: c[:, 0], 1)
        if row.predicted is None or self.setup.config.score != "flow_ot":
            return row
        return replace(row, predicted_by="training on pairs matched by optimal transport")

    def started(self) -> Check:
        """χ² of the start against p_σ at σ_max. Where σ_max is too small, a Gaussian start differs from p_σ; the row
        then predicts that difference."""
        setup, high = self.setup, self.setup.plan.high
        cells = self.truth.x_cells(high)
        values = self.run.path.states[0].double().numpy()[:, 0]
        row = chi_square("Start: histogram of x: χ²", cells, values, f"exact shares at σ = {high:.3g}")
        row = replace(row, note="What the samplers start from, before a step is taken.")
        matched = setup.config.score == "flow_ot"  # its noise goes along with its data: not their convolution
        if row.meets_truth or (setup.config.from_data and not matched):
            return row
        starts = FEW_STARTS if setup.config.from_data else STARTS  # each of them an assignment
        wide = np.concatenate([self._fresh_start_of(i) for i in range(starts)])
        mean, spread, error = cells.statistic_of(cells.count(wide[:, 0]) / len(wide), len(wide))
        kind = "noise matched with the data" if setup.config.from_data else "pure noise"
        return replace(with_prediction(row, mean, math.hypot(spread, error)), predicted_by=f"{kind} at σ = {high:.2g}")

    def _fresh_start_of(self, i: int) -> np.ndarray:
        """Another draw of the start, (N, 2)."""
        setup = self.setup
        other = setup.config.replace(seed=(setup.config.seed + 1 + i) % 2**31)
        if other.from_data:
            return start_of(other, setup.data, setup.plan, setup.labels).double().numpy()
        return replace(self, setup=replace(setup, config=other)).fresh_start(len(self.end))
