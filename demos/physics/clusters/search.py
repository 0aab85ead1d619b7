"""Searches for the ground state of a cluster, basin hopping and Langevin annealing, with their pictures and tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from demos.common.numbers import counted, number
from demos.common.progress import Progress
from demos.contract import Result
from demos.physics.bench.endpoint import Endpoint, endpoint_notes, endpoint_of, is_same, typographic_minus
from demos.physics.bench.flow_checks import apart_check
from demos.physics.bench.frames import interpolated
from demos.physics.bench.freezing import freeze
from demos.physics.bench.headlines import end_words
from demos.physics.bench.invariants import invariant_checks
from demos.physics.bench.own_energy import own_energy_check
from demos.physics.bench.system import Reference
from demos.physics.clusters.alignment import aligned
from demos.physics.clusters.basin_hopping import Search, basin_hopping
from demos.physics.clusters.checks import UNIT, cluster_checks, walks_check
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.model import Cluster
from demos.physics.clusters.picture import cluster_panel, energy_panel, site_values, title_of
from demos.physics.clusters.reference import RANGES
from demos.physics.clusters.setup import STARTS
from demos.picture import Picture, Readout

COOLED_BY = "baoab"  # the method of annealing: with momenta
MORPH, HOLD = 8, 6  # frames of the transition from one minimum to the next, and of each minimum
MOST_SHOWN = 12  # most minima that are shown: the last ones
LANES = 16


def run_hopping(config: ClusterConfig, system: Cluster, progress: Progress | None) -> Result:
    """Run basin hopping until every walk has a hit or has used its budget, so that the share of hits is unbiased."""
    start = config.start if config.start == "random" else STARTS[config.start]
    search = basin_hopping(
        system,
        seed=config.seed,
        runs=config.walks,
        hops=config.hops,
        lanes=LANES,
        first_hit=False,
        start=start,
        progress=progress,
    )
    end, best = endpoint_of(system, search.best), system.ground_state
    notes = [
        typographic_minus(str(search)[:1].upper() + str(search)[1:] + "."),
        *endpoint_notes(end, best, "The search"),
    ]
    minima = [torch.from_numpy(positions) for _, _, positions in search.lowest] or [search.best]
    checks = [*cluster_checks(system, end, best, at_random=config.start == "random"), apart_check(system, end.state)]
    shown = np.array([energy for _, energy, _ in search.lowest] or [search.energy])
    if system.own_energy is not None:
        checks.append(own_energy_check(system.own_energy, torch.stack(minima).numpy(), shown))
    checks += [*invariant_checks(system, torch.stack(minima)[:, None])]
    if best is not None:
        checks.insert(1, walks_check(search.hits, len(search.runs), best))
    return Result(
        _hopping_picture(config, system, search),
        tuple(checks),
        {"search": _search_table(search), "walks": _walks_table(search, config.hops)},
        tuple(notes),
        headline=_headline(search, end, best),
    )


def _headline(search: Search, end: Endpoint, best: Reference | None) -> str:
    """The headline: how many walks found the best known minimum, or else how far the lowest is above it."""
    if best is None or end.certificate is None or not is_same(end.energy, best):
        return f"{end_words(end, best)}: the lowest of {counted(len(search.runs), 'walk')}."
    walks = counted(len(search.runs), "walk")
    return f"{search.hits} of {walks} found the best known minimum, E = {number(end.energy, digits=6)}."


def run_annealing(config: ClusterConfig, system: Cluster, start: Tensor, progress: Progress | None) -> Result:
    """Anneal start (walks, N, 3), and show the walk with the lowest final energy."""
    at_random = config.start == "random"
    frozen = freeze(config, system, start, COOLED_BY, progress, why=RANGES, unit=UNIT, at_random=at_random)
    levels = {} if system.ground_state is None else {"best known": system.ground_state.value}
    body = cluster_panel(
        system, frozen.states, config.color, title=title_of(system), captions=frozen.captions, weight=1.25
    )
    picture = Picture(
        [body, energy_panel(frozen.times, {"E": frozen.energies}, levels, x_label="t")],
        Readout("t", frozen.times),
        (Readout("kT", frozen.kT), Readout("E", frozen.energies, digits=6)),
        seconds=9.0,
        alt=f"{config.count} atoms are cooled from kT = {config.hot:g} to {config.cold:g} and freeze at energy "
        f"{frozen.energies[-1]:.4f}.",
    )
    return Result(picture, frozen.checks, {"ends": frozen.table}, frozen.notes, frozen.warnings, frozen.headline)


def _search_table(search: Search) -> pd.DataFrame:
    """The lowest energy so far over the minimizations of all walks together, as steps; and the best known one."""
    lowest = search.lowest or ((1, search.energy, None),)
    x = [quenches for quenches, _, _ in lowest] + [search.quenches]
    y = [energy for _, energy, _ in lowest] + [lowest[-1][1]]
    stairs_x, stairs_y = np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
    rows = [pd.DataFrame({"series": "lowest so far", "x": stairs_x, "energy": stairs_y})]
    if search.target is not None:
        rows.append(
            pd.DataFrame({"series": "exact: best known", "x": [x[0], max(x[-1], x[0] + 1)], "energy": search.target})
        )
    return pd.concat(rows, ignore_index=True)


def _walks_table(search: Search, hops: int) -> pd.DataFrame:
    """The share of walks that had found the best known energy by their x-th minimization."""
    if search.target is None or not search.runs:
        return pd.DataFrame({"series": [], "x": [], "share": []})
    found = np.sort([run.quenches for run in search.runs if run.hit])
    x = np.r_[1, np.repeat(found, 2), hops]
    share = np.r_[0.0, np.repeat(np.arange(len(found) + 1), 2)[1:-1], len(found)] / len(search.runs)
    return pd.DataFrame({"series": "walks", "x": x, "share": share})


def _hopping_picture(config: ClusterConfig, system: Cluster, search: Search) -> Picture:
    """The successive lowest minima, each aligned with the one before, with interpolated transitions between them."""
    lowest = [*search.lowest[-MOST_SHOWN:]] or [(search.quenches, search.energy, search.best.numpy())]
    shapes = [lowest[0][2] - lowest[0][2].mean(0)]
    for _, _, positions in lowest[1:]:
        shapes.append(aligned(positions, shapes[-1]))
    glide = (1 - np.cos(np.pi * np.arange(1, MORPH + 1) / MORPH)) / 2
    positions, captions = [0.0] * HOLD, [_caption(lowest[0])] * HOLD  # index of the minimum, fractional in between
    for i in range(1, len(shapes)):
        positions += [*(i - 1 + glide), *[float(i)] * HOLD]
        captions += ["hopping …"] * MORPH + [_caption(lowest[i])] * HOLD
    where = np.array(positions)
    energies = np.array([energy for _, energy, _ in lowest])[np.rint(where).astype(int)]
    clock = np.exp(interpolated(np.log([quenches for quenches, _, _ in lowest]), where))
    colors = interpolated(site_values(system, np.array(shapes), config.color), where)
    levels = {} if search.target is None else {"best known": search.target}
    body = cluster_panel(
        system,
        interpolated(np.array(shapes), where),
        config.color,
        colors,
        title=title_of(system),
        captions=captions,
        weight=1.25,
    )
    flat = energy_panel(np.log10(clock), {"lowest so far": energies}, levels, x_label="minimizations", x_scale="log")
    return Picture(
        [body, flat],
        Readout("minimizations", np.rint(clock), digits=6),
        (Readout("E", energies, digits=8),),
        seconds=max(3.0, 0.1 * len(where)),
        alt=f"Ever lower minima of {config.count} atoms, the last at {search.energy:.6f}.",
    )


def _caption(found: tuple[int, float, np.ndarray]) -> str:
    return typographic_minus(f"minimum {found[1]:.4f}, minimization {found[0]:,}")
