"""Mutations that clusters and charges share: forces, energies, clocks and recorded states that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from demos.contract import Demo, Scene
from demos.gradient_flow import METHODS, Trajectory, solve
from demos.physics.bench import pairs
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.pairs import Pairs
from tests.verdicts.harness import Mutation, frozen, noise, replace_everywhere, shuffled

Apply = Callable[[pytest.MonkeyPatch], None]


def scaled(name: str, factor: float) -> Apply:
    """The forces (`gradient`) or energies of all pairs times a factor."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        original = getattr(Pairs, name)

        def wrong(*arguments: Any, **named: Any) -> Tensor:
            return factor * original(*arguments, **named)

        monkeypatch.setattr(Pairs, name, wrong)

    return apply


def solving(change: Callable[[Trajectory], Trajectory], **forced: Any) -> Apply:
    """Whatever `solve` gives, changed; `forced` replaces arguments that a call gives."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*arguments: Any, **named: Any) -> Trajectory:
            return change(solve(*arguments, **(named | {key: forced[key] for key in forced if key in named})))

        assert replace_everywhere(monkeypatch, solve, broken)

    return apply


def recorded(change: Callable[[Tensor], Tensor]) -> Apply:
    """The recorded states, and those observed after every step, replaced."""

    def changed(path: Trajectory) -> Trajectory:
        observed = path.observed
        if observed is not None and observed.ndim == path.states.ndim:
            observed = change(observed)
        return replace(path, states=change(path.states), observed=observed)

    return solving(changed)


def one_bond_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first two particles do not feel each other: energy, forces and Hessian are wrong alike."""
    right = pairs._squares

    def broken(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        squares, parts = right(x)
        squares[:, 0, 1] = squares[:, 1, 0] = np.inf
        return squares, parts

    monkeypatch.setattr(pairs, "_squares", broken)


def other_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    """The energy that is drawn is half that of the run, half of the run backwards."""
    right = MethodRun.energies.fget
    assert right is not None
    monkeypatch.setattr(MethodRun, "energies", property(lambda run: (right(run) + right(run)[::-1]) / 2))


def one_run(demo: Demo, scene: Scene) -> bool:
    """Whether the scene shows one run of a method, and not the best of many or two."""
    return scene.config.method in METHODS and scene.name != "funnels"


def is_flow(demo: Demo, scene: Scene) -> bool:
    """Whether the scene's method has a clock."""
    row = METHODS.get(scene.config.method)
    return row is not None and row.family != "optimizer"


def has_path(demo: Demo, scene: Scene) -> bool:
    """Whether the scene shows a path of one run, or of walks: the minima of hopping are moved by no scale of forces."""
    return scene.config.method != "hopping"


def rests(demo: Demo, scene: Scene) -> bool:
    """Whether the scene's run comes to rest at all."""
    return scene.name != "past_stability"


SHARED = (
    *(
        Mutation(f"force {100 * (factor - 1):+.0f} %", scaled("gradient", factor), has_path)
        for factor in (0.9, 0.98, 1.02, 1.1)
    ),
    *(Mutation(f"energy {100 * (factor - 1):+.0f} %", scaled("energy", factor)) for factor in (0.99, 1.01)),
    Mutation("one bond missing", one_bond_missing),
    Mutation("no force", scaled("gradient", 0.0)),
    Mutation("clock × ½", solving(lambda path: replace(path, times=path.times / 2)), is_flow),
    Mutation("frozen", recorded(frozen)),
    Mutation("frames shuffled", recorded(shuffled), has_path),
    Mutation("states ← noise", recorded(noise)),
    Mutation("energy curve of another run", other_curve, one_run),
    Mutation(
        "stops early", solving(lambda path: path, tolerance=0.1), lambda demo, scene: scene.name != "past_stability"
    ),
)
