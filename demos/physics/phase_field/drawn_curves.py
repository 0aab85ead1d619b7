"""The check of a drawing in L²: the area that its closed curves lose, against the law of sharp walls.

The law is exact for walls that are thin beside their radius, far from each other, and not held by the grid.
"""

from __future__ import annotations

from math import pi, radians, sin, sinh

import numpy as np
from scipy.ndimage import distance_transform_edt

from demos.contract import Check
from demos.physics.phase_field.config import PhaseFieldConfig
from demos.physics.phase_field.observables import domain_count, domain_labels
from demos.physics.phase_field.simulate import FieldRun

AREA = "area lost by the closed curves, a unit of time"
CURVES = "Gage & Hamilton 1986; Allen & Cahn 1979: dA/dt = −2πγ, once for each closed curve, with its sign"
SMALLEST = 8  # least radius of a domain, in wall widths, for the law of sharp walls
APART = 6  # least distance of two walls in wall widths: they near each other at 24 w e^(−2D/w), here 1e-4 w
CORNER = radians(100)  # angle of a corner; right angles that are a little rounded are no thin parts
ROUND = (APART / 2) ** 2  # time after which no bend is sharper than half of that
EACH = 0.04  # relative error of the rate of one closed curve, 8 walls in radius
FLAT = 0.25  # length of a wall along an axis, of the box, from which it is held by the grid as a whole


def curve_number(inside: np.ndarray) -> int:
    """The number of closed curves around a mask (n, n) on the torus, those around holes counted −1: its Euler
    characteristic."""
    right, up = np.roll(inside, -1, 1), np.roll(inside, -1, 0)
    corner = np.roll(up, -1, 1)
    faces = (inside & right & up & corner).sum()
    return int(inside.sum()) - int((inside & right).sum()) - int((inside & up).sum()) + int(faces)


def curve_checks(config: PhaseFieldConfig, run: FieldRun) -> list[Check]:
    """The row of a drawing in L²: the rate of area loss, proportional to the number of closed curves, over the longest
    time in which that number is constant. A bend of radius r is gone after about r²/2γ, which is (r/w)²; where some are
    sharper than half of `APART`, that time begins then."""
    if config.start != "drawn" or run.field.conserved:
        return []
    field, times = run.field, run.frame_times
    spacing = field.length / field.size
    begin, reach = min(4.0, 0.2 * times[-1]), APART / 2 * field.width / spacing
    if has_thin_part(run.frames[int(np.argmax(times >= begin))] > 0, reach, corner=pi):
        begin = ROUND
    settled = times >= begin
    if settled.sum() < 6:
        reason = f"its bends are still sharper than {APART / 2:g} walls: they are round by t = {begin:g}"
        return [Check(AREA, 0.0, 0.0, source=CURVES, incomparable=reason)]
    numbers = np.array([curve_number(frame > 0) for frame in run.frames])
    area = 0.5 * (1 + run.frames.mean((-2, -1), dtype=np.float64)) * field.length**2
    changes = np.flatnonzero(np.diff(np.r_[~settled[0], numbers[1:] != numbers[:-1]]))
    edges = np.r_[int(np.argmax(settled)), changes[changes > np.argmax(settled)], len(times) - 1]
    later = np.searchsorted(times, times[edges[:-1]] + ROUND)  # curves that have just met or parted are bent
    starts = np.r_[edges[:1], later[1:]] if len(edges) > 1 else edges
    ends = edges[1:] if len(edges) > 1 else edges
    longest = int(np.argmax(times[ends] - times[starts.clip(max=len(times) - 1)]))
    first, last = int(starts[longest]) + 1, int(ends[longest]) - 1
    if last - first < 4:
        reason = "no closed curve lasts long enough"
        return [Check(AREA, 0.0, 0.0, source=CURVES, incomparable=reason)]
    number = int(numbers[first])
    slope = -float(np.polyfit(times[first : last + 1], area[first : last + 1], 1)[0])
    exact = 2 * pi * config.gamma * number
    shown = [run.frames[i] > 0 for i in (first, (first + last) // 2, last)]
    walls = min(smallest_radius(inside) for inside in shown) * spacing / field.width
    thick = "" if walls >= SMALLEST else f"its domains are only {walls:.1f} walls in radius: a law of thin walls"
    if not thick and any(has_thin_part(inside, reach) for inside in shown):
        thick = f"parts of it are less than {APART} walls thick: their two walls attract each other, or are too bent"
    curves = max(wall_count(inside) for inside in shown)
    held = max(flat_length(inside) for inside in shown) * spacing * grid_speed(field.width, spacing)
    return [
        Check(
            AREA,
            slope,
            exact,
            floor=EACH * 2 * pi * config.gamma * curves + held,
            source=CURVES,
            incomparable=thick,
        )
    ]


def wall_count(inside: np.ndarray) -> int:
    """The number of curves between a mask (n, n) on the torus and what is around it, of either sign, closed or not."""
    shifts = [np.roll(inside, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return domain_count(np.any(shifts, axis=0) & ~np.all(shifts, axis=0))


def smallest_radius(inside: np.ndarray) -> float:
    """√(area/π), in points, of the smallest connected domain of a mask (n, n) on the torus, or of what is around it; 0
    where one of them is gone."""
    if inside.all() or not inside.any():
        return 0.0
    parts = [np.unique(domain_labels(phase)[phase], return_counts=True)[1] for phase in (inside, ~inside)]
    return float(np.sqrt(min(part.min() for part in parts) / pi))


def grid_speed(width: float, spacing: float) -> float:
    """The largest speed at which a grid of this spacing moves a flat wall tanh(x/w) along an axis, for γ = w²/2.

    The sum over grid points of ¼ sech⁴((x − s)/w) depends on s by its Fourier component at k = 2π/h; that force over
    ∫(dc/dx)² dx = 4/(3w) is the speed (Peierls and Nabarro)."""
    k = 2 * pi / spacing
    wave = pi * k * width**2 * (4 + (k * width) ** 2) / (6 * sinh(min(pi * k * width / 2, 700.0)))
    return k / 2 * wave * 3 * width / 4


def flat_length(inside: np.ndarray) -> int:
    """The length in points of the walls of a mask (n, n) on the torus that run along one line of the grid for at least
    `FLAT` of its side."""
    total = 0
    for walls in (inside != np.roll(inside, 1, 0), (inside != np.roll(inside, 1, 1)).T):
        for line in walls[walls.any(1)]:
            if line.all():
                total += len(line)
                continue
            opened = np.roll(line, -int(np.argmin(line)))  # begins between two walls
            ends = np.flatnonzero(np.diff(np.r_[0, opened, 0].astype(int)))
            lengths = ends[1::2] - ends[::2]
            total += int(lengths[lengths >= FLAT * len(line)].sum())
    return total


def has_thin_part(inside: np.ndarray, reach: float, corner: float = CORNER) -> bool:
    """Whether a mask (n, n) on the torus, or what is around it, has a part in which no disc of radius `reach` points
    fits. A bend of at most π − corner is none; the cusp between two domains that touch is one."""
    if inside.all() or not inside.any():
        return False
    margin = int(2 * reach) + 2
    for phase in (inside, ~inside):
        padded = np.pad(phase, margin, mode="wrap")
        deep = distance_transform_edt(padded) > reach
        if not deep.any():
            return True
        thin = padded & (distance_transform_edt(~deep) > reach / sin(corner / 2) + 1)
        if thin[margin:-margin, margin:-margin].any():
            return True
    return False
