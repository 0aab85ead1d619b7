"""When the vortex and the antivortex of the start "pair" meet and vanish, by an independent solution of the flow.

    python -m demos.physics.xy_magnet.meeting      (prints the table; about half a minute of one core)

SciPy's DOP853 at a relative tolerance of 1e-9 on angles in NumPy; the moment at which no square winds any more.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from demos.physics.xy_magnet.starts import with_vortices

SIDES = range(8, 129, 4)
LONGEST = 400.0


def meeting_time(side: int) -> float:
    """In units of 1/J; nan where they have not met by LONGEST."""
    half, height = min(5, side / 6), (side - 1) / 2 + 0.07
    places = [((side - 1) / 2 - half, height, 1), ((side - 1) / 2 + half, height, -1)]
    start = with_vortices(side, places)[0].numpy().ravel()

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


MEETING: dict[int, float] = {
    8: 0.709,
    12: 2.642,
    16: 5.87,
    20: 11.947,
    24: 22.253,
    28: 33.809,
    32: 48.497,
    36: 52.519,
    40: 56.079,
    44: 59.231,
    48: 62.023,
    52: 64.5,
    56: 66.701,
    60: 68.66,
    64: 70.408,
    68: 71.97,
    72: 73.37,
    76: 74.626,
    80: 75.756,
    84: 76.775,
    88: 77.695,
    92: 78.529,
    96: 79.286,
    100: 79.974,
    104: 80.601,
    108: 81.174,
    112: 81.698,
    116: 82.179,
    120: 82.621,
    124: 83.027,
    128: 83.402,
}
"""side: when they meet"""


def main() -> None:
    print({side: round(meeting_time(side), 3) for side in SIDES})


if __name__ == "__main__":
    main()
