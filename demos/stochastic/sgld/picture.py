"""The picture: chains over the posterior with ellipses of both distributions, and that of one coefficient."""

from __future__ import annotations

import numpy as np

from demos.picture import Curve, Field, Lines, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT
from demos.picture.panels import moving_histogram
from demos.stochastic.bench.descent import Descent
from demos.stochastic.bench.ellipses import normal_density, tilted_ellipses
from demos.stochastic.sgld.config import SgldConfig
from demos.stochastic.sgld.law import Moments
from demos.stochastic.sgld.model import Model

SHOWN, BINS, GRID = 1_000, 60, 81
WIDE = 6.0  # half width of the plane, in standard deviations of the posterior
DISCRETE = 1  # colour of the exact distribution of the discrete chain


def picture(config: SgldConfig, model: Model, run: Descent, exact: list[Moments] | None, last: int) -> Picture:
    states, steps = run.states[: last + 1], run.steps[: last + 1]
    posterior = model.posterior
    wide = np.sqrt(np.diag(posterior.covariance))
    low, high = posterior.mean - WIDE * wide, posterior.mean + WIDE * wide
    axes = [np.linspace(low[i], high[i], GRID) for i in (0, 1)]
    points = np.stack(np.meshgrid(*axes), -1)
    potential = np.stack([model.potential(row) for row in points])
    plane_layers = [
        Field("posterior density", np.exp(potential.min() - potential), contours=6),
        Points("chains", np.clip(states[:, :SHOWN], low - 5 * wide, high + 5 * wide).astype(np.float32), radius=1.8),
        Lines(
            "posterior, 2σ",
            tilted_ellipses(posterior.mean[None], posterior.covariance[None])[0],
            closed=True,
            color=EXACT,
            width=2.5,
        ),
    ]
    if exact is not None:
        means = np.array([model.mode + exact[k].means for k in steps])
        covariances = np.array([exact[k].covariance for k in steps])
        plane_layers.append(
            Lines(
                "exact distribution of SGLD, 2σ",
                tilted_ellipses(means, covariances),
                closed=True,
                dashed=True,
                color=DISCRETE,
            )
        )
    plane = Panel(
        (float(low[0]), float(high[0])),
        (float(low[1]), float(high[1])),
        plane_layers,
        x_label="θ₁",
        y_label="θ₂",
        equal=True,
    )
    return Picture(
        [plane, marginal(model, states, steps, exact, float(low[0]), float(high[0]))],
        Readout("step", steps.astype(float), digits=6),
        [
            Readout("variance of θ₁", np.nan_to_num(states[..., 0].astype(float).var(1), posinf=0.0)),
            Readout("posterior", np.full(len(steps), posterior.covariance[0, 0])),
        ],
        seconds=7.0,
        alt=f"{config.chains:,} chains of SGLD run from beside the posterior of two coefficients into it, and stay "
        "there as a cloud.",
    )


def marginal(
    model: Model, states: np.ndarray, steps: np.ndarray, exact: list[Moments] | None, low: float, high: float
) -> Panel:
    """The panel of the density of θ₁: of the chains, of the posterior, and of SGLD's exact distribution, taken as
    normal."""
    edges, x = np.linspace(low, high, BINS + 1), np.linspace(low, high, 161)
    posterior = model.posterior
    if model.logistic:
        (nodes, _), weights = model.quadrature
        density = np.interp(x, nodes, weights.sum(1) / (nodes[1] - nodes[0]))
    else:
        density = normal_density(x, posterior.mean[:1], posterior.covariance[:1, 0])[0]
    histogram = moving_histogram(states[..., 0], edges)
    layers = [
        Curve("SGLD", edges, histogram, stepped=True, filled=True, color=-2),
        Curve("posterior", x, density, color=EXACT),
    ]
    if exact is not None:
        means = np.array([model.mode[0] + exact[k].means[0] for k in steps])
        variances = np.array([exact[k].covariance[0, 0] for k in steps])
        known = np.nan_to_num(normal_density(x, means, np.clip(variances, 0, 1e6)))
        layers.insert(1, Curve("Gaussian of SGLD's variance", x, known, dashed=True, color=DISCRETE))
    return Panel(
        (low, high),
        (0.0, 1.35 * float(density.max())),
        layers,
        title="The first coefficient",
        x_label="θ₁",
        y_label="density",
    )
