"""The rows of a learned score: KL divergence of the network from the data, and whether it copies training points."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
import torch

from demos.common.numbers import counted
from demos.contract import Check
from demos.diffusion.config import DiffusionConfig
from demos.diffusion.data import DataSet
from demos.diffusion.learned.provide import halves, learned_model, needed
from demos.diffusion.learned.quality import HIGH, LOW, least_nll
from demos.diffusion.learned.weights import shipped
from demos.diffusion.metrics import log_likelihood
from demos.diffusion.models import prior
from demos.diffusion.setup import Setup

POINTS, TOLERANCE = 128, 1e-4
FLOOR = 5e-3  # nats: the error that the ODE's tolerance allows
RECORDED = 2_000  # points of the likelihood that a file of weights records


def network_rows(setup: Setup, samples: np.ndarray) -> list[Check]:
    """The rows of a learned score; none for an exact one. samples (N, 2): the end points of the picture."""
    if setup.data.finite:
        return copying(setup, samples)
    return information_lost(setup.config, setup.data)


def information_lost(config: DiffusionConfig, data: DataSet) -> list[Check]:
    """The row of KL(data ‖ network): the mean over true points of log p of the data − log p by the network's ODE.

    It concerns the network alone, over the noise levels of its training. Its standard error is that of the pointwise
    differences. For a shipped network it is read from the file.
    """
    plain = DiffusionConfig(
        data=config.data, score=config.score, network=config.network, training_steps=config.training_steps
    )
    differences = _differences(data, plain)
    error = float(differences.std()) / math.sqrt(POINTS)
    row = Check(
        "Lost by the network: Kullback–Leibler distance from the data",
        float(differences.mean()),
        0.0,
        error,
        FLOOR,
        unit="nats",
        source=f"{POINTS} true points: their own log density less that of the network",
        note="0 is a perfect network.",
    )
    training = needed(config, data)
    if training is not None:
        return [replace(row, explained=f"as {counted(training.steps, 'step')} of training leave it")]
    metrics = shipped(data.name, config.score).metrics
    known = metrics["NLL"] - least_nll(data, RECORDED)
    return [
        replace(
            row,
            predicted=known,
            predicted_error=error * math.sqrt(POINTS / RECORDED),
            predicted_by="the record of its training",
            sigmas=5.0,
        )
    ]


@lru_cache(maxsize=32)
def _differences(data: DataSet, config: DiffusionConfig) -> torch.Tensor:
    """log p of true points at σ = LOW: closed form minus that of the config's network, (POINTS,)."""
    model, high, low = learned_model(config, data), HIGH * data.sigma_data, LOW * data.sigma_data
    mean, spread = prior(model, high)
    points, _ = data.sample(POINTS, 3)
    start = lambda x: -((x - mean) / spread).square().sum(1) / 2 - math.log(2 * math.pi * spread**2)
    found = log_likelihood(model, points, high, low, prior=start, rtol=TOLERANCE)
    return data.distribution.log_density(points, low) - found.log_density


def copying(setup: Setup, samples: np.ndarray) -> list[Check]:
    """The row of the share of samples that lie nearer to a training point than to any held-out point: about a half for
    a network that generalizes, 1 for one that copies its training points.

    Its standard error is that of the share over random splits of the data into halves: exact, for finite populations.
    """
    name = "Share of samples nearer to a point seen than to one held back"
    split = halves(setup.data)
    if split is None:
        return [Check("Points held back from the training", 0.0, None, why="too few to spare half of them")]
    seen, held = (torch.from_numpy(part).float() for part in split)
    points = torch.cat([seen, held])
    cloud = torch.from_numpy(np.nan_to_num(samples, nan=1e6)).float()
    nearest = torch.cat([torch.cdist(part, points).argmin(1) for part in cloud.split(500)])
    count = len(points)
    weights = torch.bincount(nearest, minlength=count).double().numpy() / len(cloud)
    half = len(seen) / count
    error = math.sqrt(half * (1 - half) * count / (count - 1) * float(np.square(weights - 1 / count).sum()))
    measured = float((nearest < len(seen)).double().mean())
    steps = needed(setup.config, setup.data).steps
    explained = (
        f"as a network does that copies the {counted(len(seen), 'point')} it has seen ({counted(steps, 'step')})"
    )
    return [
        Check(
            name,
            measured,
            half,
            error,
            source=f"{counted(len(held), 'point')} held back from the training",
            note="More than a half: the network copies points instead of learning what they have in common.",
            explained=explained if measured > half else "",
        )
    ]
