"""Checks of the flow's end against probabilistic PCA, and of its beginning against the growth rate of a dead latent."""

from __future__ import annotations

from math import hypot, log

import numpy as np

from demos.contract import Check
from demos.networks.vae import law
from demos.networks.vae.config import VaeConfig
from demos.networks.vae.model import ATOL, EARLY, RTOL, Weights

ALIVE, SQUARES, ENERGY = "latents that live", "|w_i|² against λ_i − σ², largest difference", "−ELBO"
NOISE, RATE, FIRST = "learned σ²", "rate at which latent 1 grows", "|w₁|²"
FLOW = "every frame against another integrator"
BETWEEN = 1e-3  # tolerance between two integrators; in dozens of random configs they differed by 5e-5
AT_REST = 1e-7  # largest derivative at which the flow is at rest
FLOOR = 1e-4  # distance from rest for such a derivative, if the curvature is 1e-3
LIVING = 1e-3  # least |w|² of a living latent
SOURCE = "probabilistic PCA: Tipping & Bishop 1999, Lucas et al. 2019"


def checks_of(config: VaeConfig, times: np.ndarray, frames: Weights, energy: float, slope: float) -> list[Check]:
    """The rows. times (F,) and frames at them; energy, slope: −ELBO and its largest derivative at the end."""
    wanted = law.rest(config)
    squares = np.sort(frames.W[-1].square().sum(0).numpy())[::-1]
    moving = f"not at rest: the largest derivative is still {slope:.1e}" if slope > AT_REST else ""
    rows = [
        Check(
            ALIVE,
            float((squares > LIVING).sum()),
            float(wanted.alive),
            source="as many as eigenvalues are larger than σ²",
            note=f"of {config.latents}",
            incomparable=moving or near(config, wanted),
        ),
        Check(FIRST, float(squares[0]), float(wanted.squares[0]), floor=FLOOR, source=SOURCE, incomparable=moving),
        Check(
            SQUARES,
            float(np.abs(squares - wanted.squares).max()),
            0.0,
            floor=FLOOR,
            source=SOURCE,
            incomparable=moving or near(config, wanted),
        ),
        Check(ENERGY, energy, wanted.energy, floor=FLOOR, source=SOURCE, incomparable=moving),
        recorded(config, times, frames),
    ]
    if not config.learned:  # if σ² is learned, it changes meanwhile
        rows.append(rate(config, frames))
    else:
        noise = float(frames.log_noise[-1].exp())
        text = "the mean of the eigenvalues without a latent"
        rows.insert(0, Check(NOISE, noise, wanted.noise, floor=FLOOR, source=text, incomparable=moving))
    return rows


def recorded(config: VaeConfig, times: np.ndarray, frames: Weights) -> Check:
    """The row of all weights of all frames against another integrator's from the same start."""
    states = frames.joined().numpy()
    return Check(
        f"{FLOW}, largest difference",
        float(np.abs(states - law.flow(config, states[0], times)).max()),
        0.0,
        floor=BETWEEN,
        source="LSODA, its gradient written out anew",
        note="over all weights and frames",
    )


def near(config: VaeConfig, wanted: law.Rest) -> str:
    """Why the end cannot be compared near the threshold, where latents decay or grow slower than exponentially; else
    ""."""
    closest = float(np.abs(config.eigenvalues[: config.latents] - wanted.noise).min())
    return "" if closest > 10 * LIVING else f"an eigenvalue is within {closest:.1e} of σ²: nothing is decided there"


def rate(config: VaeConfig, frames: Weights) -> Check:
    """The row of the growth rate, from the first two times, by the product with the left eigenvector, which grows at
    exactly this rate."""
    value = float(config.eigenvalues[0])
    first, second = law.growing(value, config.noise)
    sizes = [abs(first * float(frames.W[i, 0, 0]) + second * float(frames.V[i, 0, 0])) for i in (1, 2)]
    exact = law.growth(value, config.noise)
    smallest = min(sizes) / hypot(first, second)  # of weights; a random start may be near 0 in this place
    return Check(
        RATE,
        log(sizes[1] / sizes[0]) / EARLY if min(sizes) > 0 else np.nan,
        exact,
        floor=5 * (RTOL + ATOL / max(smallest, ATOL)) / EARLY * (1 + abs(exact)),
        source="the linear part about a dead latent",
        note="above 0 just where λ₁ > σ²",
    )
