"""Equilibrium values of spins at T > 0: means of a long Monte Carlo run, and standard errors of averages over time.

The table is `equilibrium.json`; `monte_carlo` makes it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt, tanh

import numpy as np
from scipy.interpolate import PchipInterpolator

from demos.physics.xy_magnet.monte_carlo import EDGES, TABLE
from demos.physics.xy_magnet.reference import wave_rates

NAMES = ("energy", "pairs", "far", "modulus")
BETWEEN = {"energy": 1e-3, "pairs": 0.01, "far": 0.01, "modulus": 0.01}  # error of the interpolation in T
# error of the interpolation in the side, as a share of the difference between neighbouring sides of the table
SIZES_BETWEEN = {"energy": 0.15, "pairs": 0.15, "far": 0.15, "modulus": 0.3}
SHARE_BETWEEN = 0.04  # relative error of the interpolation for pairs
FORGOTTEN = 4.0  # correlation times after which the start has no more influence
SHORTEST = 2.0  # least time until then
SPREAD = {0.89: 15.0, 0.95: 30.0, 1.0: 60.0, 1.1: 75.0, 1.2: 45.0, 1.4: 20.0, 1.8: 8.0, 2.0: 6.0}
"""kT -> time until an aligned lattice has as many vortices as in equilibrium, within 2 %: longest just above the
transition, where they have to spread over the longest distances. Means of five or six runs of 48² spins."""
UNBOUND = 1.0  # kT above which the vortices of the start have no influence after a short time
APART = 150.0  # time in which vortices of the start have met at a kT below that


@dataclass(frozen=True)
class Known:
    """A mean in equilibrium, its standard error, and what the interpolation between table entries may miss."""

    value: float
    error: float
    floor: float


def known(name: str, side: int, T: float) -> Known | None:
    """The mean of `energy` (per spin), `pairs` or `far` (per 100 spins) or `modulus`; None outside the table."""
    table = _means()
    temperatures = table["T"]
    if not temperatures[0] <= T <= temperatures[-1]:
        return None
    sides = table["sides"]
    values = np.array([float(PchipInterpolator(temperatures, table[name][i])(T)) for i in range(len(sides))])
    errors = np.array([float(np.interp(T, temperatures, table[f"{name}_error"][i])) for i in range(len(sides))])
    place = float(np.interp(1 / side, 1 / sides[::-1], np.arange(len(sides))[::-1]))
    low = min(int(place), len(sides) - 2)
    share, apart = place - low, abs(values[low + 1] - values[low])
    value = (1 - share) * values[low] + share * values[low + 1]
    between = 0.0 if min(abs(temperatures - T)) < 1e-9 else BETWEEN[name]
    between += SHARE_BETWEEN * value * (name in ("pairs", "far"))
    sizes = 0.0 if side in sides else SIZES_BETWEEN[name] * apart + (0.002 if name == "energy" else 0.02 * abs(value))
    return Known(value, float(np.interp(place, np.arange(len(sides)), errors)), between + sizes)


def scatter(name: str, side: int, T: float, apart: float, count: int) -> float:
    """The standard error of the mean of `count` values, `apart` in time, of energy, temperature, pairs or far."""
    table = _scatter()
    spread = float(np.interp(T, table["T"], table[f"{name}_spread"])) / side
    time = float(np.interp(T, table["T"], table[f"{name}_time"]))
    if name == "energy" and T < UNBOUND:
        time = max(time, wave_time(side, T))
    return spread / sqrt(independent_frames(count, apart, time))


def separate_frames(name: str, T: float, apart: float, count: int) -> float:
    """What `count` frames, `apart` in time, are worth in independent ones for `pairs` or `far`: a pair that lives long
    is seen in many of them."""
    table = _scatter()
    return independent_frames(count, apart, float(np.interp(T, table["T"], table[f"{name}_time"])))


def independent_frames(count: int, apart: float, time: float) -> float:
    """What `count` values `apart` in time, with this correlation time, are worth in independent ones."""
    return count * tanh(min(apart / (2 * max(time, 1e-3)), 20.0))


def modulus_scatter(side: int, T: float) -> tuple[float, float]:
    """The spread of the helicity modulus of one moment, and its correlation time. Its squared currents do not average
    out over the lattice: both are tabled by the side, and those of the largest stand for larger ones."""
    table = _modulus()
    found = []
    for name in ("spread", "time"):
        at_T = [float(np.interp(T, table["T"], row)) for row in table[name]]
        found.append(float(np.interp(np.log(side), np.log(table["sides"]), at_T)))
    return found[0], found[1]


def wave_time(side: int, T: float) -> float:
    """The correlation time of the energy of spin waves, each of which loses it as e^(−2ωt): the mean of 1/2ω, which
    grows with the logarithm of the side."""
    return float((0.5 / soft_rates(side, T)).mean())


def soft_rates(side: int, T: float) -> np.ndarray:
    """The rates ω of all spin waves, softened by the helicity modulus."""
    stiff = known("modulus", side, T)
    return max(0.2, stiff.value if stiff else 1.0) * wave_rates(side, (0, 0)).ravel()[1:]


def forgets(start: str, side: int, T: float) -> float:
    """About the time after which the start has no more influence at T; infinite for a twist, which persists."""
    table = _scatter()
    soon = max(SHORTEST, FORGOTTEN * float(np.interp(T, table["T"], table["energy_time"])))
    if T > min(SPREAD):
        soon = max(soon, float(np.interp(T, list(SPREAD), list(SPREAD.values()))))
    if start == "aligned" or T >= UNBOUND:
        return soon
    return max(soon, {"twisted": float("inf"), "random": side**2 / 4}.get(start, APART))


def missing_waves(side: int, T: float, since: float, until: float) -> float:
    """The energy per spin that long waves still lack, averaged from `since` to `until`, after an aligned start: each
    wave has T/2 (1 − e^(−2ωt)), with ω softened by the helicity modulus."""
    rates = 2 * soft_rates(side, T)
    left = (np.exp(-rates * since) - np.exp(-rates * until)) / (rates * (until - since))
    return 0.5 * T * float(left.sum()) / side**2


def distances(T: float) -> tuple[np.ndarray, np.ndarray]:
    """The histogram of the distance between partners on the largest lattice: edges (K + 1,) and shares of pairs (K,);
    the last bin also holds all larger distances."""
    table = _means()
    rows = np.array(table["distances"][-1])
    shares = np.array([np.interp(T, table["T"], column) for column in rows.T])
    return np.r_[EDGES, EDGES[-1] + 1], shares


def far_share(T: float) -> float:
    """The share of pairs that are farther than two sites apart, on the largest lattice."""
    table = _means()
    far, pairs = (float(np.interp(T, table["T"], table[name][-1])) for name in ("far", "pairs"))
    return far / pairs if pairs else 0.0


@lru_cache(1)
def _rows() -> dict:
    return json.loads(TABLE.read_text(encoding="utf-8"))


@lru_cache(1)
def _means() -> dict[str, np.ndarray]:
    rows = _rows()["means"]
    sides = sorted({row["side"] for row in rows})
    grid = sorted({row["T"] for row in rows})
    place = {(row["side"], row["T"]): row for row in rows}
    columns = [*NAMES, *(f"{name}_error" for name in NAMES), "distances"]
    table = {name: np.array([[place[s, T][name] for T in grid] for s in sides]) for name in columns}
    return table | {"T": np.array(grid), "sides": np.array(sides)}


@lru_cache(1)
def _modulus() -> dict[str, np.ndarray]:
    rows = _rows()["modulus"]
    sides, grid = sorted({row["side"] for row in rows}), sorted({row["T"] for row in rows})
    place = {(row["side"], row["T"]): row for row in rows}
    columns = {name: np.array([[place[s, T][name] for T in grid] for s in sides]) for name in ("spread", "time")}
    return columns | {"T": np.array(grid), "sides": np.array(sides)}


@lru_cache(1)
def _scatter() -> dict[str, np.ndarray]:
    rows = _rows()["scatter"]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}
