"""The Python code that a page shows: run at a prompt, it reproduces the page's picture."""

from __future__ import annotations

from demos.contract.reproduce import RUN, arguments_of
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.samplers import SAMPLERS


def code(config: DiffusionConfig) -> str:
    """Two programs: the config's sampler as one call of `solve`, and the whole run by `run(config)` with its checks."""
    found = SAMPLERS[config.sampler].code(config.sampler, config.last == "denoise")
    first = "import numpy as np\n\n" if "np." in found.lines else ""
    grids = "from demos.diffusion.grids import karras\n" if "karras(" in found.lines else ""
    samplers = "from demos.diffusion.samplers import SAMPLERS\n" if "SAMPLERS" in found.lines else ""
    return f"""{first}from demos.diffusion.config import DiffusionConfig
from demos.diffusion.flows import {found.imports}
{grids}from demos.diffusion.run import run
{samplers}from demos.diffusion.setup import setup
from demos.gradient_flow import solve

config = DiffusionConfig({arguments_of(config)})
s = setup(config)  # the data, its score, the noise to start from, the plan of noise levels
{found.lines}
print(path.status, path.evaluations, end.shape)

{RUN}"""
