"""Ways in which the magnets' engine can be wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from demos.contract import Demo, Scene
from demos.gradient_flow.noise import Noise
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.bench.system import System
from demos.physics.xy_magnet import simulate
from demos.physics.xy_magnet.model import XYModel
from tests.verdicts import harness
from tests.verdicts.harness import Mutation
from tests.verdicts.rods import Apply, slow_clock


def model(name: str, factor: float) -> Apply:
    """The torque (`gradient`) or the `energy` of the spins times a factor."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        right = getattr(XYModel, name)
        monkeypatch.setattr(XYModel, name, lambda self, theta, t=0.0: factor * right(self, theta, t))

    return apply


def one_link_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two neighbours do not feel each other: the energy and the torque are wrong alike."""
    energy, gradient = XYModel.energy, XYModel.gradient

    def link(theta: torch.Tensor) -> torch.Tensor:
        return theta[:, 0, 1] - theta[:, 0, 0]

    def torque(self: XYModel, theta: torch.Tensor, t: float = 0.0) -> torch.Tensor:
        wrong, sine = gradient(self, theta, t), self.coupling * link(theta).sin()
        wrong[:, 0, 1] -= sine
        wrong[:, 0, 0] += sine
        return wrong

    monkeypatch.setattr(
        XYModel, "energy", lambda self, theta, t=0.0: energy(self, theta, t) + self.coupling * link(theta).cos()
    )
    monkeypatch.setattr(XYModel, "gradient", torque)


def heat(factor: float) -> Apply:
    """The noise of another temperature."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        flow = System.flow
        monkeypatch.setattr(
            System, "flow", lambda self, temperature=0.0, **rest: flow(self, factor * temperature, **rest)
        )

    return apply


def correlated(memory: float) -> Apply:
    """Each random number remembers the one before it; its variance stays 1."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        draw = Noise.normal
        last: dict[str, torch.Tensor] = {}

        def normal(self: Noise) -> torch.Tensor:
            fresh = draw(self)
            if last.get("value") is None or last["value"].shape != fresh.shape:
                last["value"] = fresh.clone()
            last["value"] = memory * last["value"] + (1 - memory**2) ** 0.5 * fresh
            return last["value"]

        monkeypatch.setattr(Noise, "normal", normal)

    return apply


def frames(change: str) -> Apply:
    """The angles that are drawn by `harness`'s function of this name."""

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(self: EnergyRecorder) -> np.ndarray:
            return getattr(harness, change)(torch.stack(self._frames)).numpy()

        monkeypatch.setattr(EnergyRecorder, "frames", property(broken))

    return apply


def one_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every frame one vortex is not marked."""
    places = simulate.places

    def fewer(*arguments: Any) -> tuple[np.ndarray, np.ndarray]:
        centres, charges = places(*arguments)
        return centres[1:], charges[1:]

    monkeypatch.setattr(simulate, "places", fewer)


def is_warm(demo: Demo, scene: Scene) -> bool:
    """Cold spins have no noise."""
    return scene.config.kT > 0


def has_vortices(demo: Demo, scene: Scene) -> bool:
    """There is nothing to drop in a twist."""
    return scene.name != "twist"


MUTATIONS = (
    Mutation("torque + 2 %", model("gradient", 1.02)),
    Mutation("torque − 2 %", model("gradient", 0.98)),
    Mutation("torque + 10 %", model("gradient", 1.1)),
    Mutation("torque − 10 %", model("gradient", 0.9)),
    Mutation("energy + 2 %", model("energy", 1.02)),
    Mutation("one link missing", one_link_missing),
    Mutation("kT + 10 %", heat(1.1), is_warm),
    Mutation("kT − 10 %", heat(0.9), is_warm),
    Mutation("noise correlated", correlated(0.5), is_warm),
    Mutation("clock × ½", slow_clock(0.5)),
    Mutation("frozen", frames("frozen")),
    Mutation("frames shuffled", frames("shuffled")),
    Mutation("states ← noise", frames("noise")),
    Mutation("one vortex dropped", one_dropped, has_vortices),
)
