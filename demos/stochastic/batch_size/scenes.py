"""Scenes of the best batch size."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, Try
from demos.stochastic.batch_size.config import BatchSizeConfig
from demos.stochastic.bench.evidence import rows


def best_is(size: int, ends: float = 1.0) -> Claim:
    """The claim that this size has the lowest exact loss, all measured losses agree with the exact ones, and those of
    the smallest and the largest size are at least `ends` times as large."""

    def claim(result: Result) -> Evidence:
        spent = [check for check in rows(result, "loss with") if " after " not in check.name]
        losses = {int(check.name.split()[-1]): check for check in spent}
        best = min(losses, key=lambda b: losses[b].truth or 0.0)
        low, high = (losses[b].measured / losses[best].measured for b in (min(losses), max(losses)))
        holds = best == size and all(check.agrees for check in losses.values()) and min(low, high) >= ends
        return Evidence(holds, f"best {best}; the ends lose {low:.3g} and {high:.3g} times as much")

    return claim


SCENES = (
    Scene(
        "sweet_spot",
        "A budget has a best batch size",
        "2,048 examples in batches of 1 to 512: 16 is best, and both ends lose more than ten times as much.",
        BatchSizeConfig(),
        claim=best_is(16, 10.0),
        tries=Try("budget", 4_096, "Double the budget.", "The best size doubles to 32.", best_is(32)),
    ),
    Scene(
        "small_rate",
        "A smaller rate wants smaller batches",
        "At a quarter of the learning rate the best batch size is 4 instead of 16: it grows with the rate.",
        BatchSizeConfig(lr=0.05),
        claim=best_is(4),
        tries=Try("lr", 0.5, "Set the rate to 0.5.", "The best size is 64.", best_is(64)),
    ),
    Scene(
        "no_spot",
        "Not every run has a sweet spot",
        "With a short budget and a small rate B = 1 is best: every larger batch only wastes steps.",
        BatchSizeConfig(lr=0.02, budget=512, chains=1_000),
        claim=best_is(1, 1.0),
        tries=Try("budget", 4_096, "Set the budget to 4,096.", "Now batches of 4 are best.", best_is(4)),
    ),
)
