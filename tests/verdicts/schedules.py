"""Ways in which the engine of schedules can be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from demos.stochastic.schedules import schedule
from tests.verdicts.harness import Mutation
from tests.verdicts.stochastic import SHARED


def other_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cosine comes to 5 % of its peak, and not to 0; the law is not asked again."""
    from demos.stochastic.schedules import law, run

    original = schedule.rates
    assert law.rates is original

    def broken(name: str, lr: float, steps: int) -> np.ndarray:
        return original(name, lr, steps) + (0.05 * lr if name == "cosine" else 0.0)

    monkeypatch.setattr(run, "rates", broken)


def other_beta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schedule-Free takes its gradient at another place than the law has it."""
    from demos.stochastic.schedules import run

    monkeypatch.setattr(run, "BETA", 0.85)


MUTATIONS = (
    *SHARED,
    Mutation("cosine ends at 5 % of its peak", other_rates),
    Mutation("Schedule-Free with another β", other_beta),
)
