"""Ways in which the engine of heavy tails can be wrong."""

from __future__ import annotations

from tests.verdicts.stochastic import SHARED

MUTATIONS = SHARED
