"""A run whose engine fails: every frame after the start is zero, or no number. A page must then say so: no check, table
or picture may raise, and no row may agree because there is nothing left to compare."""

from __future__ import annotations

import pytest
import torch

from demos.contract import Demo, Scene, State
from demos.registry import demos
from tests.verdicts.harness import broken_frames, forget_self_tests, seconds

# their frames come from loops of their own, which their files of mutations break
BY_THEMSELVES = ("depth", "training", "time", "architectures", "pinn", "sqrt", "descent")
# what is broken here are the weights that are recorded; what is judged is measured as the network learns
NO_NUMBER_NEEDED = ("ritz",)
CHANGES = {"zeros": torch.zeros_like, "no number": lambda frames: torch.full_like(frames, torch.nan)}
NAMES = [name for name in demos() if name not in BY_THEMSELVES]


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
