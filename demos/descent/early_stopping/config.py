"""What can be changed about a descent on noisy least squares."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import Config, number, whole

MOST_SECONDS = 6.0  # longest allowed run on one core, estimated


@dataclass(frozen=True)
class EarlyStoppingConfig(Config):
    """Gradient descent from 0 on least squares, for several draws of the noise at once; see `demos.contract.Config`."""

    noise: float = number(1.0, "Noise of the targets σ", low=0.02, high=3.0, scale="log", group="main")
    examples: int = whole(60, "Examples n", low=10, high=400, scale="log", group="main")
    features: int = whole(40, "Features d", low=2, high=80, group="main")
    steps: int = whole(3_000, "Steps", low=100, high=20_000, scale="log", group="main")
    decay: float = number(
        1.0,
        "Fall of the scales α",
        low=0.0,
        high=2.0,
        step=0.1,
        group="data",
        help="Feature i has the scale i^(−α): the larger α, the fewer features matter.",
    )
    rate: float = number(
        1.0,
        "lr × largest curvature",
        low=0.05,
        high=1.0,
        step=0.05,
        group="run",
        help="Time is lr × steps. Up to 1 no direction overshoots.",
    )
    draws: int = whole(
        200, "Draws of the noise", low=20, high=400, scale="log", group="run", help="Same features and truth in each."
    )
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1, group="run", help="Of the features, the truth and the noise.")

    def seconds(self) -> float:
        """About how long a run takes on one core."""
        return 0.15 + self.steps * (3e-5 + 3e-10 * self.draws * self.features**2)

    def check(self) -> None:
        """Raise ValueError where the run would take longer than `MOST_SECONDS`."""
        if (seconds := self.seconds()) > MOST_SECONDS:
            raise ValueError(
                f"This would take about {seconds:,.0f} s; at most {MOST_SECONDS:.0f} s are allowed: take fewer steps, "
                "features or draws."
            )
