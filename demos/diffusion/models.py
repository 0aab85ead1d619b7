"""The interface `Model` of a denoiser and its score, and models made of others: guided, perturbed, from a velocity.

Code that samples, draws and measures uses this interface alone, so that exact and learned scores are interchangeable.
Exact distributions (`demos.diffusion.distributions`) have it too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor


class Model(Protocol):
    """A denoiser in the plane.

    Points x are (N, 2) of any floating dtype and may be stored by component (x.T contiguous); σ > 0 is a number in the
    unit of the data; labels (N,) are whole numbers, the class of each point, and None stands for the distribution of
    all data. The result is (N, 2) in the dtype of x; neither x nor any global state is changed.

    Both calls must be differentiable in x where autograd is on: likelihoods need their divergence.
    """

    sigma_data: float

    def denoiser(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        """D(x, σ) = E[x₀ | x₀ + σε = x]."""

    def score(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        """∇ log p_σ(x) = (D(x, σ) − x)/σ²."""


def prior(model: Model, sigma: float) -> tuple[Tensor, float]:
    """Mean (2,) and standard deviation of the Gaussian from which a model's samples start at the noise level σ.

    Used where a model is measured by itself; the page's samplers start likewise (`setup.centre_of`).
    """
    spread = getattr(model, "prior", None)
    mean = getattr(model, "mean", torch.zeros(2))
    return mean, math.hypot(sigma, model.sigma_data) if spread is None else spread(sigma)


class FromDenoiser:
    """Base class of a `Model` that computes the score from its denoiser; subclasses define the denoiser alone."""

    sigma_data: float

    def denoiser(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        raise NotImplementedError

    def score(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        return (self.denoiser(x, sigma, labels) - x) / sigma**2


class Guided:
    """Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598): D + w (D_c − D).

    w = 0 gives the distribution of all data, w = 1 that of the class; w > 1 pushes samples away from the other classes.
    The score is that of p_σ(x) p_σ(c|x)^w at each noise level, but these are not the diffused versions of one
    distribution, so the flow does *not* end in p₀(x) p₀(c|x)^w (except for w = 0 and 1).
    """

    def __init__(self, model: Model, labels: Tensor, weight: float) -> None:
        if not math.isfinite(weight):
            raise ValueError(f"guidance weight = {weight} must be a finite number.")
        self.model, self.labels, self.weight = model, labels, weight
        self.sigma_data = model.sigma_data
        self.calls = 1 if weight in (0, 1) else 2  # evaluations of the underlying model for one of the guided model

    def denoiser(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        return self._weighted(self.model.denoiser, x, sigma, labels)

    def score(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        # not from the denoiser: where σ² is below the rounding of x, (D − x)/σ² would be rounding error
        return self._weighted(self.model.score, x, sigma, labels)

    def _weighted(self, of: Callable, x: Tensor, sigma: float, labels: Tensor | None) -> Tensor:
        labels = self.labels if labels is None else labels
        if self.weight == 0:
            return of(x, sigma)
        of_class = of(x, sigma, labels)
        if self.weight == 1:
            return of_class
        return torch.lerp(of(x, sigma), of_class, self.weight)


class Perturbed:
    """A score that is wrong on purpose, at large noise only: s + size · b(σ) (sin(y/σ_d), cos(x/σ_d)), with a bump b of
    height 1 at σ = 3σ_d, half a unit of ln σ wide.

    It imitates a network that has learned the score badly there. At smaller noise the score is right again: for λ > 0
    the Langevin noise of the sampler then corrects the error, while the probability-flow ODE (λ = 0) keeps it.
    """

    CENTRE, WIDTH = 3.0, 0.5

    def __init__(self, model: Model, size: float) -> None:
        self.model, self.size, self.sigma_data = model, size, model.sigma_data

    def denoiser(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        return self.model.denoiser(x, sigma, labels) + sigma**2 * self._error(x, sigma)

    def score(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        return self.model.score(x, sigma, labels) + self._error(x, sigma)  # not from the denoiser, as in `Guided`

    def _error(self, x: Tensor, sigma: float) -> Tensor:
        """What is added to the score."""
        away = math.log(sigma / (self.CENTRE * self.sigma_data)) / self.WIDTH
        wave = x / self.sigma_data
        swirl = torch.stack([wave[:, 1].sin(), wave[:, 0].cos()]).T
        return self.size * math.exp(-away * away / 2) * swirl


class FromVelocity(FromDenoiser):
    """A velocity v(y, t, labels) of the linear path y = (1 − t) x₀ + t σ_data ε as a denoiser: D = y − t v.

    For independent pairs v = E[σ_data ε − x₀ | y] and D is the denoiser of the data; for other couplings (minibatch
    optimal transport) D is no posterior mean, but the probability-flow ODE made of it is dy/dt = v all the same.
    """

    def __init__(self, velocity: Callable[[Tensor, float, Tensor | None], Tensor], sigma_data: float) -> None:
        self.velocity, self.sigma_data = velocity, sigma_data

    def denoiser(self, x: Tensor, sigma: float, labels: Tensor | None = None) -> Tensor:
        t = sigma / (self.sigma_data + sigma)
        y = (1 - t) * x
        return y - t * self.velocity(y, t, labels)
