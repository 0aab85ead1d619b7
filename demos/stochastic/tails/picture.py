"""The picture of heavy tails: bursts of single chains, and the share of chains beyond each |x|."""

from __future__ import annotations

import numpy as np
from scipy.special import erfc

from demos.picture import Curve, Layer, Lines, Panel, Picture, Readout
from demos.picture.colors import EXACT
from demos.stochastic.tails.config import TailsConfig
from demos.stochastic.tails.law import TOP, Law

FRAMES, CHAINS, POINTS = 80, 5, 120
NORMAL_MEDIAN = 0.6744897501960817  # median of |R|, R standard normal
NORMAL = 1
FEWEST = 2.0  # a share of fewer chains is not drawn


def picture(config: TailsConfig, x: np.ndarray, law: Law, alpha: float | None) -> Picture:
    """The picture of chains x (steps + 1, n) with the exact distribution."""
    steps = np.unique(np.rint(np.linspace(0, config.steps, FRAMES)).astype(int))
    frames, size = len(steps), np.abs(x)
    median = law.quantile(config.steps, 0.5)
    # of the first chains, draw those with the largest bursts, and some quiet ones
    order = np.argsort(-np.minimum(size[:, :200].max(0), 60 * median))
    chosen = np.concatenate((order[:2], order[100 : 100 + CHAINS - 2]))
    high = float(min(size[:, chosen].max() * 1.1, 80 * median))
    lines = np.empty((frames, CHAINS, config.steps + 1, 2), np.float32)
    lines[..., 0] = np.arange(config.steps + 1)
    shown = np.clip(x[:, chosen].T, -2 * high, 2 * high)
    lines[..., 1] = np.where(np.arange(config.steps + 1) > steps[:, None, None], np.nan, shown[None])
    bursts = Panel(
        (0.0, float(config.steps)),
        (-high, high),
        [
            Lines(
                "chains",
                lines.reshape(frames, -1, 2),
                starts=np.arange(CHAINS) * (config.steps + 1),
                labels=np.arange(CHAINS, dtype=np.uint8),
                label_names=["1", "2", "3", "4", "5"],
                label_colors=[0, 1, 2, 3, 4],
                width=1.4,
            )
        ],
        x_label="step",
        y_label="weight x",
        title="Five chains",
    )
    least = FEWEST / config.chains
    far = law.quantile(config.steps, 0.3 * least)
    places = np.geomspace(0.05 * median, far, POINTS)
    measured, exact = np.empty((frames, POINTS)), np.empty((frames, POINTS))
    for f, step in enumerate(steps):
        ordered = np.sort(size[step])
        measured[f] = 1 - np.searchsorted(ordered, places) / config.chains
        logs = np.log(np.maximum(law.beyond(int(step)), 1e-300))
        exact[f] = np.exp(np.interp(np.log(places), np.log(law.edges), logs))
    floor = np.log10(0.5 * least)
    log10 = lambda share: np.log10(np.maximum(share, 1e-30)).clip(floor - 1)
    layers: list[Layer] = [
        Curve("SGD", np.log10(places), log10(np.where(measured < least, 0, measured)), color=-2),
        Curve("exact distribution", np.log10(places), log10(exact), color=EXACT),
        Curve(
            "Gaussian of the same median",
            np.log10(places),
            log10(erfc(places / (median / NORMAL_MEDIAN) / 2**0.5)),
            dashed=True,
            color=NORMAL,
        ),
    ]
    if alpha is not None:
        q = law.quantile(config.steps, TOP)
        far_out = places[places > q / 3]
        power = law.share_beyond(config.steps, q) * (far_out / q) ** -alpha
        line = np.stack((np.log10(far_out), log10(power)), 1)
        layers.append(Lines(f"slope −{alpha:.3g}", line, dashed=True))
    tail = Panel(
        (float(np.log10(places[0])), float(np.log10(places[-1]))),
        (float(floor), 0.15),
        layers,
        x_label="|x|",
        x_scale="log",
        y_label="share of the chains farther out",
        y_scale="log",
        title="Share of the chains beyond |x|",
        weight=1.2,
    )
    return Picture(
        [bursts, tail],
        Readout("step", steps.astype(float), digits=6),
        [Readout("farthest chain", size[steps].max(1)), Readout("median |x|", np.median(size[steps], 1))],
        seconds=8.0,
        alt=f"{config.chains:,} chains of SGD on one weight: some burst far out, with a power-law tail.",
    )
