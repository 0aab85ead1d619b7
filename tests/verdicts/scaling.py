"""Ways in which the engine of the linear scaling rule can be wrong."""

from __future__ import annotations

from tests.verdicts.stochastic import SHARED

MUTATIONS = SHARED
