"""The built-in data sets. Each is an exact distribution: a Gaussian mixture, a blurred curve, or squares.

Scales are those of FFJORD's toy data (Grathwohl et al. 2019, lib/toy_data.py), for which entropies and published
likelihoods are known; where a set differs from it, `scale` says how.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from demos.diffusion.data.curves import arc, nodes_along
from demos.diffusion.data.dataset import DataSet
from demos.diffusion.data.tree import tree
from demos.diffusion.distributions import Boxes, GaussianMixture


def gaussians8() -> DataSet:
    angles = 2 * np.pi * np.arange(8) / 8
    means = 4 / 1.414 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    distribution = GaussianMixture(np.ones(8), means, np.full(8, (0.5 / 1.414) ** 2), np.arange(8))
    names = [f"{45 * i}°" for i in range(8)]
    return DataSet("gaussians8", "8 Gaussians", distribution, "radius 2.83, standard deviation 0.354 (FFJORD)", names)


def moons() -> DataSet:
    """sklearn's make_moons(noise=0.1) · 2 + (−1, −0.2)."""
    upper = arc((-1.0, -0.2), 2.0, 0.0, math.pi)
    lower = arc((1.0, 0.8), 2.0, math.pi, 2 * math.pi)
    return _curves("moons", "Moons", [upper, lower], 0.2, "radius 2, noise 0.2 (FFJORD)", ["upper", "lower"])


def spirals() -> DataSet:
    """The spiral r = φ/3 for 0 ≤ φ ≤ 3π with an angular density proportional to φ, and its mirror image."""
    turns = 3 * math.pi

    def spiral(s: np.ndarray) -> np.ndarray:
        angle = turns * s
        return angle[:, None] / 3 * np.stack([-np.cos(angle), np.sin(angle)], axis=1)

    scale = "r = φ/3, φ ≤ 3π, noise 0.1 (FFJORD's two spirals without their extra uniform jitter)"
    curves = [spiral, lambda s: -spiral(s)]
    return _curves("spirals", "Two spirals", curves, 0.1, scale, ["one", "other"], density=lambda s: 2 * s)


