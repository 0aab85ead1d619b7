"""What can be changed about a CNN or a Transformer that learns a toy task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demos.contract import Config, choice, number, whole

KINDS = {"transformer": "Transformer: copying", "cnn": "CNN: naming shapes"}
VARIANTS = {"transformer": ("post", "pre"), "cnn": ("plain", "skips")}
LABELS = {"post": "Post-norm", "pre": "Pre-norm", "plain": "Without skips", "skips": "With skips / √L"}
INITS = {"default": "torch's default", "he": "He"}
OPTIMIZERS = {"adam": "Adam", "momentum": "SGD, momentum 0.9"}
USUAL = {
    "transformer": {"lr": 0.01, "optimizer": "adam", "blocks": 8},
    "cnn": {"lr": 0.008, "optimizer": "adam", "blocks": 14},
}
LONGEST = 6.0  # seconds


@dataclass(frozen=True)
class TasksConfig(Config):
    """Two variants of one architecture, the same data and steps, side by side."""

    kind: str = choice("transformer", "Architecture and task", KINDS, group="main")
    blocks: int = whole(8, "Blocks L", low=2, high=16, scale="log", group="main", help="Or convolutions.")
    warmup: int = whole(
        0, "Warm-up", unit="steps", low=0, high=200, step=10, group="main", help="The rate rises evenly up to here."
    )
    lr: float = number(0.01, "Learning rate", low=1e-4, high=0.3, scale="log", group="main")
    optimizer: str = choice("adam", "Optimizer", OPTIMIZERS)
    init: str = choice("default", "Initial weights", INITS, help="Of the convolutions; biases are torch's.")
    width: int = whole(32, "Width", low=8, high=64, step=4, help="Numbers in a token, or channels × 4.")
    batch: int = whole(32, "Batch", low=8, high=128, scale="log")
    steps: int = whole(120, "Steps", low=40, high=1_000, scale="log")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1)

    def check(self) -> None:
        if self.width % 4:
            raise ValueError("The width must be a multiple of 4.")
        if self.seconds() > LONGEST:
            raise ValueError(
                f"{self.steps:,} steps of {self.blocks} blocks take about {self.seconds():.1f} seconds; at most "
                f"{LONGEST:g} are allowed: fewer steps or blocks, or a smaller batch or width, will do."
            )

    def seconds(self) -> float:
        """About how long both take on one core, with their looks and checks, which no number of steps saves."""
        if self.kind == "transformer":
            block = 6e-4 + 7.5e-9 * self.batch * self.width**2
        else:
            block = 2.5e-4 + 1.6e-7 * self.batch * self.width
        looks = 0.02 + 9e-9 * (1536 + 29 * self.batch) * self.width**2  # 12 × 128 fresh examples, 29 batches in NumPy
        return 2 * self.blocks * (self.steps * block + looks) + 2 * self.steps * 6e-4

    @classmethod
    def adapt(cls, before: Any, values: dict[str, Any]) -> dict[str, Any]:
        """Another architecture brings its usual optimizer, rate and depth along."""
        return values | USUAL[values["kind"]] if values["kind"] != before.kind else values

    @property
    def variants(self) -> tuple[str, str]:
        return VARIANTS[self.kind]

    def unused(self) -> frozenset[str]:
        return frozenset({"init"} if self.kind == "transformer" else ())
