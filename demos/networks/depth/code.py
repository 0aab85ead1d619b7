"""The Python code that a page shows: run at a prompt, it reproduces the page's picture."""

from __future__ import annotations

from demos.contract.reproduce import RUN, arguments_of
from demos.networks.depth.config import DepthConfig


def code(config: DepthConfig) -> str:
    """Two programs: the call of `predict`, and the whole run by `run(config)` with its checks."""
    arguments = [repr(config.depth), repr(config.width), *map(repr, (config.activation, config.init))]
    arguments += [repr(config.normalization), repr(config.skip), f"gain={config.gain!r}"]
    arguments += [f"batch={config.batch!r}"] if config.normalization == "batch" else []
    return f"""from demos.networks import predict
from demos.networks.depth.config import DepthConfig
from demos.networks.depth.run import run

prediction = predict({", ".join(arguments)})
print(prediction.decay, prediction.multiplier)  # log10 |dL/dz_1| / |dL/dz_L|, and what each layer multiplies by

config = DepthConfig({arguments_of(config)})
{RUN}"""
