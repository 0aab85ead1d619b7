"""Ways in which the engine of the cloud can be wrong."""

from __future__ import annotations

from tests.verdicts.stochastic import SHARED

MUTATIONS = SHARED
