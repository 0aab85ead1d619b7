"""The panel beside the cloud: the histogram of x while the noise falls, and its exact distribution at each level."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from demos.diffusion.distributions import Distribution
from demos.diffusion.distributions.bin_probabilities import bin_probabilities
from demos.diffusion.setup import Setup
from demos.picture import Curve, Layer, Panel
from demos.picture.colors import EXACT

BINS = 56
WEIGHT = 0.72  # width of the panel relative to the cloud's


def x_histogram_panel(setup: Setup, places: np.ndarray, sigmas: np.ndarray, scales: np.ndarray, x_name: str) -> Panel:
    """The panel for samples `places` (F, N, 2), drawn in y = x · scale at noise levels (F,).

    The exact distribution is that of the class asked for, whatever the weight of guidance; with the target "each" only
    the histogram is shown.
    """
    half = setup.data.view
    edges = np.linspace(-half, half, BINS + 1)
    density = _counts(places[..., 0], edges) / (places.shape[1] * (edges[1] - edges[0]))
    layers: list[Layer] = [Curve("Samples", edges, density, stepped=True, filled=True, color=-2)]
    highest, expected = density, _expected(setup)
    if expected is not None:
        exact = _exact_density(expected, half, tuple(sigmas.tolist()), tuple(scales.tolist()))
        layers.append(Curve(_name(setup), edges, exact, stepped=True, color=EXACT))
        highest = np.maximum(density, exact)
    return Panel(
        (-half, half),
        (0.0, 1.15 * float(np.quantile(highest.max(1), 0.98))),
        layers,
        title="Distribution of x",
        x_label=x_name,
        y_label="density",
        weight=WEIGHT,
    )


def _counts(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Histograms of each row of x (F, N): (F, B), like `np.histogram` but faster, as its bins are not checked."""
    below = np.empty((len(x), len(edges)), dtype=np.int64)
    for counts, row in zip(below, np.sort(np.nan_to_num(x, nan=1e9), axis=1), strict=True):
        counts[:-1], counts[-1] = row.searchsorted(edges[:-1]), row.searchsorted(edges[-1], "right")
    return np.diff(below, axis=1)


@lru_cache(maxsize=16)
def _exact_density(
    distribution: Distribution, half: float, sigmas: tuple[float, ...], scales: tuple[float, ...]
) -> np.ndarray:
    """The exact density of y = x · scale at each noise level, averaged over each bin: (F, B). Cached, because it does
    not depend on seed and sampler."""
    edges = np.linspace(-half, half, BINS + 1)
    pairs = zip(sigmas, scales, strict=True)
    exact = np.stack([bin_probabilities(distribution, edges / scale, sigma) for sigma, scale in pairs])
    return exact / (edges[1] - edges[0])


def _expected(setup: Setup) -> Distribution | None:
    """The distribution that all samples should have; None where each has a class of its own."""
    distribution = setup.data.distribution
    if setup.asked is None:
        return distribution
    return distribution.conditional(int(setup.one_class)) if setup.one_class != "all" else None


def _name(setup: Setup) -> str:
    guided = setup.asked is not None and setup.config.guidance != 1
    if setup.config.score == "flow_ot":  # between noise and data its samples are wider than p_σ: see the notes
        return "Exact where pairs are not matched"
    return "The class itself, exact" if guided else "Exact distribution"
