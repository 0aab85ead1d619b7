"""Checks of a cluster: its energy against the best known one, and whether its end is a minimum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from demos.common.numbers import number
from demos.contract import Check
from demos.physics.bench.endpoint import SAME_MINIMUM, Endpoint, endpoint_checks
from demos.physics.bench.system import Reference
from demos.physics.clusters.model import Cluster
from demos.physics.clusters.reference import RANGES

UNIT = "ε"  # the depth of a pair's well
UNDECIDED = 1e-6  # difference from a bond's length that rounding can turn over


def cluster_checks(
    system: Cluster,
    end: Endpoint,
    best: Reference | None,
    above: str = "the best known minimum",
    at_random: bool = False,
) -> list[Check]:
    """The two rows of `endpoint_checks`, in the cluster's unit."""
    return endpoint_checks(system, end, best, above=above, why=RANGES, unit=UNIT, at_random=at_random)


def flow_row(energy: float, best: Reference) -> Check:
    """The row of where the flow itself ends from the start of an optimizer's run, above the best known minimum."""
    return Check(
        "where the flow itself ends, above the best known",
        energy - best.value,
        None,
        unit=UNIT,
        why="shown beside the optimizer: it need not end where the flow ends",
    )


def flow_words(energy: float, end: Endpoint, best: Reference) -> str:
    """Where the flow ends, beside the end of an optimizer from the same start."""
    if abs(energy - end.energy) < SAME_MINIMUM:
        return "there too"
    above = energy - best.value
    return "in the best known" if above < SAME_MINIMUM else f"{number(above, digits=3)} above it"


def bonds_check(system: Cluster, states: np.ndarray, captions: Sequence[str]) -> Check:
    """The row of the bonds that the captions of frames (F, N, 3) tell, all frames together, against a count of
    distances here. Its floor: the distances so near to a bond's length that rounding decides."""
    first, second = np.triu_indices(states.shape[1], 1)
    lengths = np.linalg.norm(states[:, first] - states[:, second], axis=2)
    return Check(
        "bonds told in all frames",
        float(sum(int(words.split()[0]) for words in captions)),
        float((lengths < system.bond).sum()),
        floor=float((np.abs(lengths - system.bond) < UNDECIDED).sum()),
        source="distances of the atoms that are drawn",
    )


def walks_check(hits: int, walks: int, best: Reference) -> Check:
    """The row of the number of walks of a search that found the best known energy. There is no theory for it."""
    return Check("walks that found it", float(hits), None, unit=f"of {walks}", why="the share depends on the budget")
