"""The picture: growth or decay of the latents' weights, and the spectrum that determines it."""

from __future__ import annotations

import numpy as np

from demos.networks.vae.config import DIMENSION, VaeConfig
from demos.networks.vae.law import Rest
from demos.networks.vae.model import Weights
from demos.picture import Curve, Layer, Lines, Markers, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT


def picture(config: VaeConfig, times: np.ndarray, frames: Weights, divergences: np.ndarray, wanted: Rest) -> Picture:
    """The picture. times (F,) and frames at them; divergences (F, k)."""
    squares = frames.W.square().sum(1).numpy()  # (F, k)
    noise = frames.log_noise.exp().numpy()
    return Picture(
        [over_time(config, times, squares, wanted), spectrum(config, squares, noise, wanted)],
        Readout("t", times),
        [
            Readout("living latents", (divergences > 1e-2).sum(1).astype(float)),
            Readout("KL, all latents", divergences.sum(1).clip(0.0)),  # rounding may put it below 0
            Readout("σ²", noise),
        ],
        seconds=7.0,
        alt=f"A linear VAE with {config.latents} latents: {wanted.alive} live, the others collapse.",
    )


def over_time(config: VaeConfig, times: np.ndarray, squares: np.ndarray, wanted: Rest) -> Panel:
    """The panel of |w_i|² of every latent up to the current time; the values at rest are dashed."""
    k, F = squares.shape[1], len(times)
    seen, log = times[None] <= times[:, None], np.log10(times)
    paths = [np.stack((log, squares[:, i]), -1) for i in range(k)]
    moving = np.where(np.tile(seen, (1, k))[:, :, None], np.concatenate(paths)[None], np.nan)
    levels = np.unique(wanted.squares)
    ends = np.concatenate([[[log[0], level], [log[-1], level]] for level in levels])
    top = 1.1 * max(float(squares.max()), float(wanted.squares.max()), 0.1)
    layers: list[Layer] = [
        Lines("at rest: λ_i − σ², or 0", ends, starts=2 * np.arange(len(levels)), dashed=True, color=EXACT),
        Lines("latents", moving, starts=F * np.arange(k), color=-2),
    ]
    return Panel(
        (float(log[0]), float(log[-1])),
        (-0.03 * top, top),
        layers,
        title="Latents live or die",
        x_label="time",
        x_scale="log",
        y_label="|w_i|²",
        weight=1.2,
    )


def spectrum(config: VaeConfig, squares: np.ndarray, noise: np.ndarray, wanted: Rest) -> Panel:
    """The panel of the eigenvalues of the data, the threshold σ², and |w_i|² + σ² of the latents, descending."""
    values = config.eigenvalues
    index = np.arange(1.0, DIMENSION + 1)
    ordered = np.sort(squares, 1)[:, ::-1] + noise[:, None]
    places = np.stack((np.broadcast_to(index[: config.latents], ordered.shape), ordered), -1)
    edge = np.array([0.5, DIMENSION + 0.5])
    top = 1.15 * max(float(values[0]), float(ordered.max()))
    layers: list[Layer] = [
        Curve("σ²", edge, np.repeat(noise[:, None], 2, 1), dashed=True, color=1),
        Markers("eigenvalues λ", np.stack((index, values), -1), [""] * DIMENSION, ["ring"] * DIMENSION),
        Points("|w_i|² + σ²", places, radius=5.0),
    ]
    return Panel(
        (0.5, DIMENSION + 0.5),
        (0.0, top),
        layers,
        title="Alive above σ²",
        subtitle="rings: eigenvalues of the data; dashed: σ²",
        x_label="number",
        y_label="variance",
    )
