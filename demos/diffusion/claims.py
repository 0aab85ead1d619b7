"""The statements of the scenes as functions of a run, so that the tests can check them."""

from __future__ import annotations

import numpy as np
import torch

from demos.common.numbers import number
from demos.contract import Claim, Evidence, Result, State
from demos.diffusion.data import BUILT_IN
from demos.picture import Points

NEAR_THE_FOOT = 1.8  # the distance from the foot of the tree's trunk that counts as near it
UNUSUAL = 0.01  # p-value below which a distance is not called "as true samples"


def both(*claims: Claim) -> Claim:
    """The claim that all of the given claims hold."""

    def claim(result: Result) -> Evidence:
        found = [one(result) for one in claims]
        return Evidence(all(one.holds for one in found), "; ".join(one.numbers for one in found))

    return claim


def state_is(state: State) -> Claim:
    return lambda result: Evidence(result.verdict.state is state, f"{result.verdict.state}: {result.headline}")


def distances(*ranges: tuple[float, float]) -> Claim:
    """The claim that the sliced W2 of each sampler lies in its range (low, high), in the order of the samplers."""

    def claim(result: Result) -> Evidence:
        found = result.tables["distances"]["sliced W2"].to_list()
        holds = all(low <= value <= high for value, (low, high) in zip(found, ranges, strict=True))
        return Evidence(holds, "distances " + ", ".join(number(value) for value in found))

    return claim


def as_true_samples(result: Result) -> Evidence:
    """The claim that no sampler's distance to the data has a p-value below 0.01 among pairs of true samples."""
    found = result.tables["distances"]["p"].to_list()
    return Evidence(min(found) >= UNUSUAL, "p = " + ", ".join(number(p) for p in found))


def lengths(*ranges: tuple[float, float]) -> Claim:
    """The claim that each sampler's ratio of path length to chord lies in its range (low, high)."""

    def claim(result: Result) -> Evidence:
        found = result.tables["paths"]["length/chord"].to_list()
        holds = all(low <= value <= high for value, (low, high) in zip(found, ranges, strict=True))
        return Evidence(holds, "length over chord " + ", ".join(number(value) for value in found))

    return claim


def row(name: str, low: float, high: float) -> Claim:
    """The claim that the first row of the verdict whose name begins with `name` measures between low and high."""

    def claim(result: Result) -> Evidence:
        found = next(row for row in result.verdict.rows if row.name.startswith(name))
        return Evidence(low <= found.measured <= high, f"{found.name} {number(found.measured)}")

    return claim


def layer(result: Result, begins: str, panel: int = 0) -> Points:
    """The first layer of points of a panel whose name starts with `begins`."""
    layers = result.picture.panels[panel].layers
    return next(one for one in layers if isinstance(one, Points) and one.name.startswith(begins))


def width(low: float, high: float) -> Claim:
    """The claim that the root mean square distance of the samples from the S-curve's centre line is in the range."""

    def claim(result: Result) -> Evidence:
        ends = torch.from_numpy(np.ascontiguousarray(layer(result, "Samples").positions[-1])).double()
        middle = BUILT_IN["scurve"].distribution.means
        found = float(torch.cdist(ends, middle).amin(1).square().mean().sqrt())
        return Evidence(low <= found <= high, f"half width {number(found)}")

    return claim


def near_the_foot(samples: tuple[float, float], true: tuple[float, float]) -> Claim:
    """The claim on the share of points near the foot of the tree's trunk: (low, high) for the samples, and for the true
    points of the class."""

    def claim(result: Result) -> Evidence:
        foot = BUILT_IN["tree"].distribution.means[0].numpy()
        share = lambda name: float(
            (np.linalg.norm(layer(result, name).positions[-1] - foot, axis=1) < NEAR_THE_FOOT).mean()
        )
        found = share("Samples"), share("True points")
        holds = samples[0] <= found[0] <= samples[1] and true[0] <= found[1] <= true[1]
        return Evidence(holds, f"near the foot {found[0]:.1%} of the samples, {found[1]:.1%} of the true points")

    return claim


def squares(count: int) -> Claim:
    """The claim that the followed points end on `count` different squares of the checkerboard."""

    def claim(result: Result) -> Evidence:
        ends = torch.from_numpy(np.ascontiguousarray(layer(result, "One point").positions[-1]))
        found = len(BUILT_IN["checkerboard"].distribution.classify(ends).unique())
        return Evidence(found == count, f"{found} squares")

    return claim
