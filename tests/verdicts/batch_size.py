"""Ways in which the engine of the batch size's panel can be wrong."""

from __future__ import annotations

from tests.verdicts.stochastic import SHARED

MUTATIONS = SHARED
