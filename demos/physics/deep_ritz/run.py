"""A network on its way: weights at a few iterations, more of them at the start, and what the network then says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import METHODS, Status, solve
from demos.gradient_flow.derivatives import largest_curvature
from demos.physics.config import EnergyConfig
from demos.physics.deep_ritz.model import DeepRitz

FRAMES, PAIRS = 64, 30
GAUSS = 20  # points a side while it learns; the checks integrate with more
WILD = 1e3  # energies beyond are of networks that are lost


@dataclass(frozen=True)
class Learning:
    """weights (F, P) after iterations (F,), as far as they make sense; lost: the first at which they do not."""

    net: DeepRitz
    weights: Tensor
    iterations: np.ndarray
    status: Status
    lost: int | None

    @cached_property
    def energies(self) -> np.ndarray:
        """(F,)"""
        return np.array([float(self.net.energy(w[None])) for w in self.weights])

    @cached_property
    def forces(self) -> np.ndarray:
        """(F,) ‖∇E‖ over all weights"""
        return np.array([float(self.net.gradient(w[None]).norm()) for w in self.weights])

    @cached_property
    def centres(self) -> np.ndarray:
        """(F,) u(½, ½)"""
        return self.net.centre(self.weights).numpy()

    @property
    def best(self) -> int:
        """The frame of the lowest energy, which is the one nearest to the solution."""
        return int(self.energies.argmin())


def learn(config: EnergyConfig, progress: Progress | None = None) -> Learning:
    net, count = DeepRitz(config.width, GAUSS), config.iterations
    due = np.unique(np.rint(count * np.linspace(0, 1, FRAMES) ** 2).astype(int))
    kept: list[Tensor] = []
    seen = -1

    def observe(x: Tensor, t: float) -> float:
        nonlocal seen
        seen += 1
        if len(kept) < len(due) and seen == due[len(kept)]:
            kept.append(x[0].clone())
        return 0.0

    options = {"pairs": PAIRS, "newton": 0.0} if config.method == "lbfgs" else {}
    path = solve(
        net.system().flow(),
        net.system().start(config.start, config.seed),
        np.arange(count + 1) * config.step,
        config.method,
        record="steps",
        observe=observe,
        progress=progress,
        **options,
    )
    weights = torch.stack(kept)
    energies = torch.cat([net.energy(w[None]) for w in weights]).abs()
    good = int((torch.isfinite(energies) & (energies < WILD)).long().cumprod(0).sum())
    lost = None if good == len(due) or path.status.kind == "cancelled" else int(due[min(good, len(kept) - 1)])
    shown = np.arange(good) if good > 1 else np.array([0, 0])  # of one that is lost at once: its start, standing still
    return Learning(net, weights[shown], due[shown], path.status, lost)


def stability(config: EnergyConfig, run: Learning) -> tuple[float | None, str]:
    """The stability limit of the method where the path ended, and its formula; None where it has none."""
    row = METHODS[config.method]
    if row.limit is None:
        return None, ""
    return row.step_limit(largest_curvature(run.net.gradient, run.weights[-1:], 0.0)), row.limit_formula
