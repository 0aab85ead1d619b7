"""SGLD by `solve`, and independently in plain NumPy for models whose discrete distribution is not known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Progress, checkpoint
from demos.common.random_streams import generator
from demos.stochastic.bench.batches import Draws
from demos.stochastic.bench.descent import Descent, descend
from demos.stochastic.sgld.config import SgldConfig
from demos.stochastic.sgld.model import Model

FRAMES = 80
FAR = 5.0  # distance of the start from the mode, in standard deviations, along the posterior's narrow direction


def start_of(model: Model) -> np.ndarray:
    """(2,) the start θ, outside the posterior."""
    return model.mode + FAR * np.sqrt(np.diag(model.posterior.covariance)) * np.array([1.0, 1.0])


def simulate(config: SgldConfig, model: Model, progress: Progress | None = None) -> Descent:
    """θ' = θ − lr/λ · (the potential's gradient on a batch) + √(2 lr/λ) R: Welling & Teh, ICML 2011, ε = 2 lr/λ."""
    shape = (config.batch, config.chains)

    def draw(random: np.random.Generator, steps: int) -> np.ndarray:
        return random.integers(0, config.examples, (steps, *shape), dtype=np.int32)

    draws = Draws(config.seed, "batches", draw, numbers=config.batch * config.chains)
    scale, prior = config.examples / config.batch, model.mode if config.control else np.zeros(2)
    known = model.residuals(model.x @ model.mode, model.y)  # the residuals of all examples at the mode
    columns = [np.ascontiguousarray(column) for column in (*model.x.T, model.y, known)]
    a, b, y, at_mode = np.empty((4, *shape))
    takes = list(zip(columns, (a, b, y, at_mode), strict=True))[: 4 if config.control else 3]

    def gradient(theta: Tensor, step: int) -> Tensor:
        first, second = theta.numpy().T
        chosen = draws[step].numpy().astype(np.intp)  # once, not in each of the takes
        for column, taken in takes:
            np.take(column, chosen, out=taken, mode="clip")  # "clip" avoids the copy of the bounds check
        residuals = model.residuals(a * first + b * second, y)
        if config.control:
            residuals -= at_mode
        pulls = (np.einsum("bc,bc->c", residuals, of) for of in (a, b))
        parts = zip((first, second), prior, pulls, strict=True)
        return torch.from_numpy(np.stack([theta_i - center + scale * pull for theta_i, center, pull in parts])).T

    start = torch.from_numpy(start_of(model)).repeat(config.chains, 1)
    rates = np.full(config.steps, config.lr / model.steepest)
    frames = np.unique(np.r_[1, np.rint(np.linspace(0, config.steps, FRAMES + 1)).astype(int)])
    with np.errstate(over="ignore", invalid="ignore"):  # above the stability limit numbers overflow
        return descend(gradient, start, rates, record=frames, progress=progress, seed=config.seed, temperature=1.0)


@dataclass(frozen=True)
class Replica:
    """Moments of independent chains, as many as in the run, after a step: means (2,), variances (2,), fourth (2,);
    across: mean and variance of the displacement from the mode along the narrow direction."""

    means: np.ndarray
    variances: np.ndarray
    fourth: np.ndarray
    across: tuple[float, float]


def replicas(config: SgldConfig, model: Model, steps: tuple[int, ...]) -> dict[int, Replica]:
    """The moments after each of these steps, from independent chains by independent code."""
    random = generator(config.seed, "replica of SGLD")
    rate, scale = config.lr / model.steepest, config.examples / config.batch
    theta, out = np.repeat(start_of(model)[None], config.chains, 0), {}
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, config.steps + 1):
            checkpoint()
            chosen = random.integers(0, config.examples, (config.chains, config.batch))
            x = model.x[chosen]  # (chains, B, 2)
            pull = model.residuals(np.einsum("cbi,ci->cb", x, theta), model.y[chosen])
            away = theta
            if config.control:
                pull = pull - model.residuals(x @ model.mode, model.y[chosen])
                away = theta - model.mode
            slope = away + scale * np.einsum("cb,cbi->ci", pull, x)
            theta = theta - rate * slope + np.sqrt(2 * rate) * random.standard_normal(theta.shape)
            if step in steps:
                means = theta.mean(0)
                apart = theta - means
                across = (theta - model.mode) @ model.narrow
                moments = (float(across.mean()), float(across.var()))
                out[step] = Replica(means, (apart**2).mean(0), (apart**4).mean(0), moments)
    return out
