"""Studies of clusters, computed on demand: the minima in which optimizers and the flow end from the same starts."""

from __future__ import annotations

import pandas as pd

from demos.common.progress import Progress, part
from demos.contract import Chart, Study
from demos.physics.bench.config import method_label
from demos.physics.clusters.basin_map import BasinMap, four_atoms, grid, seven_atoms, three_atoms, three_atoms_exactly
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.destinations import agreement
from demos.physics.clusters.setup import random_start

METHODS = ("rkc", "fire", "lbfgs")
FEWEST_STARTS, MOST_STARTS, STARTS_BY_SIZE = 8, 60, 600  # 600/N starts, 8 to 60: some ten seconds for any N
MAP_SIZES = {"three": 48, "four": 48, "seven": 32}


def compare_destinations(config: ClusterConfig, progress: Progress | None = None) -> pd.DataFrame:
    """The share of random starts from which each method ends in the minimum of the exact flow.

    Columns: series, starts, same, share, low and high (95 %), middle and error (the same interval), evaluations (median
    of gradients per start), energy (mean of the minima), counted and interval (as text). The first row is the flow.
    """
    system = config.system()
    starts = min(MOST_STARTS, max(FEWEST_STARTS, round(STARTS_BY_SIZE / config.count)))
    table = agreement(system, random_start(config, system, starts), METHODS, progress=progress)
    same, between = zip(table["same"], table["starts"], strict=True), zip(table["low"], table["high"], strict=True)
    return table.assign(
        series=table["method"].map(method_label),
        counted=[f"{hits} of {starts}" for hits, starts in same],
        interval=[f"{low:.0%} – {high:.0%}" for low, high in between],
        middle=(table["low"] + table["high"]) / 2,
        error=(table["high"] - table["low"]) / 2,
    )


def basin_maps(config: ClusterConfig, progress: Progress | None = None) -> pd.DataFrame:
    """A map for each method, the exact flow first: series, x, y, label (the name of the minimum)."""
    kind = _kind(config)
    methods = METHODS if kind == "three" else ("bdf", *METHODS)
    frames = []
    for i, method in enumerate(methods):
        found = _map(config, kind, method, part(progress, i, len(methods)))
        if kind == "three" and not frames:
            frames.append(_tidy("exact: a mirror", found, three_atoms_exactly(MAP_SIZES[kind])))
        is_exact = kind != "three" and method == "bdf"
        frames.append(_tidy(f"exact flow: {method_label(method)}" if is_exact else method_label(method), found))
    return pd.concat(frames, ignore_index=True)


def _kind(config: ClusterConfig) -> str:
    return "three" if config.count <= 3 else "four" if config.count <= 6 else "seven"


def _map(config: ClusterConfig, kind: str, method: str, progress: Progress | None) -> BasinMap:
    size = MAP_SIZES[kind]
    if kind == "seven":
        return seven_atoms(size, method, progress=progress, seed=config.seed)
    return {"three": three_atoms, "four": four_atoms}[kind](size, method, progress=progress)


def _tidy(series: str, found: BasinMap, labels=None) -> pd.DataFrame:
    labels = found.labels if labels is None else labels
    axis = grid(len(labels), found.half)
    names = [name.replace("-", "−") for name in (*found.names, "not at rest")]  # the label −1 indexes the last name
    return pd.DataFrame(
        {
            "series": series,
            "x": [x for _ in axis for x in axis],
            "y": [y for y in axis for _ in axis],
            "label": [names[label] for label in labels.ravel()],
        }
    )


DESTINATIONS = Study(
    "ends",
    "An optimizer is not the flow",
    "The same random starts, each followed by the true flow (BDF at 1e-7), by RKC and by two optimizers. How often do "
    "they end in the same minimum? The larger the cluster, the less often.",
    compare_destinations,
    (
        Chart(
            "",
            "Same minimum as the true flow",
            "evaluations",
            "middle",
            "gradients a start",
            "share of starts",
            "Bars are 95 % intervals, dots their middles. Optimizers are cheaper, and end elsewhere.",
            kind="points",
            error="error",
        ),
    ),
    depends_on=("count", "potential", "steepness", "repulsion", "attraction", "seed"),
    columns={
        "series": "Method",
        "counted": "In the flow's minimum",
        "interval": "95 % interval",
        "evaluations": "Gradients a start",
        "energy": "Mean energy",
    },
)

MAPS_OF = {
    "three": "Two atoms at rest, a third at every point of the plane: each point has the colour of the triangle it "
    "falls into. By symmetry the true border is the line between the two.",
    "four": "A triangle at rest, a fourth atom at every point of its plane: each point has the colour of the rhombus "
    "in which the method ends.",
    "seven": "Seven atoms, a plane of starts through a random one: each point has the colour of the minimum in which "
    "the method ends. The basins of the flow are whole; those of optimizers are frayed.",
}


def map_study(config: ClusterConfig) -> Study:
    """The study of the basin maps for the config's number of atoms."""
    kind = _kind(config)
    return Study(
        "basins",
        "Basins of attraction",
        MAPS_OF[kind],
        basin_maps,
        (
            Chart(
                "",
                f"Where each start of {kind} atoms ends",
                "x",
                "y",
                "x",
                "y",
                "One map a method; a colour is a minimum. Where two maps differ, a method has left the flow's basin.",
                kind="map",
            ),
        ),
        depends_on=("count", "seed"),
    )


def studies(config: ClusterConfig) -> tuple[Study, ...]:
    """The studies of a config, which are computed on demand."""
    return DESTINATIONS, map_study(config)
