"""Metrics: distances of samples from the data, likelihood of the data under a model, straightness of the paths."""

from demos.diffusion.metrics.distances import Distance, floor, mmd, sliced_w2, w2
from demos.diffusion.metrics.likelihood import Likelihood, log_likelihood
from demos.diffusion.metrics.null import Null, null_of
from demos.diffusion.metrics.paths import Straightness, straightness
from demos.diffusion.metrics.shares import Shares, misnamed, mode_shares, support_fraction

__all__ = [
    "Distance",
    "Likelihood",
    "Null",
    "Shares",
    "Straightness",
    "floor",
    "log_likelihood",
    "misnamed",
    "mmd",
    "mode_shares",
    "null_of",
    "sliced_w2",
    "straightness",
    "support_fraction",
    "w2",
]
