"""What can be changed about a network at the edge of stability."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import Config, number, whole

EXAMPLES = 20
MOST_SECONDS = 8.0  # longest allowed run on one core, estimated


@dataclass(frozen=True)
class EdgeConfig(Config):
    """Full-batch gradient descent of a 1–n–n–1 tanh network on a Chebyshev polynomial; see `demos.contract.Config`."""

    lr: float = number(
        0.2,
        "Learning rate lr",
        low=0.02,
        high=0.35,
        scale="log",
        group="main",
        help="A parabola of curvature above 2/lr would be left.",
    )
    steps: int = whole(3_000, "Steps", low=400, high=8_000, scale="log", group="main")
    degree: int = whole(4, "Degree of the polynomial", low=2, high=4, group="main", help="The target, on 20 points.")
    width: int = whole(32, "Width n", low=8, high=48, group="network")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1, group="network", help="Of the first weights.")

    @property
    def numbers(self) -> int:
        """The number of parameters."""
        return self.width * (self.width + 4) + 1

    def seconds(self) -> float:
        """About how long a run takes on one core."""
        return 0.3 + self.steps * 4e-4 + 2e-10 * self.numbers**3

    def check(self) -> None:
        """Raise ValueError where the run would take longer than `MOST_SECONDS`."""
        if (seconds := self.seconds()) > MOST_SECONDS:
            raise ValueError(
                f"This would take about {seconds:,.0f} s; at most {MOST_SECONDS:.0f} s are allowed: take fewer steps."
            )
