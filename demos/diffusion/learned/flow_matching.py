"""Flow matching, the second objective (Lipman et al., ICLR 2023, arXiv:2210.02747; Liu et al., arXiv:2209.03003).

Along y_t = (1 − t) x₀ + t σ_d ε, from the data (t = 0) to noise of their own spread (t = 1), the velocity of every pair
is σ_d ε − x₀, and the network learns its conditional mean v(y, t). With x = y/(1 − t) and σ = σ_d t/(1 − t) the network
has the same inputs as for denoising. Pairs are independent, or matched inside each batch by optimal transport
(Pooladian et al., ICML 2023, arXiv:2304.14772; Tong et al., TMLR 2024, arXiv:2302.00482): matched paths hardly cross,
so that the flow is almost straight.
"""

from __future__ import annotations

import math

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from demos.diffusion.learned.examples import Batch, posterior_mean
from demos.diffusion.learned.network import Network
from demos.diffusion.models import FromVelocity

EDGE = 1e-4  # t is clipped to [EDGE, 1 − EDGE]: x and σ are infinite at t = 1; v hardly changes so near to the ends


def time(batch: Batch) -> Tensor:
    """t = σ/(σ_d + σ), (B, 1)."""
    return torch.sigmoid(batch.level)


def target(batch: Batch) -> Tensor:
    """v/σ_d (B, 2) for independent pairs: the posterior mean of σ_d ε − x₀ given y, over the batch's clean points."""
    t = time(batch)
    return ((1 - t) * batch.noised - posterior_mean(batch)) / (t * batch.spread)


def paired_target(batch: Batch) -> Tensor:
    """(σ_d ε − x₀)/σ_d of each pair, (B, 2)."""
    return batch.noise - batch.clean / batch.spread


def transport(clean: Tensor, noise: Tensor) -> Tensor:
    """The noise (B, 2) permuted so that Σ|clean − noise|² is least: the pairing of optimal transport."""
    cost = torch.cdist(clean.double(), noise.double()).square_().numpy()
    return noise[torch.from_numpy(linear_sum_assignment(cost)[1])]


class Velocity:
    """A trained network as v(y, t, labels) (N, 2), 0 ≤ t ≤ 1, in the dtype of y; differentiable in y."""

    def __init__(self, network: Network) -> None:
        self.network, self.sigma_data = network, network.sigma_data

    def __call__(self, y: Tensor, t: float, labels: Tensor | None = None) -> Tensor:
        t = min(max(t, EDGE), 1 - EDGE)
        mean, spread = self.network.mean.to(y.dtype), self.sigma_data
        out = self.network.raw(torch.add(y, mean, alpha=t - 1) / (1 - t), spread * t / (1 - t), labels)
        return torch.add(-mean, out.to(y.dtype), alpha=spread)


class LearnedFlow(FromVelocity):
    """A trained velocity field as a `Model`. velocity: v(y, t); matched: whether its training pairs were matched by
    optimal transport."""

    def __init__(self, network: Network, matched: bool = False) -> None:
        super().__init__(Velocity(network), network.sigma_data)
        self.network, self.mean, self.matched = network, network.mean, matched

    def prior(self, sigma: float) -> float:
        """The standard deviation of x = y/(1 − t) = (1 + σ/σ_d) y with which sampling starts at the noise level σ.

        For independent pairs it is √(σ² + σ_d²), because y is a sum of independent parts. Near t = 1 matched pairs have
        hardly moved from y = σ_d ε, so that it is σ_d (1 + σ/σ_d) = σ + σ_d. (With σ alone, samples from 10 σ_d end a
        tenth too narrow.)
        """
        return sigma + self.sigma_data if self.matched else math.hypot(sigma, self.sigma_data)
