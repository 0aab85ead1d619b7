"""Probability distributions in the plane whose diffused density, score and denoiser are known in closed form."""

from demos.diffusion.distributions.boxes import Boxes
from demos.diffusion.distributions.distribution import Distribution
from demos.diffusion.distributions.mixture import GaussianMixture, points_distribution

__all__ = ["Boxes", "Distribution", "GaussianMixture", "points_distribution"]
