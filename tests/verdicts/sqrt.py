"""Ways in which the engine of the root in a loss can be wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from demos.contract import Demo, Scene
from demos.networks.sqrt.root import descend, slope_by_autograd
from tests.verdicts.harness import Mutation, replace_everywhere


def slopes(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[pytest.MonkeyPatch], None]:
    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        assert replace_everywhere(
            monkeypatch, slope_by_autograd, lambda *arguments: change(slope_by_autograd(*arguments))
        )

    return apply


def paths(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[pytest.MonkeyPatch], None]:
    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        assert replace_everywhere(monkeypatch, descend, lambda *arguments: change(descend(*arguments)))

    return apply


def another_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    assert replace_everywhere(
        monkeypatch, descend, lambda w, cure, epsilon, lr, steps: descend(w, cure, epsilon, 1.01 * lr, steps)
    )


def loses(demo: Demo, scene: Scene) -> bool:
    return scene.config.cure in ("none", "where")


def at_zero(value: float) -> Callable[[pytest.MonkeyPatch], None]:
    """The slope at x = 0, the last place, is another."""
    return slopes(lambda values: np.append(values[:-1], value))


MUTATIONS = (
    Mutation("slope + 1 %", slopes(lambda values: 1.01 * values)),
    Mutation("slopes shuffled", slopes(lambda values: np.random.default_rng(1).permutation(values))),
    Mutation("slope at 0 finite", at_zero(123.0)),
    Mutation("slope at 0 of the other sign", at_zero(-np.inf)),
    Mutation("nan hidden", paths(np.nan_to_num), loses),
    Mutation("frames shuffled", paths(lambda path: np.random.default_rng(1).permutation(path))),
    Mutation("frozen", paths(lambda path: np.broadcast_to(path[:1], path.shape))),
    Mutation("rate + 1 %", another_rate),
)
