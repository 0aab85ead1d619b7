"""Basins of attraction of steepest descent, computed once on a grid and stored as a table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from demos.common.progress import checkpoint


class Basins:
    """The basins of the given minima under steepest descent in a box; called with points (N, 2), returns labels (N,).

    From every node of a grid, a few descent steps of at most half a cell are taken; the node nearest to the end point
    is the node's successor. Following successors (pointer doubling) maps all nodes to a few terminal ones, from which
    the descent continues until it is near a minimum. The borders of the basins are accurate to about a cell.
    """

    def __init__(
        self,
        gradient: Callable[[Tensor], Tensor],
        minima: Sequence[tuple[float, float]],
        box: tuple[tuple[float, float], tuple[float, float]],
        cells: int,
    ) -> None:
        self.cells = cells
        self.low = torch.tensor([side[0] for side in box], dtype=torch.float64)
        self.width = (torch.tensor([side[1] for side in box], dtype=torch.float64) - self.low) / (cells - 1)
        longest = float(self.width.min()) / 2
        axis = torch.arange(cells, dtype=torch.float64)
        nodes = torch.stack(torch.meshgrid(axis, axis, indexing="ij")).reshape(2, -1).T
        nodes = (self.low + self.width * nodes).T.contiguous().T  # stored component by component, for fast gradients
        successor = self._index(descend(gradient, nodes, longest, 12))
        for _ in range(12):  # after this, 4,096 successors further
            successor = successor[successor]
        last, place = torch.unique(successor, return_inverse=True)
        targets, ends = torch.tensor(minima, dtype=torch.float64), nodes[last]
        far = torch.cdist(ends / self.width, targets / self.width).amin(1) > 3  # more than three cells from each
        # A rough energy has very many such nodes: fewer steps then bound the time.
        ends[far] = descend(gradient, ends[far], longest, min(100, 100_000 // (1 + int(far.sum()))))
        self.labels = torch.cdist(ends / self.width, targets / self.width).argmin(1)[place]

    def __call__(self, x: Tensor) -> Tensor:
        return self.labels.to(x.device)[self._index(x)]

    def _index(self, x: Tensor) -> Tensor:
        """The flat index of the nearest node of each point; for a point outside, of the nearest node on the edge."""
        cell = (x - self.low.to(x)) / self.width.to(x)
        column, row = cell.nan_to_num_(0.0).round_().clamp_(0, self.cells - 1).long().unbind(-1)
        return column * self.cells + row


def descend(gradient: Callable[[Tensor], Tensor], x: Tensor, longest: float, steps: int) -> Tensor:
    """Steepest descent from x (N, 2) by steps −rate·∇U no longer than `longest`; stops early once all have converged.

    The rate of each point is 1/curvature along its last step (Barzilai and Borwein, IMA J. Numer. Anal. 8 (1988)
    141): small in narrow valleys, large in wide ones.
    """
    g, rate = gradient(x), math.inf * torch.ones_like(x[:, :1])
    for _ in range(steps):
        checkpoint()
        step = g * torch.minimum(longest / g.norm(dim=-1, keepdim=True), rate)
        # A point where the gradient is not finite does not move.
        step.nan_to_num_(0.0, 0.0, 0.0)
        if bool((step.abs() < 1e-3 * longest).all()):
            break
        x, before = x - step, g
        g = gradient(x)
        change = (step * (before - g)).sum(-1, keepdim=True)
        rate = torch.where(change > 0, step.square().sum(-1, keepdim=True) / change, math.inf)
    return x
