"""The training loop: its rate, its snapshots, its end, and that an interruption changes no byte."""

from __future__ import annotations

import pytest
import torch

from demos.nn import loop as loop_module
from demos.nn.adam import AveragedAdam
from demos.nn.loop import WARM_UP, TrainingLoop


def fit(steps: int = 120, snapshot_steps=(1, 60, 120)) -> tuple[TrainingLoop, AveragedAdam]:
    """Least squares on random batches, all from one generator."""
    random = torch.Generator().manual_seed(0)
    adam = AveragedAdam({"w": torch.zeros(3)}, averaging=2.0)

    def loss() -> torch.Tensor:
        x = torch.randn(16, 3, generator=random)
        return (x @ adam.weights["w"] - x @ torch.tensor([1.0, -2.0, 0.5])).square().mean()

    snapshot = lambda: adam.averages["w"].clone()
    return TrainingLoop(loss, adam, steps=steps, rate=0.1, snapshot=snapshot, snapshot_steps=snapshot_steps), adam


def test_it_learns_and_takes_its_snapshots():
    loop, adam = fit()
    seen = []
    assert loop.run(on_snapshot=seen.append) and loop.step == 120
    assert len(seen) == len(loop.snapshots) == 3 and torch.equal(seen[-1], adam.averages["w"])
    losses = loop.losses()
    assert losses["loss"].iloc[-1] < 0.05 * losses["loss"].iloc[0] and losses["step"].iloc[-1] == 120
    assert not loop.snapshots[0].requires_grad


def test_the_rate_rises_at_first_and_ends_at_zero():
    loop, _ = fit(steps=1_000)
    rates = []
    for loop.step in range(1_000):
        rates.append(loop.rate())
    assert rates[0] == pytest.approx(0.1 / WARM_UP) and max(rates) > 0.099 and rates[-1] < 1e-6
    assert max(rates) == max(rates[: WARM_UP + 1])


def test_what_was_interrupted_ends_with_the_same_bytes(monkeypatch):
    monkeypatch.setattr(loop_module, "REPORT_EVERY", 0.0)

    class Interrupted(BaseException):
        pass

    def interrupt(done: float) -> None:
        if done >= 0.5:
            raise Interrupted

    whole, adam = fit()
    whole.run()
    broken, other = fit()
    with pytest.raises(Interrupted):
        broken.run(interrupt)
    assert broken.step == 60
    seen = []
    assert broken.run(on_snapshot=seen.append)
    assert len(seen) == 2  # the last one again, then what comes
    assert torch.equal(adam.averages["w"], other.averages["w"]) and whole.losses().equals(broken.losses())


def test_returning_false_ends_it_early(monkeypatch):
    monkeypatch.setattr(loop_module, "REPORT_EVERY", 0.0)
    loop, _ = fit()
    assert not loop.run(lambda done: done < 0.25) and loop.step == 30


def test_it_runs_inside_inference_mode():
    loop, adam = fit(steps=3, snapshot_steps=())
    with torch.inference_mode():
        assert loop.run()
    assert adam.steps == 3 and bool(adam.averages["w"].any())
