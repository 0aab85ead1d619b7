"""Every sampler as a flow, a method of `solve` and a grid; nothing here steps by itself.

All of them start from the same noise x at σ_max and count their evaluations of the denoiser exactly. `solve` follows
the noise level (or the process's own time); where a method does not end at σ = 0 by its own rule, the last step is the
denoiser: Euler's step of the probability-flow ODE from σ_min to 0.

A new sampler is one row of `SAMPLERS`: see `Sampler`.
"""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from demos.common.progress import Progress
from demos.diffusion.models import Model
from demos.diffusion.plan import Plan, Sampled
from demos.diffusion.samplers.adaptive import DORMAND_PRINCE
from demos.diffusion.samplers.annealed import ANNEALED
from demos.diffusion.samplers.noise_levels import ANCESTRAL, CHURN, EULER, HEUN, MULTISTEP, PREDICTOR_CORRECTOR
from demos.diffusion.samplers.process_time import ODE, SDE
from demos.diffusion.samplers.sampler import FRAMES, Sampler

__all__ = ["FRAMES", "SAMPLERS", "Plan", "Sampled", "Sampler", "sample"]

SAMPLERS: dict[str, Sampler] = {
    sampler.name: sampler
    for sampler in (
        EULER,
        HEUN,
        MULTISTEP,
        DORMAND_PRINCE,
        ODE,
        SDE,
        ANCESTRAL,
        CHURN,
        PREDICTOR_CORRECTOR,
        ANNEALED,
    )
}


def sample(
    name: str,
    model: Model,
    start: Tensor,
    plan: Plan,
    evaluations: int,
    record: int = FRAMES,
    progress: Progress | None = None,
) -> Sampled:
    """Follow `start` (N, 2), noise at σ = plan.high, down to the data with at most so many evaluations of the model.

    The least number of steps is taken where fewer evaluations are given than one step needs; an adaptive method takes
    what its tolerance asks for. Raises ValueError for an unknown name.
    """
    if name not in SAMPLERS:
        raise ValueError(f"sampler = {name!r} is not one of: {', '.join(SAMPLERS)}.")
    sampler = SAMPLERS[name]
    path = sampler.run(model, start, plan, sampler.steps(evaluations, plan), record, progress)
    return replace(path, sampler=name)
