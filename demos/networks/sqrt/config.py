"""What can be changed about a root in a loss."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import Config, choice, number, whole

CURES = {
    "none": "None: √x",
    "epsilon": "ε inside: √(x + ε)",
    "clamp": "Clamp: √max(x, ε)",
    "where": "where, naive",
    "where_twice": "where, inside and outside",
}


@dataclass(frozen=True)
class SqrtConfig(Config):
    """Gradient descent of numbers w on the loss √(w²), a distance, whose gradient at w = 0 is 0/0."""

    cure: str = choice(
        "none",
        "Cure",
        CURES,
        group="main",
        help="Naive: where(x > 0, √x, 0). Inside and outside: the root sees 1 where x = 0, and its value is masked.",
    )
    epsilon: float = number(1e-4, "ε", low=1e-16, high=1e-2, scale="log", group="main")
    lr: float = number(0.05, "Learning rate", low=1e-3, high=0.5, scale="log", group="main")
    steps: int = whole(60, "Steps", low=10, high=300, scale="log")
    starts: int = whole(25, "Starts", low=5, high=61, help="Evenly from −1 to 1; if odd, one is 0.")

    def unused(self) -> frozenset[str]:
        return frozenset() if self.cure in ("epsilon", "clamp") else frozenset({"epsilon"})
