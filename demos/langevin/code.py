"""The lines of Python that give a page's very picture from a plain prompt."""

from __future__ import annotations

from demos.langevin.config import FORMULA, LangevinConfig, options_of


def code(config: LangevinConfig) -> str:
    """First the solver itself, in full; then the same through the demo, with its checks."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in config.changed().items())
    if config.potential == FORMULA:
        landscape = (
            f"from demos.landscapes.formula import formula_landscape\n\nU = formula_landscape({config.formula!r})"
        )
    else:
        landscape = f"from demos.landscapes import LANDSCAPES\n\nU = LANDSCAPES[{config.potential!r}]"
    cooling = "" if config.schedule == "constant" else "from demos.langevin.simulate import schedule_of\n"
    temperature = repr(config.temperature) if config.schedule == "constant" else "schedule_of(config)"
    options = "".join(f", {name}={value!r}" for name, value in options_of(config.method, config).items())
    underdamped = "" if config.friction == config.mass == 1 else f", friction={config.friction!r}, mass={config.mass!r}"
    return f"""import torch
from demos.gradient_flow import GradientFlow, solve
from demos.langevin.config import LangevinConfig
from demos.langevin.run import run
from demos.langevin.simulate import start_of
{cooling}{landscape}
config = LangevinConfig({arguments})
flow = GradientFlow(U.energy, U.gradient, temperature={temperature}{underdamped})
times = torch.arange({config.steps} + 1, dtype=torch.float64) * {config.step!r}
path = solve(flow, start_of(config), times, {config.method!r}, seed={config.seed}{options})
print(path.status, path.states.shape)

result = run(config)  # the picture of the page, with its checks
for check in result.checks:
    print(check.name, check.measured, check.exact, check.agrees)
"""
