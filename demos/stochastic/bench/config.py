"""PanelConfig: what the configs of all panels share, and the fields that most of them have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demos.contract import Config, number, whole

MOST_SECONDS = 8.0  # longest allowed run on one core, estimated


@dataclass(frozen=True)
class PanelConfig(Config):
    """Base of the panels' configs."""

    def seconds(self) -> float:
        """About how long a run takes on one core."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise ValueError where the run would take longer than `MOST_SECONDS`."""
        seconds = self.seconds()
        if seconds > MOST_SECONDS:
            raise ValueError(
                f"This would take about {seconds:,.0f} s; at most {MOST_SECONDS:.0f} s are allowed: take fewer steps, "
                "fewer chains or smaller batches."
            )


def rate_field(default: float, high: float, **rest: Any) -> Any:
    return number(default, "Learning rate", **({"low": 1e-3, "high": high, "scale": "log", "group": "main"} | rest))


def batch_field(default: int, most: int, **rest: Any) -> Any:
    return whole(default, "Batch size B", **({"low": 1, "high": most, "scale": "log", "group": "main"} | rest))


def chains_field(default: int, most: int = 20_000, **rest: Any) -> Any:
    text = "Independent runs from the same start, each with its own batches."
    return whole(default, "Chains", **({"low": 200, "high": most, "scale": "log", "group": "run", "help": text} | rest))


def steps_field(default: int, most: int = 5_000, **rest: Any) -> Any:
    return whole(default, "Steps", **({"low": 10, "high": most, "scale": "log", "group": "run"} | rest))


def seed_field() -> Any:
    return whole(0, "Seed", low=0, high=2**31 - 1, group="run")
