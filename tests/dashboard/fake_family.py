"""A family of two small demos whose configs have fields of the same names, but with different limits and options."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from demos import contract
from demos.contract import Config, Family, Scene
from tests.dashboard.fake_demo import FAKE, FakeConfig, run


@dataclass(frozen=True)
class BowlConfig(Config):
    """`rate` has a higher limit than in `FakeConfig`, `method` has other options, `seed` is unused without noise."""

    rate: float = contract.number(0.5, "Rate", low=0.0, high=9.0, step=0.5, group="main")
    method: str = contract.choice("rk4", "Method", {"rk4": "Runge–Kutta", "dopri5": "Dormand–Prince"}, group="main")
    noise: bool = contract.flag(False, "Noise", group="start")
    seed: int = contract.whole(0, "Seed", low=0, high=99, group="start")

    def unused(self) -> frozenset[str]:
        return frozenset() if self.noise else frozenset({"seed"})


def run_bowl(config: BowlConfig, progress=None):
    if config.rate > 8:
        raise ValueError("So steep a bowl is not computed.")
    return run(FakeConfig(rate=min(2.0, config.rate), particles=20, seed=config.seed), progress)


BOWL = dataclasses.replace(
    FAKE,
    name="bowl",
    title="Bowl",
    equation=lambda config: rf"\dot x = -{config.rate:g}\,x",
    config=BowlConfig,
    run=run_bowl,
    scenes=(
        Scene("steep", "Steep bowl", "Down at once.", BowlConfig(rate=4.0)),
        Scene("flat", "Flat bowl", "Down in a while.", BowlConfig(rate=0.0)),
    ),
    code=lambda config: f"BowlConfig(rate={config.rate!r})",
)
FAMILY = Family("both", "Two decays", "One page, two demos.", {"fake": FAKE, "bowl": BOWL}, "system", "System")
