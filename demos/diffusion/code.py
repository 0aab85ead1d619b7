"""The lines of Python that give a page's very picture from a plain prompt."""

from __future__ import annotations

from demos.diffusion.config import DiffusionConfig


def code(config: DiffusionConfig) -> str:
    """First the sampler as one call of the solver; then the same through the demo, with its checks."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in config.changed().items())
    return f'''from demos.diffusion.config import DiffusionConfig
from demos.diffusion.flows import level_times, reverse_flow
from demos.diffusion.run import run
from demos.diffusion.simulate import setup
from demos.gradient_flow import solve

config = DiffusionConfig({arguments})
s = setup(config)  # the data, its score, the noise to start from, the grid of noise levels
levels = s.plan.levels(18)
flow = reverse_flow(s.model, s.plan.high, stochasticity=0.0)  # dx = -σ∇E dt, E = -log p_σ, t = σ_max - σ
path = solve(flow, s.start, level_times(levels), "edm_heun", seed=config.seed)
print(path.status, path.evaluations, path.states.shape)

result = run(config)  # the picture of the page, with its checks
for check in result.checks:
    print(check.name, check.measured, check.exact, check.agrees)
'''
