"""SGLD through `solve`, and the same by plain NumPy on other batches, for models whose discrete law is not known."""

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
FAR = 5.0  # standard deviations of each coefficient, at which the chains start, across its narrow direction


def start_of(model: Model) -> np.ndarray:
    """(2,) θ, beside the posterior."""
    return model.mode + FAR * np.sqrt(np.diag(model.posterior.covariance)) * np.array([1.0, 1.0])


def simulate(config: SgldConfig, model: Model, progress: Progress | None = None) -> Descent:
    """θ' = θ − lr/λ · (the potential's gradient on a batch) + √(2 lr/λ) R: Welling & Teh, ICML 2011, ε = 2 lr/λ."""
    shape = (config.batch, config.chains)

    def draw(random: np.random.Generator, steps: int) -> np.ndarray:
        return random.integers(0, config.examples, (steps, *shape), dtype=np.int32)

    draws = Draws(config.seed, "batches", draw, numbers=config.batch * config.chains)
    scale, prior = config.examples / config.batch, model.mode if config.control else np.zeros(2)
    known = model.residuals(model.x @ model.mode, model.y)  # of each example at the mode
    columns = [np.ascontiguousarray(column) for column in (*model.x.T, model.y, known)]
    a, b, y, at_mode = np.empty((4, *shape))
    takes = list(zip(columns, (a, b, y, at_mode), strict=True))[: 4 if config.control else 3]

    def gradient(theta: Tensor, step: int) -> Tensor:
        first, second = theta.numpy().T
        chosen = draws[step].numpy().astype(np.intp)  # once, not in each of the takes
        for column, taken in takes:
            np.take(column, chosen, out=taken, mode="clip")  # without a copy to check the bounds
        residuals = model.residuals(a * first + b * second, y)
        if config.control:
            residuals -= at_mode
        pulls = (np.einsum("bc,bc->c", residuals, of) for of in (a, b))
        parts = zip((first, second), prior, pulls, strict=True)
        return torch.from_numpy(np.stack([theta_i - center + scale * pull for theta_i, center, pull in parts])).T

    start = torch.from_numpy(start_of(model)).repeat(config.chains, 1)
    rates = np.full(config.steps, config.lr / model.steepest)
    frames = np.unique(np.r_[1, np.rint(np.linspace(0, config.steps, FRAMES + 1)).astype(int)])
    with np.errstate(over="ignore", invalid="ignore"):  # past the stability limit there is no end to it
        return descend(gradient, start, rates, record=frames, progress=progress, seed=config.seed, temperature=1.0)


@dataclass(frozen=True)
class Replica:
    """Moments of as many other chains after a step: means (2,), variances (2,), fourth (2,); across: mean and variance
    of the displacement from the mode across the narrow direction."""

    means: np.ndarray
    variances: np.ndarray
    fourth: np.ndarray
    across: tuple[float, float]


def replicas(config: SgldConfig, model: Model, steps: tuple[int, ...]) -> dict[int, Replica]:
    """The moments after each of these steps, from chains of their own by code of their own."""
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
