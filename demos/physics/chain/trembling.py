"""The error that a step of the chain's flow may have, so that its stiff links do not tremble.

An error e of the joints across a chain under tension T makes a force Le, L = 4T/ℓ for links of length ℓ. The flow would
damp it within 1/L. Explicit steps that are longer keep it: the picture then trembles, and dissipates (Le)² where the
exact flow dissipates nothing. RKC damps it within a step, so that Le need only be smaller than a joint's weight, 1.
Dormand–Prince steps at the edge of its stability and never damps it: all its joints together, over the whole time, may
dissipate no more than a share `IDENTITY` of the energy that falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from demos.common.numbers import number
from demos.physics.bench.flow_checks import IDENTITY
from demos.physics.chain.config import ChainConfig
from demos.physics.chain.reference import Catenary

SHORTEST = 1e-3  # shortest distance, in spans, that scales the tolerance: below it the energy's fall is mostly rounding
WEIGHT = 0.5  # largest Le of a method that damps it, in weights of a joint


@dataclass(frozen=True)
class StepError:
    """asked: the error of a step, in spans, that the config's tolerance allows; calm: the largest one at which the
    links do not tremble; infinite for methods without a tolerance."""

    asked: float
    calm: float

    @property
    def used(self) -> float:
        return min(self.asked, self.calm)

    def notes(self) -> list[str]:
        """A note where the tolerance would let the links tremble."""
        if self.asked <= self.calm:
            return []
        return [
            f"An error of {number(self.asked, digits=2)} spans in a step, which the tolerance allows, would make the "
            f"links tremble: steps were kept to {number(self.calm, digits=2)}."
        ]


def step_error(config: ChainConfig, exact: Catenary, distance: float, fall: float) -> StepError:
    """The error of a step in spans. distance: how far a joint would move at its initial speed; fall: how much energy
    the chain can lose."""
    asked = config.tolerance * max(SHORTEST, min(config.sag, distance))
    stiffness = 4 * float(exact.tensions.max()) * config.links / config.length
    if config.method == "rkc":
        return StepError(asked, WEIGHT / stiffness)
    if config.method == "dopri5":
        return StepError(asked, sqrt(IDENTITY * max(fall, 0.0) / (config.links * config.duration)) / stiffness)
    return StepError(asked, float("inf"))
