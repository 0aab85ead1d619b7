"""The training of a network: its weights at some iterations, denser at the start, and quantities computed from them."""

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
GAUSS = 20  # quadrature points a side in training; the checks use more
DIVERGED = 1e3  # an energy above this means that the network has diverged


@dataclass(frozen=True)
class Learning:
    """weights (F, P) after iterations (F,), until they diverge; diverged_at: the first observed iteration whose energy
    is above `DIVERGED`, else None."""

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
    frames = np.arange(good) if good > 1 else np.array([0, 0])  # if it diverges at once: its start, twice
    return Learning(model, weights[frames], due[frames], path.status, diverged_at)


def stability(config: DeepRitzConfig, run: Learning) -> tuple[float | None, str]:
    """The stability limit of the method's step at the end of the path (None without one), and its formula."""
    row = METHODS[config.method]
    if row.limit is None:
        return None, ""
    return row.step_limit(largest_curvature(run.model.gradient, run.weights[-1:], 0.0)), row.limit_formula
