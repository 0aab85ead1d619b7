"""Trained weights on disk: safetensors in float16, described by the file's metadata.

A file holds the tensors of `network.initial_weights` and, as JSON in its metadata, the name of the data, the training
config, the mean and spread of the data, and the measured quality.
`python -m demos.diffusion.learned.train_all` writes them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from demos.diffusion.learned.network import Network, classes_of
from demos.diffusion.learned.training import TrainingConfig, model_of
from demos.diffusion.models import FromDenoiser

FOLDER = Path(__file__).parent / "weights"


@dataclass(frozen=True, eq=False)
class Shipped:
    """One file of weights: the data it was trained on, the training config, and the measured quality."""

    data: str
    config: TrainingConfig
    network: Network
    metrics: dict[str, Any]

    @property
    def model(self) -> FromDenoiser:
        return model_of(self.network, self.config.objective)


def path_of(data: str, objective: str, folder: Path = FOLDER) -> Path:
    return folder / f"{data}-{objective}.safetensors"


def save(shipped: Shipped, folder: Path = FOLDER) -> Path:
    """Write the file and return its path. Float16 has a relative rounding error of at most 2⁻¹¹."""
    network = shipped.network
    about = {
        "data": shipped.data,
        "config": asdict(shipped.config),
        "mean": network.mean.tolist(),
        "sigma_data": network.sigma_data,
        "reach": network.reach,
        "metrics": shipped.metrics,
    }
    path = path_of(shipped.data, shipped.config.objective, folder)
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in network.tensors.items()}
    save_file(tensors, path, metadata={"about": json.dumps(about)})
    return path


def read(path: Path) -> Shipped:
    """Raises ValueError where the file is not one that `save` wrote."""
    try:
        with safe_open(path, "pt") as file:
            about = json.loads(file.metadata()["about"])
            tensors = {name: file.get_tensor(name).float() for name in file.keys()}
        config = TrainingConfig(**about["config"])
        network = Network(
            tensors,
            torch.tensor(about["mean"]),
            float(about["sigma_data"]),
            tuple(about["reach"]),
            classes_of(tensors),
        )
        return Shipped(about["data"], config, network, about["metrics"])
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise ValueError(f"{path.name} is no file of trained weights: {error}") from None


def as_saved(network: Network) -> Network:
    """The network with its weights rounded to float16, as in a file."""
    tensors = {name: tensor.detach().half().float() for name, tensor in network.tensors.items()}
    return Network(tensors, network.mean, network.sigma_data, network.reach, network.classes)


@lru_cache(maxsize=64)
def shipped(data: str, objective: str) -> Shipped | None:
    """The weights that ship with the project for these data, read once; None where there are none."""
    path = path_of(data, objective)
    return read(path) if path.is_file() else None
