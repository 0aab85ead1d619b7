"""The effect of the step size on a mean at a finite time, where only the density in continuous time is known.

It is estimated from two paths of the same Brownian motion, with steps h and 2h. Euler–Maruyama and similar methods are
of weak order 1: ⟨f⟩ with 2h differs from ⟨f⟩ with h by as much as the latter from continuous time (Talay & Tubaro,
Stoch. Anal. Appl. 8 (1990) 483). The common noise nearly cancels in the difference. Leimkuhler–Matthews has its own
paths; other methods use Euler's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.landscapes import Landscape

PARTICLES = 4_000
MOST_STEPS = 4_000


@dataclass(frozen=True)
class StepError:
    """fine, coarse (M, 2): the ends of the paths of each particle with steps h and 2h."""

    fine: Tensor
    coarse: Tensor

    def shift(self, function: Callable[[Tensor], Tensor]) -> tuple[float, float]:
        """The change of ⟨f⟩ by the step, f: (M, 2) -> (M,), to first order, and its standard error."""
        difference = (function(self.coarse) - function(self.fine)).to(torch.float64)
        return float(difference.mean()), float(difference.std() / sqrt(len(difference)))


def step_error(
    landscape: Landscape,
    method: str,
    start: Tensor,
    temperature: Callable[[float], float],
    h: float,
    steps: int,
    seed: int,
) -> StepError | None:
    """The paths from the first particles of a start (N, 2), over an even number of steps; None where that takes too
    long, or a path diverges."""
    if steps > MOST_STEPS or steps < 2:
        return None
    fine, coarse = start[:PARTICLES].clone(), start[:PARTICLES].clone()
    random = torch.Generator().manual_seed(seed + 1)
    smooth = method == "leimkuhler_matthews"

    def move(x: Tensor, t: float, step: float, now: Tensor, after: Tensor) -> Tensor:
        noise = (now + after) / 2 if smooth else now
        return x - step * landscape.gradient(x) + sqrt(2 * temperature(t) * step) * noise

    now = torch.randn((2, *fine.shape), generator=random, dtype=fine.dtype)
    for n in range(0, steps - 1, 2):
        after = torch.randn((2, *fine.shape), generator=random, dtype=fine.dtype)
        fine = move(fine, n * h, h, now[0], now[1])
        fine = move(fine, (n + 1) * h, h, now[1], after[0])
        coarse = move(coarse, n * h, 2 * h, now.sum(0) / sqrt(2), after.sum(0) / sqrt(2))
        now = after
        if n % 64 == 0:
            checkpoint()
    if not bool(fine.isfinite().all() & coarse.isfinite().all()):
        return None
    return StepError(fine.to(torch.float64), coarse.to(torch.float64))
