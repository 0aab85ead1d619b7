"""Tests of the replay's own noise: standard normals, independent of each other, and the sums of successive ones."""

import numpy as np
import pytest
import torch

from demos.common.tails import kolmogorov_chance
from demos.landscapes import LANDSCAPES
from demos.langevin.reference.replay import Dynamics, Replay

PARTICLES, STEPS, SIGMAS = 2_000, 40, 5.0  # more steps than are drawn at once


def noise(method: str) -> np.ndarray:
    """(STEPS, PARTICLES, 2): what a replay at rest is moved by in each step, kT = 1."""
    dynamics = Dynamics(LANDSCAPES["harmonic"], method, 1e-12, lambda t: 1.0)  # so short a step that only noise counts
    replay = Replay(dynamics, torch.zeros(PARTICLES, 2), torch.zeros(PARTICLES, dtype=torch.long), STEPS, seed=3)
    places = [np.zeros((PARTICLES, 2))] + [replay.advance(1).numpy().astype(float) for _ in range(STEPS)]
    return np.diff(places, axis=0) / np.sqrt(2e-12)


@pytest.mark.parametrize("method", ["euler", "leimkuhler_matthews"])
def test_each_kick_is_standard_normal(method):
    """Leimkuhler–Matthews adds half of two normals: its variance is a half."""
    kicks = noise(method)
    kicks *= np.sqrt(2.0) if method == "leimkuhler_matthews" else 1.0
    first = kicks[::2].ravel() if method == "leimkuhler_matthews" else kicks.ravel()  # independent ones
    for power, moment, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs(np.mean(first**power) - moment) < SIGMAS * np.sqrt(variance / len(first)), power
    places = np.sort(first)
    below = torch.special.ndtr(torch.from_numpy(places)).numpy()
    ranks = np.arange(len(places) + 1) / len(places)
    assert kolmogorov_chance(max((ranks[1:] - below).max(), (below - ranks[:-1]).max()), len(places)) > 1e-6


@pytest.mark.parametrize(("method", "shared"), [("euler", 0.0), ("leimkuhler_matthews", 0.5)])
def test_kicks_share_no_more_than_the_method_says(method, shared):
    """Neither x and y nor different steps, except that Leimkuhler–Matthews uses each normal in two successive steps."""
    kicks = noise(method) * (np.sqrt(2.0) if method == "leimkuhler_matthews" else 1.0)
    x, y = kicks[..., 0], kicks[..., 1]
    pairs = {"x and y": (x, y, 0.0), "sizes of x and y": (x**2 - 1, y**2 - 1, 0.0)}
    pairs |= {f"steps {lag} apart": (kicks[lag:], kicks[:-lag], shared * (lag == 1)) for lag in (1, 2, 3)}
    for name, (one, other, expected) in pairs.items():
        products = one * other
        # successive products of Leimkuhler–Matthews are correlated too: at most twice the variance
        error = np.sqrt(2 * products.var() / products.size)
        assert abs(products.mean() - expected) < SIGMAS * error, name
