"""A run whose engine fails: every frame after the start is zero, or no number. A page must then say so: no check, table
or picture may raise, and no row may agree because there is nothing left to compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from demos.contract import Demo, Scene, State
from demos.diffusion.samplers import sample
from demos.gradient_flow import Trajectory, solve
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.registry import demos
from tests.verdicts.harness import forget_self_tests, replace_everywhere, seconds

# their frames come from loops of their own, which their files of mutations break
BY_THEMSELVES = (
    *("depth", "training", "ring", "tasks", "time", "architectures", "pinn", "sqrt", "descent", "ritz", "sensitivity"),
)
CHANGES = {"zeros": torch.zeros_like, "no number": lambda frames: torch.full_like(frames, torch.nan)}
NAMES = [name for name in demos() if name not in BY_THEMSELVES]


def broken_frames(change: Callable[[torch.Tensor], torch.Tensor]) -> Callable[[pytest.MonkeyPatch], None]:
    """A mutation of all frames after the start, of every engine at once: of `solve`, of the samplers of diffusion, and
    what recorders of fields keep. It has nothing to break where a demo follows its states by itself."""

    def later(frames: torch.Tensor) -> torch.Tensor:
        return torch.cat([frames[:1], change(frames)[1:]])

    def apply(monkeypatch: pytest.MonkeyPatch) -> None:
        def solved(*arguments: Any, **named: Any) -> Trajectory:
            path = solve(*arguments, **named)
            observed = later(path.observed) if isinstance(path.observed, torch.Tensor) else path.observed
            return replace(path, states=later(path.states), observed=observed)

        def sampled(*arguments: Any, **named: Any) -> Any:
            path = sample(*arguments, **named)
            return replace(path, states=later(path.states))

        assert replace_everywhere(monkeypatch, solve, solved)
        assert replace_everywhere(monkeypatch, sample, sampled)
        kept = EnergyRecorder.frames.fget
        frames = property(lambda recorder: later(torch.from_numpy(kept(recorder))).numpy())
        monkeypatch.setattr(EnergyRecorder, "frames", frames)

    return apply


def quickest(demo: Demo) -> Scene:
    return min(demo.scenes, key=lambda scene: seconds(demo, scene.config))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", NAMES)
def test_broken_frames_are_told_and_raise_nothing(name, change, monkeypatch):
    demo = demos()[name]
    broken_frames(CHANGES[change])(monkeypatch)
    forget_self_tests()
    try:
        verdict = demo.run(quickest(demo).config).verdict
    finally:
        forget_self_tests()
    assert verdict.headline
    assert any(row.state in (State.DIFFERS, State.NOT_COMPARABLE) for row in verdict.rows), verdict.headline
