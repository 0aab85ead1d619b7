"""The lines of Python that give a page's very picture from a plain prompt."""

from __future__ import annotations

from demos.contract.reproduce import RUN, arguments_of
from demos.networks.training.config import TrainingConfig


def code(config: TrainingConfig) -> str:
    """First the doctor's report; then the demo, with its checks."""
    return f"""from demos.networks.training.config import TrainingConfig
from demos.networks.training.run import run
from demos.networks.training.train import train

config = TrainingConfig({arguments_of(config)})
print(train(config.replace(beside="none")).report)  # the doctor's findings

{RUN}"""
