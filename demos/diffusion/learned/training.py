"""Config and result of a training: network, loss curve, snapshots. The training itself is in `trainer`."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd
from torch import Tensor

from demos.diffusion.learned import denoising, flow_matching
from demos.diffusion.learned.network import Network
from demos.diffusion.models import FromDenoiser

OBJECTIVES: dict[str, str] = {
    "learned": "Denoising score matching",
    "flow": "Flow matching",
    "flow_ot": "Flow matching, OT pairs",
}


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    steps, batch: number of steps and points of each; noise_mean, noise_spread: mean and standard deviation of
    ln(σ/σ_d); unasked: the share of a batch trained without classes, where the data have classes; averaging: the
    average of the weights gives step i a weight proportional to i^averaging."""

    objective: str = "learned"
    steps: int = 2_000
    batch: int = 512
    rate: float = 8e-3
    noise_mean: float = -1.5
    noise_spread: float = 1.5
    unasked: float = 0.75
    averaging: float = 8.0
    width: int = 128
    layers: int = 3
    waves: int = 64
    bandwidth: float = 3.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.objective not in OBJECTIVES:
            raise ValueError(f"objective = {self.objective!r} is not one of: {', '.join(OBJECTIVES)}.")
        for name, low, high in (
            ("steps", 1, 10**6),
            ("batch", 2, 10**5),
            ("width", 1, 1024),
            ("layers", 1, 16),
            ("waves", 0, 1024),
            ("rate", 1e-6, 1.0),
            ("noise_spread", 1e-3, 10.0),
            ("unasked", 0.0, 1.0),
            ("averaging", 0.0, 1e3),
        ):
            if not low <= (value := getattr(self, name)) <= high:
                raise ValueError(f"{name} = {value} is out of range; allowed is {low:,g} to {high:,g}.")


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Samples by the averaged weights after some steps, from a fixed noise.

    cloud (n, 2): the samples; losses: the loss curve until then, as in `Training`.
    """

    step: int
    loss: float
    cloud: Tensor
    losses: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Training:
    """losses: columns step, loss, rate; finished: false where it was cancelled; the network is then that of the last
    step."""

    config: TrainingConfig
    network: Network
    losses: pd.DataFrame
    snapshots: tuple[Snapshot, ...] = field(default=())
    finished: bool = True

    @property
    def model(self) -> FromDenoiser:
        return model_of(self.network, self.config.objective)


def model_of(network: Network, objective: str) -> FromDenoiser:
    """The network as a `Model`: a denoiser, or a velocity converted to a denoiser, by the objective."""
    if objective == "learned":
        return denoising.LearnedDenoiser(network)
    return flow_matching.LearnedFlow(network, matched=objective == "flow_ot")
