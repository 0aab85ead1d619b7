"""Beside the cloud: the histogram of x while the noise falls, and the exact law of x at the same noise level."""

from __future__ import annotations

import numpy as np

from demos.diffusion.laws.marginal import bin_shares
from demos.diffusion.simulate import Setup
from demos.picture import Curve, Layer, Panel
from demos.picture.colors import EXACT

BINS = 56
WEIGHT = 0.72  # of the panel, beside the cloud's 1


def marginal_panel(setup: Setup, places: np.ndarray, sigmas: np.ndarray, scales: np.ndarray) -> Panel:
    """The panel for samples `places` (F, N, 2), drawn in y = x · scale at noise levels (F,).

    The exact law is that of the class asked for; where samples are guided with a weight other than 1, or where each
    point has a class of its own, no such law is known and only the histogram is shown.
    """
    half = setup.data.view
    edges = np.linspace(-half, half, BINS + 1)
    width = edges[1] - edges[0]
    counts = np.stack([np.histogram(frame, edges)[0] for frame in np.nan_to_num(places[..., 0], nan=1e9)])
    density = counts / (places.shape[1] * width)
    layers: list[Layer] = [Curve("Samples", edges, density, stepped=True, filled=True, color=-2)]
    law = _law(setup)
    if law is not None:
        exact = np.stack([bin_shares(law, edges / scale, sigma) for sigma, scale in zip(sigmas, scales, strict=True)])
        layers.append(Curve("Exact p_σ", edges, exact / width, stepped=True, color=EXACT))
        highest = np.maximum(density, exact / width)
    else:
        highest = density
    return Panel(
        (-half, half),
        (0.0, 1.15 * float(np.quantile(highest.max(1), 0.98))),
        layers,
        title="Law of x",
        x_label="x",
        y_label="density",
        weight=WEIGHT,
    )


def _law(setup: Setup):
    config, law = setup.config, setup.data.law
    if setup.asked is None:
        return law
    known = setup.one_class != "all" and config.guidance == 1
    return law.conditional(int(setup.one_class)) if known else None
