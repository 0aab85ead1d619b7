"""Ways in which the random architectures, and their measurement, can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from demos.contract import Demo, Scene
from demos.networks.architectures import measure as engine
from demos.networks.architectures.measure import attention, convolution, layer_norm, measure
from tests.verdicts.harness import Mutation, replace_everywhere, returned

Apply = Callable[[pytest.MonkeyPatch], None]


def weights(factor: float) -> Apply:
    """The convolutions' weights are too large."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments):
            matrix, bias = convolution(*arguments)
            return factor * matrix, bias

        assert replace_everywhere(monkeypatch, convolution, broken)

    return apply


def no_attention(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each token looks at itself alone."""
    assert replace_everywhere(monkeypatch, attention, lambda h, value, out: h @ value @ out)


def large_norms(monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves a norm is a fifth too large."""
    assert replace_everywhere(monkeypatch, layer_norm, lambda h: 1.2 * layer_norm(h))


def swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each variant is the other."""
    right = engine.transformer
    other = {"pre": "post", "post": "pre"}
    monkeypatch.setattr(engine, "transformer", lambda config, variant, index: right(config, other[variant], index))


def seen(change: Callable[[np.ndarray], np.ndarray], part: str) -> Apply:
    return returned(measure, lambda found: replace(found, **{part: change(getattr(found, part))}))


def interior(values: np.ndarray) -> np.ndarray:
    """Noise, but for the first and the last layer."""
    noise = np.random.default_rng(1).normal(size=values.shape)
    noise[:, 0], noise[:, -1] = values[:, 0], values[:, -1]
    return noise


def is_cnn(demo: Demo, scene: Scene) -> bool:
    return scene.config.kind == "cnn"


def is_transformer(demo: Demo, scene: Scene) -> bool:
    return scene.config.kind == "transformer"


MUTATIONS = (
    Mutation("weights + 30 %", weights(1.3), is_cnn),
    Mutation("weights − 30 %", weights(0.7), is_cnn),
    Mutation("no attention", no_attention, is_transformer),
    Mutation("norms 20 % too large", large_norms, lambda demo, scene: scene.name == "post_norm"),
    Mutation("pre is post", swapped, is_transformer),
    Mutation("gradients flat", seen(np.zeros_like, "gradient")),
    Mutation("from the other end", seen(lambda values: values[:, ::-1], "gradient")),
    Mutation("gradients squared", seen(lambda values: 2 * values, "gradient")),
    Mutation("gradients' interior ← noise", seen(interior, "gradient")),
    Mutation("sizes' interior ← noise", seen(interior, "forward")),
    Mutation("cosines' interior ← noise", seen(interior, "alike"), is_transformer),
    Mutation("last gradient halved", seen(lambda values: values - 0.3, "last"), is_transformer),
    Mutation("tokens apart", seen(lambda values: 0.9 * values, "alike"), is_transformer),
)
