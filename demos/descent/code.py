"""The Python code shown on the page, which reproduces its picture."""

from __future__ import annotations

from demos.contract.reproduce import RUN, arguments_of
from demos.descent.config import DescentConfig
from demos.descent.surfaces import FORMULA, SHARED


def code(config: DescentConfig) -> str:
    """Code for this config: first a direct call of the solver, then the run of the demo with its checks."""
    if config.surface == FORMULA:
        surface = f"from demos.landscapes.formula import formula_landscape\n\nE = formula_landscape({config.formula!r})"
    elif config.surface == "quadratic":
        surface = (
            "from demos.landscapes.test_functions import quadratic\n\n"
            f"E = quadratic(condition={config.condition!r}, angle={config.angle!r})"
        )
    elif config.surface in SHARED:
        surface = f"from demos.landscapes import LANDSCAPES\n\nE = LANDSCAPES[{config.surface!r}]"
    else:
        surface = (
            f"from demos.landscapes.test_functions import TEST_FUNCTIONS\n\nE = TEST_FUNCTIONS[{config.surface!r}]"
        )
    runs = []
    for method, steps in config.planned_steps.items():
        options = "".join(f", {name}={value!r}" for name, value in config.options_of(method).items())
        runs.append(
            f"times = torch.arange({steps} + 1, dtype=torch.float64) * {config.rate(method)!r}\n"
            f"path = solve(flow, setup.starts, times, {method!r}, record={steps} + 1, rtol=1e-12{options})\n"
            f"print({method!r}, path.status, path.states[-1, 0].tolist())"
        )
    lines = "\n".join(runs)
    return f"""import torch
from demos.gradient_flow import GradientFlow, solve
from demos.descent.config import DescentConfig
from demos.descent.run import run
from demos.descent.setup import Setup
{surface}
config = DescentConfig({arguments_of(config)})
setup = Setup.of(config)
flow = GradientFlow(E.energy, E.gradient, hessian=E.hessian)
{lines}

{RUN}"""
