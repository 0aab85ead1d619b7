"""Probability laws in the plane whose diffused density, score and denoiser are known in closed form."""

from demos.diffusion.laws.boxes import Boxes
from demos.diffusion.laws.law import Law
from demos.diffusion.laws.mixture import GaussianMixture, points_law

__all__ = ["Boxes", "GaussianMixture", "Law", "points_law"]
