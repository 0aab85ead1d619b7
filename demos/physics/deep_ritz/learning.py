"""A network that learns: its weights at a few iterations, more of them at the start, and what it then gives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress
from demos.gradient_flow import METHODS, Status, solve
from demos.gradient_flow.derivatives import largest_curvature
from demos.physics.deep_ritz.config import DeepRitzConfig
from demos.physics.deep_ritz.model import DeepRitz
from demos.physics.deep_ritz.reference import exact_centre, exact_energy

FRAMES, PAIRS = 64, 30
GAUSS = 20  # points a side while it learns; the checks integrate with more
DIVERGED = 1e3  # energies beyond are those of a network that has diverged


@dataclass(frozen=True)
class Learning:
    """weights (F, P) after iterations (F,), up to where they diverge; diverged_at: the first iteration that is known to
    be beyond `DIVERGED`, None where there is none."""

    model: DeepRitz
    weights: Tensor
    iterations: np.ndarray
    status: Status
    diverged_at: int | None

    @cached_property
    def energies(self) -> np.ndarray:
        """(F,)"""
        return np.array([float(self.model.energy(w[None])) for w in self.weights])

    @cached_property
    def gaps(self) -> np.ndarray:
        """(F,) E − E*"""
        return self.energies - exact_energy()

    @cached_property
    def gradient_norms(self) -> np.ndarray:
        """(F,) ‖∇E‖ over all weights"""
        return np.array([float(self.model.gradient(w[None]).norm()) for w in self.weights])

    @cached_property
    def centre_errors(self) -> np.ndarray:
        """(F,) |u(½, ½) − exact|"""
        return np.abs(self.model.centre(self.weights).numpy() - exact_centre())

    @property
    def best(self) -> int:
        """The frame of the lowest energy, which is the one nearest to the solution."""
        return int(self.energies.argmin())


def learn(config: DeepRitzConfig, progress: Progress | None = None) -> Learning:
    """Minimize the Dirichlet energy of one network."""
    model, count = DeepRitz(config.width, GAUSS), config.iterations
    system = model.system()
    due = np.unique(np.rint(count * np.linspace(0, 1, FRAMES) ** 2).astype(int))
    recorded: list[Tensor] = []
    iteration = -1

    def observe(x: Tensor, t: float) -> float:
        nonlocal iteration
        iteration += 1
        if len(recorded) < len(due) and iteration == due[len(recorded)]:
            recorded.append(x[0].clone())
        return 0.0

    options = {"pairs": PAIRS, "newton": 0.0} if config.method == "lbfgs" else {}
    path = solve(
        system.flow(),
        system.start("random", config.seed),
        np.arange(count + 1) * config.step,
        config.method,
        record="steps",
        observe=observe,
        progress=progress,
        **options,
    )
    weights = torch.stack(recorded)
    energies = torch.cat([model.energy(w[None]) for w in weights]).abs()
    good = int((torch.isfinite(energies) & (energies < DIVERGED)).long().cumprod(0).sum())
    diverged_at = None
    if good < len(due) and path.status.kind != "cancelled":
        diverged_at = int(due[min(good, len(recorded) - 1)])
    frames = np.arange(good) if good > 1 else np.array([0, 0])  # one that diverges at once: its start, standing still
    return Learning(model, weights[frames], due[frames], path.status, diverged_at)


def stability(config: DeepRitzConfig, run: Learning) -> tuple[float | None, str]:
    """The stability limit of the method where the path ended, and its formula; None where it has none."""
    row = METHODS[config.method]
    if row.limit is None:
        return None, ""
    return row.step_limit(largest_curvature(run.model.gradient, run.weights[-1:], 0.0)), row.limit_formula
