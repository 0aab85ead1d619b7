"""What can be changed about the physics-informed network."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import Config, choice, number, whole

RULES = {
    "weighted": "Max / mean, λ counted",
    "unweighted": "Max / mean, λ left out",
    "norms": "Equal norms",
}


@dataclass(frozen=True)
class PinnConfig(Config):
    """Two networks of one seed solve −u″ = f: one with a fixed weight of the boundary, one with a balanced weight."""

    frequency: int = whole(2, "Frequency k", low=1, high=4, group="main", help="The exact solution is sin kπx.")
    rule: str = choice(
        "weighted",
        "Balancing",
        RULES,
        group="main",
        help="Every ten steps λ moves a tenth of the way to max |∇ℒᵣ| / mean |λ∇ℒ_b|, with λ counted there or left "
        "out, or to |∇ℒᵣ| / |∇ℒ_b|.",
    )
    weight: float = number(
        1.0,
        "Fixed weight λ",
        low=0.01,
        high=1e4,
        scale="log",
        group="main",
        help="Of the boundary's loss, in the network that is not balanced.",
    )
    steps: int = whole(400, "Steps", low=50, high=2_000, scale="log", group="main")
    lr: float = number(2e-3, "Learning rate", low=1e-4, high=1e-2, scale="log")
    width: int = whole(24, "Units in a layer", low=4, high=40)
    seed: int = whole(2, "Seed", low=0, high=2**31 - 1)

    def seconds(self) -> float:
        """About how long a run takes."""
        return 0.3 + self.steps * (3 + self.width / 8) * 1.1e-4
