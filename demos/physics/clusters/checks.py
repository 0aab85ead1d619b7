"""Checks of a cluster: its energy against the best known one, and whether its end is a minimum."""

from __future__ import annotations

from demos.contract import Check
from demos.physics.bench.endpoint import Endpoint, endpoint_checks
from demos.physics.bench.system import Reference
from demos.physics.clusters.model import Cluster
from demos.physics.clusters.reference import RANGES

UNIT = "ε"  # the depth of a pair's well


def cluster_checks(
    system: Cluster, end: Endpoint, best: Reference | None, above: str = "the best known minimum"
) -> list[Check]:
    """The two rows of `endpoint_checks`, in the cluster's unit."""
    return endpoint_checks(system, end, best, above=above, why=RANGES, unit=UNIT)


def walks_check(hits: int, walks: int, best: Reference) -> Check:
    """The row of the number of walks of a search that found the best known energy. There is no theory for it."""
    return Check("walks that found it", float(hits), None, unit=f"of {walks}", why="the share depends on the budget")
