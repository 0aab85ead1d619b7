"""The studies of this page, computed only when their tab is opened."""

from __future__ import annotations

from demos.contract import Study
from demos.descent.config import DescentConfig
from demos.descent.studies.basins import BASINS
from demos.descent.studies.orders import ORDERS
from demos.descent.studies.phase import NESTEROV, PHASE
from demos.descent.studies.sweep import SWEEP


def studies(config: DescentConfig) -> tuple[Study, ...]:
    """The studies of a config, in the order of the tabs."""
    return (BASINS, SWEEP, ORDERS, PHASE, NESTEROV)
