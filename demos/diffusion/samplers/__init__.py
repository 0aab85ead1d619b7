"""The samplers. Each is a gradient flow, a method of `solve` and a grid of noise levels; `solve` makes the steps.

All start from the same noise x at σ_max and count their evaluations of the denoiser exactly. `solve` integrates over
the noise level (or the process's time); where a method cannot step to σ = 0, the last step is the denoiser, which is
Euler's step of the probability-flow ODE from σ_min to 0.

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
    """Integrate `start` (N, 2), noise at σ = plan.high, down to the data with at most `evaluations` evaluations.

    name: a key of SAMPLERS; record: most recorded states. With fewer evaluations than one step needs, the sampler makes
    its least number of steps; an adaptive method makes as many as its tolerance needs. Raises ValueError for an unknown
    name.
    """
    if name not in SAMPLERS:
        raise ValueError(f"sampler = {name!r} is not one of: {', '.join(SAMPLERS)}.")
    sampler = SAMPLERS[name]
    path = sampler.run(model, start, plan, sampler.steps(evaluations, plan), record, progress)
    return replace(path, sampler=name)