def checkerboard() -> DataSet:
    corners = [(x, y) for y in range(-4, 4, 2) for x in range(-4, 4, 2) if (x + y) // 2 % 2 == 0]
    distribution = Boxes(corners, 2.0)
    names = [f"({x + 1}, {y + 1})" for x, y in corners]
    return DataSet(
        "checkerboard",
        "Checkerboard",
        distribution,
        "eight squares of side 2 in [−4, 4]² (FFJORD)",
        names,
        entropy=math.log(32),
    )


def swissroll() -> DataSet:
    """sklearn's make_swiss_roll(noise=1)[:, (0, 2)] / 5."""

    def roll(s: np.ndarray) -> np.ndarray:
        angle = 1.5 * math.pi * (1 + 2 * s)
        return angle[:, None] / 5 * np.stack([np.cos(angle), np.sin(angle)], axis=1)

    return _curves("swissroll", "Swiss roll", [roll], 0.2, "r = φ/5, 1.5π ≤ φ ≤ 4.5π, noise 0.2 (FFJORD)")


def circles() -> DataSet:
    """sklearn's make_circles(factor=0.5, noise=0.08) · 3."""
    rings = [arc((0.0, 0.0), radius, 0.0, 2 * math.pi) for radius in (3.0, 1.5)]
    return _curves(
        "circles", "Circles", rings, 0.24, "radii 3 and 1.5, noise 0.24 (FFJORD)", ["outer", "inner"], closed=True
    )


def scurve() -> DataSet:
    """sklearn's make_s_curve(noise=0.05)[:, (0, 2)] · 1.5, as in the tables of Tong et al. (AISTATS 2024)."""

    def curve(s: np.ndarray) -> np.ndarray:
        t = 3 * math.pi * (s - 0.5)
        return 1.5 * np.stack([np.sin(t), np.sign(t) * (np.cos(t) - 1)], axis=1)

    return _curves("scurve", "S-curve", [curve], 0.075, "two arcs of radius 1.5, noise 0.075 (torchcfm)")


def pinwheel() -> DataSet:
    """Johnson's pinwheel, R(2πc/5 + e^r/4) (r, q) · 2 with r ~ N(1, 0.3²), q ~ N(0, 0.1²): five arms of 25 Gaussians.

    Each Gaussian is as long as the spacing of the arm's nodes, and 0.2 across.
    """
    r = np.linspace(1 - 0.9, 1 + 0.9, 25)
    weights = np.exp(-0.5 * ((r - 1) / 0.3) ** 2)
    means, covariances, labels = [], [], []
    for arm in range(5):
        angle = 2 * math.pi * arm / 5 + 0.25 * np.exp(r)
        out = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        across = np.stack([-np.sin(angle), np.cos(angle)], axis=1)
        along = 2 * (out + (r * 0.25 * np.exp(r))[:, None] * across) * (r[1] - r[0])
        means.append(2 * r[:, None] * out)
        covariances.append(along[:, :, None] * along[:, None, :] + 0.04 * across[:, :, None] * across[:, None, :])
        labels.append(np.full(len(r), arm))
    distribution = GaussianMixture(np.tile(weights, 5), *map(np.concatenate, (means, covariances, labels)))
    return DataSet(
        "pinwheel",
        "Pinwheel",
        distribution,
        "arms to radius 3.8, 0.2 across (after FFJORD, mirrored)",
        [f"arm {i + 1}" for i in range(5)],
    )


def _curves(name: str, title: str, curves, noise: float, scale: str, names=(), **rest) -> DataSet:
    parts = [nodes_along(curve, noise, **rest) for curve in curves]
    weights, means = (np.concatenate(side) for side in zip(*parts, strict=True))
    labels = np.repeat(np.arange(len(parts)), [len(w) for w, _ in parts])
    distribution = GaussianMixture(weights, means, np.full(len(weights), noise**2), labels)
    return DataSet(name, title, distribution, scale, names)


@dataclass(frozen=True)
class BuiltIn:
    """A data set that is made at its first use, and what is known before that.

    components: about how many components its mixture has, which is the cost of one evaluation at one point. The squares
    are no mixture; theirs is the number of components of equal cost.
    """

    title: str
    make: Callable[[], DataSet]
    classes: int
    components: int


class _Built:
    """A mapping from name to data set that makes each data set at its first use; `rows` holds what is known before."""

    def __init__(self, rows: dict[str, BuiltIn]) -> None:
        self.rows = rows
        self.titles = {name: row.title for name, row in rows.items()}

    def __getitem__(self, name: str) -> DataSet:
        return _make(self.rows[name].make)

    def __iter__(self):
        return iter(self.rows)


@cache
def _make(maker: Callable[[], DataSet]) -> DataSet:
    return maker()


def _tree() -> DataSet:
    return DataSet("tree", "Two-class tree", tree(), "two branching Gaussian mixtures in [−4, 4]²", ["A", "B"])


BUILT_IN = _Built(
    {
        "gaussians8": BuiltIn("8 Gaussians", gaussians8, classes=8, components=8),
        "moons": BuiltIn("Moons", moons, classes=2, components=130),
        "spirals": BuiltIn("Two spirals", spirals, classes=2, components=420),
        "checkerboard": BuiltIn("Checkerboard", checkerboard, classes=8, components=250),
        "swissroll": BuiltIn("Swiss roll", swissroll, classes=1, components=240),
        "circles": BuiltIn("Circles", circles, classes=2, components=110),
        "scurve": BuiltIn("S-curve", scurve, classes=1, components=270),
        "pinwheel": BuiltIn("Pinwheel", pinwheel, classes=5, components=150),
        "tree": BuiltIn("Two-class tree", _tree, classes=2, components=350),
    }
)
