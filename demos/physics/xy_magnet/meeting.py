"""The time at which the vortex and the antivortex of the start "pair" annihilate, by an independent solution.

    python -m demos.physics.xy_magnet.meeting      (prints the table; about a minute of one core)

SciPy's DOP853 at a relative tolerance of 1e-9 on angles in NumPy; the moment at which no square winds any more.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline

from demos.common.progress import checkpoint
from demos.physics.xy_magnet.monte_carlo import windings
from demos.physics.xy_magnet.starts import with_vortices

SIDES = (*range(8, 48), *range(48, 129, 4), 65, 79, 97, 127)
LONGEST = 400.0
MOST_SPINS = 1.5e7  # moved by Euler's steps: half a second
LOOK = 3  # steps between two looks for vortices


def meeting_time(side: int) -> float:
    """The time, computed, in units of 1/J; nan where they have not met by LONGEST."""
    start = _start(side).ravel()

    def slope(t: float, flat: np.ndarray) -> np.ndarray:
        theta = flat.reshape(side, side)
        sines = [np.sin(np.roll(theta, -1, axis) - theta) for axis in (0, 1)]
        return sum(sine - np.roll(sine, 1, axis) for axis, sine in enumerate(sines)).ravel()

    def left(t: float, flat: np.ndarray) -> float:
        phase = np.exp(1j * flat.reshape(side, side))
        right, up = (np.angle(np.roll(phase, -1, axis) / phase) for axis in (1, 0))
        winding = right + np.roll(up, -1, 1) - np.roll(right, -1, 0) - up
        return float(np.abs(winding).max() > 1.0) - 0.5

    left.terminal = True
    path = solve_ivp(slope, (0.0, LONGEST), start, method="DOP853", rtol=1e-9, atol=1e-9, events=left, max_step=0.5)
    return float(path.t_events[0][0]) if len(path.t_events[0]) else float("nan")


def _start(side: int) -> np.ndarray:
    """(side, side) the angles of the start "pair"."""
    half, height = min(5, side / 6), (side - 1) / 2 + 0.07
    places = [((side - 1) / 2 - half, height, 1), ((side - 1) / 2 + half, height, -1)]
    return with_vortices(side, places)[0].numpy()


@lru_cache(16)
def meeting_by_euler(side: int, step: float) -> float | None:
    """When they meet by explicit Euler, in NumPy; None where that takes too long. Near the end the pair creeps over the
    lattice so slowly that the error of long steps moves the time by several of them."""
    most = 1.2 * meeting(side) / step
    if most * side**2 > MOST_SPINS:
        return None
    theta = _start(side)
    for taken in range(1, int(most) + 2):
        checkpoint()
        sines = [np.sin(np.roll(theta, -1, axis) - theta) for axis in (0, 1)]
        theta = theta + step * sum(sine - np.roll(sine, 1, axis) for axis, sine in enumerate(sines))
        if taken % LOOK == 0 and not windings(theta).any():
            return taken * step
    return None


MEETING: dict[int, float] = {
    8: 0.709,
    9: 2.047,
    10: 1.37,
    11: 2.585,
    12: 2.642,
    13: 4.632,
    14: 3.949,
    15: 7.224,
    16: 5.87,
    17: 8.237,
    18: 9.156,
    19: 13.191,
    20: 11.947,
    21: 17.459,
    22: 15.753,
    23: 19.51,
    24: 22.253,
    25: 29.029,
    26: 27.282,
    27: 35.672,
    28: 33.809,
    29: 39.994,
    30: 46.297,
    31: 43.949,
    32: 48.497,
    33: 45.696,
    34: 50.569,
    35: 47.31,
    36: 52.519,
    37: 48.802,
    38: 54.353,
    39: 50.179,
    40: 56.079,
    41: 51.45,
    42: 57.703,
    43: 52.624,
    44: 59.231,
    45: 53.709,
    46: 60.669,
    47: 54.711,
    48: 62.023,
    52: 64.5,
    56: 66.701,
    60: 68.66,
    64: 70.408,
    65: 61.011,
    68: 71.97,
    72: 73.37,
    76: 74.626,
    79: 63.788,
    80: 75.756,
    84: 76.775,
    88: 77.695,
    92: 78.529,
    96: 79.286,
    97: 65.981,
    100: 79.974,
    104: 80.601,
    108: 81.174,
    112: 81.698,
    116: 82.179,
    120: 82.621,
    124: 83.027,
    127: 67.951,
    128: 83.402,
}
"""side: when they meet"""


def meeting(side: int) -> float:
    """The time, from the table; interpolated between sides of the same parity, which differ little."""
    if side in MEETING:
        return MEETING[side]
    kind = [known for known in MEETING if known % 2 == side % 2]
    return float(CubicSpline(kind, [MEETING[known] for known in kind])(side))


def main() -> None:
    print({side: round(meeting_time(side), 3) for side in sorted(SIDES)})


if __name__ == "__main__":
    main()
