"""The Python code that a page shows: run at a prompt, it reproduces the page's picture."""

from __future__ import annotations

from demos.contract.reproduce import RUN, arguments_of
from demos.langevin.config import LangevinConfig
from demos.langevin.potentials import FORMULA


def code(config: LangevinConfig) -> str:
    """Two programs: the call of `solve` in full, and the whole run by `run(config)` with its checks."""
    if config.potential == FORMULA:
        landscape = (
            f"from demos.landscapes.formula import formula_landscape\n\nU = formula_landscape({config.formula!r})"
        )
    else:
        landscape = f"from demos.landscapes import LANDSCAPES\n\nU = LANDSCAPES[{config.potential!r}]"
    temperature = repr(config.temperature) if config.schedule == "constant" else "setup.temperature"
    options = "".join(f", {name}={value!r}" for name, value in config.options_of(config.method).items())
    underdamped = "" if config.friction == config.mass == 1 else f", friction={config.friction!r}, mass={config.mass!r}"
    return f"""import torch
from demos.gradient_flow import GradientFlow, solve
from demos.langevin.config import LangevinConfig
from demos.langevin.run import run
from demos.langevin.setup import Setup
{landscape}
config = LangevinConfig({arguments_of(config)})
setup = Setup.of(config)
flow = GradientFlow(U.energy, U.gradient, temperature={temperature}{underdamped})
times = torch.arange({config.steps} + 1, dtype=torch.float64) * {config.step!r}
path = solve(flow, setup.start, times, {config.method!r}, seed={config.seed}{options})
print(path.status, path.states.shape)

{RUN}"""
