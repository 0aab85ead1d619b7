"""The Python code that a page shows: run at a prompt, it reproduces the page's picture."""

from __future__ import annotations

from demos.contract.reproduce import RUN, arguments_of
from demos.networks.training.config import TrainingConfig


def code(config: TrainingConfig) -> str:
    """Two programs: the monitor's report, and the whole run by `run(config)` with its checks."""
    return f"""from demos.networks.training.config import TrainingConfig
from demos.networks.training.run import run
from demos.networks.training.train import train

config = TrainingConfig({arguments_of(config)})
print(train(config.replace(beside="none")).report)  # the doctor's findings

{RUN}"""
