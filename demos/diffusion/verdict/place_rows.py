"""Rows about where the samples of a run lie: on the curve, in the classes, in the support of the data. And what all
rows share: where samples differ from true points, an independent implementation predicts the difference."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from demos.contract import Check
from demos.diffusion.distributions import Boxes
from demos.diffusion.verdict.curve import is_curve, squares, true_squares
from demos.diffusion.verdict.expected import LARGE, Cells
from demos.diffusion.verdict.repeated_run import APART, RepeatedRun
from demos.diffusion.verdict.rows import chi_square, with_prediction

ROUNDING_OF_EDGES = 1e-5  # tolerance at the edges of a square, as a fraction of its side
ON_POINT = 0.01  # distance from a data point, in spreads, at which a sample counts as lying on it
LEAST_INSIDE = 0.995  # least share of points inside the support in a good run: some lie on the edges


@dataclass(frozen=True, eq=False)
class PlaceRows(RepeatedRun):
    """The rows about where the samples lie."""

    def width(self) -> list[Check]:
        """A row for the width of data along a curve: the root mean square distance from its middle."""
        data, count = self.setup.data, len(self.end)
        if not is_curve(data):
            return []
        mean, spread = true_squares(data)
        measure = lambda cloud: math.sqrt(float(squares(data, cloud).mean()))
        error = lambda deviation, root, number: deviation / math.sqrt(number) / (2 * root)  # of a root of a mean
        whole = math.hypot(error(spread, math.sqrt(mean), count), error(spread, math.sqrt(mean), LARGE))
        row = Check(
            "Half width of the curve", measure(self.end), math.sqrt(mean), whole, source=f"{LARGE:,} true points"
        )

        def predict() -> Check:
            other = self.predicted_cloud(self.end, self.again[0])
            predicted = measure(other)
            if not self.independent:  # points that part end on the curve too, elsewhere
                return replace(row, predicted=predicted, uncertainty=0.0, floor=min(APART * predicted, 0.99 * away))
            own = error(float(squares(data, other).std()), predicted, len(other))
            return with_prediction(row, predicted, own * math.sqrt(1 + len(other) / count))

        away = abs(row.difference)
        return [self._with_prediction(row, predict)]

    def kinds(self) -> list[Check]:
        """A row for the share of each class; where one class is asked for, for the share of points that lie in it."""
        data, truth = self.setup.data, self.truth
        if data.classes == 1:
            return []
        shares = truth.class_shares
        classify = lambda cloud: (
            data.distribution.classify(torch.from_numpy(np.nan_to_num(cloud))).numpy().astype(float)
        )
        if truth.labels is None:
            cells = Cells.joined([size for _, size in truth.strata], list(shares), np.arange(data.classes - 1) + 0.5)
            return [self._counted("Shares of the classes: χ²", cells, classify(self.end), classify, 0)]
        asked = truth.labels.numpy()
        right = sum(
            size * shares[i, kind]
            for i, (kind, (_, size)) in enumerate(zip(np.unique(asked), truth.strata, strict=True))
        )
        right = float(right) / len(asked)
        hits = lambda cloud: classify(cloud) == np.resize(asked, len(cloud))
        row = Check(
            "Share in the class asked for",
            float(hits(self.end).mean()),
            right,
            math.sqrt(max(right * (1 - right), 0.25 / len(asked)) / len(asked)),
            source="true points of the class, classified alike",
        )

        def predict() -> Check:
            other = self.predicted_cloud(self.end, self.again[0])
            share = float(hits(other).mean())
            error = math.sqrt(max(share * (1 - share), 0.25 / len(other)))
            if not self.independent:
                return replace(row, predicted=share, uncertainty=0.0, floor=min(APART, 0.99 * abs(row.difference)))
            return with_prediction(row, share, error * math.sqrt(1 / len(asked) + 1 / len(other)))

        return [self._with_prediction(row, predict)]

    def support(self) -> list[Check]:
        """A row for the share of points in the support of the data: in the squares, or on a data point."""
        data, left = self.setup.data, 0.0 if self.setup.plan.denoise else 2 * self.setup.plan.low
        if isinstance(data.distribution, Boxes):
            name, source = "Share inside the squares", "the squares are all that the data fill"
            hits = lambda cloud: _inside(data.distribution, cloud).astype(float)
        elif data.finite and self.setup.config.score == "exact":
            name, source = "Share on a data point", "the exact score of points can only give them back"
            means = data.distribution.means.float()
            within = ON_POINT * data.sigma_data + left

            def hits(cloud: np.ndarray) -> np.ndarray:
                points = torch.from_numpy(np.nan_to_num(cloud, nan=1e6)).float()
                nearest = torch.cat([torch.cdist(part, means).amin(1) for part in points.split(500)])
                return (nearest < within).double().numpy()
        else:
            return []
        row = Check(name, float(hits(self.end).mean()), 1.0, floor=1 - LEAST_INSIDE, source=source)

        def predict() -> Check:
            other = self.predicted_cloud(self.end, self.again[0])
            share = float(hits(other).mean())
            if not self.independent:
                return replace(row, predicted=share, floor=min(APART, 0.99 * abs(row.difference)))
            error = math.sqrt(max(share * (1 - share), 0.25 / len(other)))
            whole = error * math.sqrt(1 / len(self.end) + 1 / len(other))
            return replace(row, predicted=share, predicted_error=whole, floor=min(row.floor, 0.5 * abs(row.difference)))

        return [self._with_prediction(row, predict)]

    def _with_prediction(self, row: Check, predict: Callable[[], Check]) -> Check:
        """The row, with the replica's prediction where the samples differ from true points (otherwise not computed)."""
        if row.meets_truth or self.lost or not np.isfinite(self.again[0]).all():
            return row
        return replace(predict(), predicted_by=self.cause)

    def _counted(self, name: str, cells: Cells, values: np.ndarray, take: Callable, which: int) -> Check:
        """The χ² row of counts in cells. which: the index, in `again`, of the state that is counted."""
        row = chi_square(name, cells, values, "exact shares, independent points")

        def predict() -> Check:
            other = self.again[which]
            if not self.independent:
                mixed = np.concatenate([take(other), values[len(other) :]])
                found = cells.statistic(cells.count(mixed))
                floor = min(0.25 * found + row.allowed, 0.99 * abs(row.difference))
                return replace(row, predicted=found, uncertainty=0.0, floor=floor)
            shares = cells.count(take(other)) / len(other)
            mean, spread, error = cells.statistic_of(shares, len(other))
            # the corrector scales its step by norms over the whole cloud, which moves all points in or out together
            together = mean * self.setup.plan.snr**2 if self.run.sampler.name == "predictor_corrector" else 0.0
            return with_prediction(row, mean, math.hypot(spread, error, together))

        return self._with_prediction(row, predict)


def _inside(boxes: Boxes, cloud: np.ndarray) -> np.ndarray:
    """(N,) true inside the squares, or outside by less than rounding."""
    away, margin = cloud[:, None, :] - boxes.corners.numpy(), ROUNDING_OF_EDGES * boxes.side
    return ((away >= -margin) & (away <= boxes.side + margin)).all(2).any(1)
