"""What can be changed about sensitivity and importance."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import Config, number, whole


@dataclass(frozen=True)
class SensitivityConfig(Config):
    """A ReLU network with two hidden layers learns a function of the plane; then each of its units is removed."""

    steps: int = whole(400, "Training steps", low=0, high=2_000, group="main")
    lr: float = number(0.1, "Learning rate", low=0.005, high=0.3, scale="log", group="main")
    width: int = whole(16, "Units in a layer", low=2, high=32, group="main")
    examples: int = whole(128, "Examples", low=8, high=256, scale="log")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1)

    def seconds(self) -> float:
        """About how long it takes on one core."""
        parts = (self.width / 16, 0.6 + 0.4 * self.examples / 128, 0.6 + 0.4 * self.steps / 400)
        return 0.35 + 0.35 * parts[0] * parts[1] * parts[2]
