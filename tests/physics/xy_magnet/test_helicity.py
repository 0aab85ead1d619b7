"""The helicity modulus: by hand on twisted spins, by the theory of waves where it is cold, by two engines where not."""

from __future__ import annotations

from math import cos, pi, sin, sqrt

import numpy as np
import pytest

from demos.contract import State
from demos.physics.xy_magnet.config import WARM, XYMagnetConfig
from demos.physics.xy_magnet.equilibrium import independent_frames, known, modulus_scatter
from demos.physics.xy_magnet.helicity import modulus, modulus_check
from demos.physics.xy_magnet.monte_carlo import REPLICAS, TIME, modulus_of
from demos.physics.xy_magnet.reference import T_BKT
from demos.physics.xy_magnet.simulate import simulate
from demos.physics.xy_magnet.warm_checks import second_half


def test_of_a_twist_by_hand():
    """A current of sin(2πn/L) a link along the turns, none across: ½[cos a − L² sin² a/T + 1]."""
    side, turns, T = 12, 2, 0.7
    angle = 2 * pi * turns / side
    theta = (angle * np.arange(side) * np.ones((side, 1)))[None]
    by_hand = (cos(angle) - side**2 * sin(angle) ** 2 / T + 1) / 2
    assert modulus(theta, T)[0] == pytest.approx(by_hand, rel=1e-12)
    assert modulus_of(theta, T)[0] == pytest.approx(by_hand, rel=1e-12)


def test_the_table_meets_the_theory_of_waves_and_jumps_at_the_transition():
    """1 − T/4 to first order. On the transition 2T/π, and on a finite lattice more than that by a share that falls with
    the logarithm of its side (Weber & Minnhagen, Phys. Rev. B 37 (1988) 5986): 1 + 1/(2 ln L + C)."""
    found = known("modulus", 48, 0.05)
    assert abs(found.value - (1 - 0.05 / 4)) < 5 * found.error + 0.05**2 / 8
    for side, share in ((16, 1 / (2 * np.log(16))), (48, 1 / (2 * np.log(48)))):
        at = known("modulus", side, T_BKT)
        ratio = at.value / T_BKT / (2 / pi)
        assert 1 < ratio < 1 + share + (5 * at.error + at.floor) / T_BKT
    assert known("modulus", 48, 1.2).value < 0.15 * 2 * 1.2 / pi


@pytest.mark.parametrize("T", [0.35, 0.8, 0.9, 1.6])
def test_langevin_replicas_and_monte_carlo_agree(T):
    """Means by two engines at 48² spins; the replicas' own error from their spread and correlation time."""
    from demos.physics.xy_magnet.equilibrium import _rows

    row = next(row for row in _rows()["modulus"] if row["side"] == 48 and row["T"] == T)
    count = REPLICAS * independent_frames(200, TIME / 200, row["time"])
    found = known("modulus", 48, T)
    assert abs(row["mean"] - found.value) < 5 * np.hypot(row["spread"] / sqrt(count), found.error) + 0.005
    assert modulus_scatter(48, T) == (row["spread"], row["time"])


def test_a_row_says_when_it_cannot_be_read():
    config = XYMagnetConfig(kT=0.5, method=WARM, step=0.05, duration=20.0, side=8, start="aligned")
    run = simulate(config)
    frames = second_half(run)
    assert modulus_check(config, run, frames, "").state is State.AGREES
    assert modulus_check(config, run, frames, "diverged").state is State.NOT_COMPARABLE
    assert "a run of about" in modulus_check(config, run, frames[:1], "").why
    assert "cross the lattice" in modulus_check(config.replace(kT=1.0), run, frames, "").why
    hot = modulus_check(config.replace(kT=0.55), run, frames, "")  # ten per cent hotter than these spins are
    assert abs(hot.z) > 3
