"""The probability-flow ODE with error control: Dormand and Prince's method chooses its own steps."""

from __future__ import annotations

import math
from typing import Any

from demos.diffusion import flows, gaussian
from demos.diffusion.grids import karras
from demos.diffusion.samplers.sampler import (
    FRAMES,
    WARP,
    Code,
    Sampler,
    denoised,
    denoiser_line,
    falling_levels,
    sampled,
)
from demos.gradient_flow import METHODS, solve

EVALUATIONS = 190  # most evaluations of a path over the range USUAL at a tolerance of 10⁻³
USUAL = 5e3  # the default of σ_max/σ_min
LEAST_ERROR = (
    1e-4  # as in Hairer's code: at a loose tolerance the first errors are rounding, which must not choose steps
)


def _run(model, start, plan, steps, record, progress):
    grid = karras(plan.high, plan.low, record, WARP)  # the recorded levels; the method chooses its steps itself
    path = solve(
        flows.reverse_flow(model, plan.high),
        start,
        flows.level_times(grid),
        "dopri5",
        record=record,
        progress=progress,
        rtol=plan.tolerance,
        atol=plan.tolerance * model.sigma_data,
        least_error=LEAST_ERROR,
    )
    return denoised(sampled(falling_levels(path, plan.high), path), model, plan)


def _code(name: str, denoise: bool) -> Code:
    return Code(
        "level_times, reverse_flow",
        f"""# where frames are kept; the method chooses its own steps
levels = karras(s.plan.high, s.plan.low, {FRAMES}, 7.0)
flow = reverse_flow(s.model, s.plan.high)  # dx = -σ∇E dt, E = -log p_σ
path = solve(flow, s.start, level_times(levels), "dopri5", record=len(levels), rtol=s.plan.tolerance,
             atol=s.plan.tolerance * s.model.sigma_data, least_error={LEAST_ERROR:g})
end = path.states[-1]{denoiser_line(denoise)}""",
    )


def _spent(evaluations: int, config: Any) -> int:
    """An estimate of the evaluations: 21 to 460 by tolerance and range, 1,300 for a perturbed score."""
    wide = math.log(config.sigma_max / config.sigma_min) / math.log(USUAL)
    if config.process in ("vp", "subvp"):
        wide = 1 + config.beta_max / 25
    strict = max(1.0, 1e-3 / config.tolerance) ** (1 / 12)
    return math.ceil(EVALUATIONS * max(1.0, wide) * strict * (1 + config.score_error))


DORMAND_PRINCE = Sampler(
    "dopri5",
    "Dormand–Prince",
    "The probability-flow ODE with error control.",
    METHODS["dopri5"],
    color=2,
    stochastic=False,
    steps=lambda evaluations, plan: 0,
    run=_run,
    code=_code,
    linear_map=gaussian.adaptive,
    spent=_spent,
)
