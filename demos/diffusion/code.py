"""The lines of Python that give a page's very picture from a plain prompt."""

from __future__ import annotations

from demos.diffusion.config import DiffusionConfig
from demos.diffusion.samplers import FRAMES

METHOD = {
    "ddim": "euler",
    "heun": "edm_heun",
    "churn": "edm_heun",
    "dpmpp_2m": "dpm_solver_2m",
    "ancestral": "ancestral",
    "predictor_corrector": "predictor_corrector",
}  # of those that go by noise levels
RATE = {"ancestral": "s.plan.eta**2", "predictor_corrector": "1.0"}  # λ, else 0
OPTIONS = {
    "churn": ", noise_scale=s.plan.noise_scale",
    "predictor_corrector": ",\n             corrections=s.plan.corrections, snr=s.plan.snr",
}


def code(config: DiffusionConfig) -> str:
    """First the config's sampler as one call of the solver; then all of it through the demo, with its checks."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in config.changed().items())
    names, lines = _solver(config)
    first = "import numpy as np\n\n" if "np." in lines else ""
    grids = "from demos.diffusion.grids import karras\n" if "karras(" in lines else ""
    samplers = "from demos.diffusion.samplers import SAMPLERS\n" if "SAMPLERS" in lines else ""
    return f"""{first}from demos.diffusion.config import DiffusionConfig
from demos.diffusion.flows import {names}
{grids}from demos.diffusion.run import run
{samplers}from demos.diffusion.simulate import setup
from demos.gradient_flow import solve

config = DiffusionConfig({arguments})
s = setup(config)  # the data, its score, the noise to start from, the plan of noise levels
{lines}
print(path.status, path.evaluations, end.shape)

result = run(config)  # the picture of the page, with its checks
for check in result.checks:
    print(check.name, check.measured, check.exact, check.agrees)
"""


def _solver(config: DiffusionConfig) -> tuple[str, str]:
    """What to import from `flows`, and the lines from the setup `s` to the points `end` (N, 2)."""
    name, denoise = config.sampler, config.last == "denoise"
    least = 1 if name in METHOD and denoise else 2
    levels = f'levels = s.plan.levels(max({least}, SAMPLERS["{name}"].steps(config.evaluations, s.plan)))'
    if name in METHOD:
        names, rate = "level_times, reverse_flow", RATE.get(name, "0.0")
        if name == "churn":
            names = "churned, " + names
            whole = "levels" if denoise else "[*levels, 0.0]"  # churn counts the step to 0, also where it is not taken
            rate = f"churned(np.array({whole}), s.plan.churn)"
        return (
            names,
            f'''{levels}
# dx = -(1 + λ)σ∇E dt + √(2λσ) dW, E = -log p_σ, t = σ_max - σ
flow = reverse_flow(s.model, float(levels[0]), {rate})
path = solve(flow, s.start, level_times(levels), "{METHOD[name]}", seed=s.plan.seed{OPTIONS.get(name, "")})
end = path.states[-1]''',
        )
    last = "\nend = s.model.denoiser(end, s.plan.low)  # the last step, to σ = 0" if denoise else ""
    if name == "dopri5":
        return (
            "level_times, reverse_flow",
            f"""# where frames are kept; the method chooses its own steps
levels = karras(s.plan.high, s.plan.low, {FRAMES}, 7.0)
flow = reverse_flow(s.model, s.plan.high)  # dx = -σ∇E dt, E = -log p_σ
path = solve(flow, s.start, level_times(levels), "dopri5", record=len(levels), rtol=s.plan.tolerance,
             atol=s.plan.tolerance * s.model.sigma_data)
end = path.states[-1]{last}""",
        )
    body = "levels = levels[:-1]  # to σ_min; the denoiser takes the last step\n" if denoise else ""
    if name == "annealed":
        return (
            "annealed_langevin",
            f"""{levels}
{body}annealing = annealed_langevin(s.model, levels, s.plan.langevin_steps, s.plan.langevin_size)
path = solve(annealing.flow, s.start, annealing.times, "euler", seed=s.plan.seed)  # Langevin at each level in turn
end = path.states[-1]{last}""",
        )
    rate = "s.plan.stochasticity" if name == "sde" else "0.0"
    return (
        "native_flow, native_times",
        f"""{levels}
{body}process = s.plan.process
scale = [process.scale(process.time(float(sigma))) for sigma in levels]  # y = scale x
# in the process's own coordinates y and time
flow = native_flow(s.model, process, float(levels[0]), {rate})
path = solve(flow, s.start * scale[0], native_times(process, levels), "euler", seed=s.plan.seed)
end = path.states[-1] / scale[-1]{last}""",
    )
