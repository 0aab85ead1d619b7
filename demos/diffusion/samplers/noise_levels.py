"""The samplers that step in the noise level; their methods can make the last step to σ = 0 themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from demos.diffusion import flows, gaussian
from demos.diffusion.plan import Plan
from demos.diffusion.samplers.sampler import (
    Code,
    Sampler,
    falling_levels,
    levels_line,
    one_evaluation,
    sampled,
    two_evaluations,
)
from demos.gradient_flow import METHODS, solve

NO_NOISE = lambda plan, grid: 0.0


def _run(
    method: str,
    rate: Callable[[Plan, np.ndarray], flows.Stochasticity] = NO_NOISE,
    options: Callable[[Plan], Mapping[str, Any]] = lambda plan: {},
) -> Callable:
    """The `run` of a `Sampler` for a method of `solve`; rate: (plan, levels) -> the stochasticity λ."""

    def run(model, start, plan, steps, record, progress):
        grid = plan.levels(max(steps, 1 if plan.denoise else 2))
        path = solve(
            flows.reverse_flow(model, float(grid[0]), rate(plan, grid)),
            start,
            flows.level_times(grid),
            method,
            seed=plan.seed,
            record=min(record, len(grid)),
            progress=progress,
            **options(plan),
        )
        return sampled(falling_levels(path, grid[0]), path)

    return run


def _code(method: str, rate: str = "0.0", options: str = "") -> Callable[[str, bool], Code]:
    """The `code` of a `Sampler` that `_run` runs, with rate and options as text."""

    def code(name: str, denoise: bool) -> Code:
        return Code(
            "level_times, reverse_flow",
            f'''{levels_line(name, 1 if denoise else 2)}
# dx = -(1 + λ)σ∇E dt + √(2λσ) dW, E = -log p_σ, t = σ_max - σ
flow = reverse_flow(s.model, float(levels[0]), {rate})
path = solve(flow, s.start, level_times(levels), "{method}", seed=s.plan.seed{options})
end = path.states[-1]''',
        )

    return code


def _churned(plan: Plan, grid: np.ndarray) -> flows.Stochasticity:
    whole = grid if grid[-1] == 0 else np.append(grid, 0.0)  # N of churn counts the step to 0 even if it is not made
    return flows.churned(whole, plan.churn, plan.churn_low, plan.churn_high)


def _churn_code(name: str, denoise: bool) -> Code:
    whole = "levels" if denoise else "[*levels, 0.0]"
    rate = f"churned(np.array({whole}), s.plan.churn)"
    code = _code("edm_heun", rate, ", noise_scale=s.plan.noise_scale")(name, denoise)
    return Code("churned, " + code.imports, code.lines)


EULER = Sampler(
    "ddim",
    "Euler = DDIM",
    "The probability-flow ODE, Euler's steps in σ.",
    METHODS["euler"],
    color=0,
    stochastic=False,
    steps=one_evaluation,
    run=_run("euler"),
    code=_code("euler"),
    linear_map=gaussian.euler,
)
HEUN = Sampler(
    "heun",
    "Heun (EDM)",
    "The probability-flow ODE, second order, two evaluations a step.",
    METHODS["edm_heun"],
    color=4,
    stochastic=False,
    steps=two_evaluations,
    run=_run("edm_heun"),
    code=_code("edm_heun"),
    linear_map=gaussian.heun,
)
MULTISTEP = Sampler(
    "dpmpp_2m",
    "DPM-Solver++(2M)",
    "The probability-flow ODE in log σ, second order, one evaluation each.",
    METHODS["dpm_solver_2m"],
    color=1,
    stochastic=False,
    steps=one_evaluation,
    run=_run("dpm_solver_2m"),
    code=_code("dpm_solver_2m"),
    linear_map=gaussian.multistep,
)
ANCESTRAL = Sampler(
    "ancestral",
    "Ancestral (η)",
    "Down by Euler to σ↓, up again by fresh noise σ↑.",
    METHODS["ancestral"],
    color=6,
    stochastic=True,
    steps=one_evaluation,
    run=_run("ancestral", lambda plan, grid: plan.eta**2),
    code=_code("ancestral", "s.plan.eta**2"),
    linear_map=gaussian.ancestral,
)
CHURN = Sampler(
    "churn",
    "Heun with churn",
    "Before each step of Heun a little noise is added back.",
    METHODS["edm_heun"],
    color=5,
    stochastic=True,
    steps=two_evaluations,
    run=_run("edm_heun", _churned, lambda plan: {"noise_scale": plan.noise_scale}),
    code=_churn_code,
    linear_map=gaussian.churn,
)
PREDICTOR_CORRECTOR = Sampler(
    "predictor_corrector",
    "Predictor–corrector",
    "Langevin corrections at each level, then ancestral.",
    METHODS["predictor_corrector"],
    color=2,
    stochastic=True,
    steps=lambda evaluations, plan: max(1, evaluations // (plan.corrections + 1)),
    run=_run(
        "predictor_corrector",
        lambda plan, grid: 1.0,
        lambda plan: {"corrections": plan.corrections, "snr": plan.snr},
    ),
    code=_code("predictor_corrector", "1.0", ",\n             corrections=s.plan.corrections, snr=s.plan.snr"),
    linear_map=None,
    spent=lambda evaluations, config: max(evaluations, config.corrections + 1),
)
