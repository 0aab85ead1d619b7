"""Mutations of random networks and of their measurement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from demos.contract import Demo, Scene
from demos.networks.depth.measure import PHI, Measured, measure, normalized, weights
from tests.verdicts.harness import Mutation, replace_everywhere


def weighed(factor: float) -> Callable[[pytest.MonkeyPatch], None]:
    """The weights' standard deviation is wrong; without normalization by as much at every layer."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(init, fan_in, fan_out, gain, generator):
            matrix, bias = weights(init, fan_in, fan_out, gain, generator)
            return factor * matrix, bias

        assert replace_everywhere(monkeypatch, weights, broken)

    return apply


def another_slope(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradients see an activation that is a fifth steeper than the one that signals see."""
    for name, phi in list(PHI.items()):
        monkeypatch.setitem(PHI, name, lambda z, phi=phi: 1.2 * phi(z) - 0.2 * phi(z).detach())


def over_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batch norm takes the wrong dimension."""

    def broken(z: torch.Tensor, kind: str) -> torch.Tensor:
        return normalized(z, "layer" if kind == "batch" else kind)

    assert replace_everywhere(monkeypatch, normalized, broken)


def seen(change: Callable[[np.ndarray], np.ndarray], part: str) -> Callable[[pytest.MonkeyPatch], None]:
    """What is on the screen is replaced: profiles (K, L)."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments, **named) -> Measured:
            found = measure(*arguments, **named)
            return replace(found, **{part: change(getattr(found, part))})

        assert replace_everywhere(monkeypatch, measure, broken)

    return apply


def shuffled(values: np.ndarray) -> np.ndarray:
    """Layers in another order."""
    return values[:, np.random.default_rng(1).permutation(values.shape[1])]


def plain(demo: Demo, scene: Scene) -> bool:
    return scene.config.normalization == scene.config.skip == "none" and scene.name != "gelu"


def batch_norm(demo: Demo, scene: Scene) -> bool:
    return scene.config.normalization == "batch"


def slanted(demo: Demo, scene: Scene) -> bool:
    """Profiles of gradients that are not flat, and that theory claims to know."""
    return scene.name in ("default", "sigmoid", "batch_norm")


def known(demo: Demo, scene: Scene) -> bool:
    return scene.name != "gelu"


MUTATIONS = (
    Mutation("weights + 10 %", weighed(1.1), plain),
    Mutation("weights − 10 %", weighed(0.9), plain),
    Mutation("slope + 20 %", another_slope, plain),
    Mutation("batch norm over units", over_units, batch_norm),
    Mutation("gradients flat", seen(np.zeros_like, "gradient"), slanted),
    Mutation("layers shuffled", seen(shuffled, "gradient"), slanted),
    Mutation("from the other end", seen(lambda values: values[:, ::-1], "gradient"), slanted),
    Mutation("gradients squared", seen(lambda values: 2 * values, "gradient"), slanted),
    Mutation("noise for signals", seen(lambda v: v + np.random.default_rng(0).normal(2, 1, v.shape), "forward"), known),
)
