"""Cold spins beside an independent solution from the same start: how many pairs are left, and the energy then.

No formula knows what a random start becomes, but the flow is deterministic: SciPy's DOP853 on angles in NumPy must give
the same spins, and explicit Euler written again must give those of explicit Euler.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

from demos.common.numbers import number
from demos.common.progress import checkpoint
from demos.contract import Check
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.monte_carlo import windings
from demos.physics.xy_magnet.simulate import FINER, SpinPath

STARTS = ("random", "crystal")  # the others have a truth in closed form, or a table
LATEST = 60.0  # 1/J: the solution beside the run is followed so far
MOST_WORK = LATEST * 48**2  # time × spins: 0.15 s of one core
MOST_STEPS = 600  # of Euler, repeated
EXACT = 1e-6  # tolerance of the independent solution
ERROR = 1e-5  # of an angle then
LARGEST_ANGLE = 4.0  # 1 + |θ|: an error allowed in a step is relative to it
MEASURED = 2e-3  # relative error of the times at which pairs vanish, as in the table of meeting times
SOURCE = "SciPy's DOP853 at 1e-6, from the same start"


def own_energy(thetas: np.ndarray) -> np.ndarray:
    """(F,) −Σ cos of the links of angles (F, n, n), J = 1, a row of links at a time."""
    links = [np.roll(thetas, -1, axis) - thetas for axis in (1, 2)]
    return -sum(np.cos(link, dtype=np.float64).sum((1, 2)) for link in links)


def slope(theta: np.ndarray) -> np.ndarray:
    """(n, n): dθ/dt"""
    sines = [np.sin(np.roll(theta, -1, axis) - theta) for axis in (0, 1)]
    return sum(sine - np.roll(sine, 1, axis) for axis, sine in enumerate(sines))


def independent_rows(config: XYMagnetConfig, run: SpinPath, trouble: str) -> list[Check]:
    """Rows of the number of pairs and of the energy at the last frame that is compared; none for a start that has
    another truth. trouble: why nothing can be compared, or ""."""
    if config.start not in STARTS or not np.isfinite(run.thetas).all():
        return []
    n, frame = config.side, _frame(config, run)
    time, start = float(run.times[frame]), run.system.start(config.start, config.seed)[0].numpy()
    if frame == 0:
        return []
    steps = int((run.recorder.times <= time).sum())
    late = MEASURED * time
    states = _followed(start, (time - late, time, time + late))
    force = float(np.linalg.norm(slope(states[1])))
    strays = (ERROR + (0.0 if run.step else LARGEST_ANGLE * FINER * config.tolerance * steps)) * n  # ‖δθ‖ at most
    blurred = strays / max(force, 1e-9)
    if blurred > late:
        states = _followed(start, (max(time - blurred, 0.0), time, time + min(blurred, time)))
    counts = [int((windings(theta) > 0).sum()) for theta in states]
    exact = float(own_energy(states[1][None])[0])
    predicted = _by_euler(start, config.step, round(time / config.step)) if run.step else None
    at, named = number(time), {"source": SOURCE, "incomparable": trouble}
    by = {} if predicted is None else {"predicted_by": "this step"}
    return [
        Check(
            f"pairs left at t = {at}",
            float(run.pairs[frame]),
            float(counts[1]),
            floor=float(max(abs(count - counts[1]) for count in counts)),
            predicted=None if predicted is None else float((windings(predicted) > 0).sum()),
            **named,
            **by,
        ),
        Check(
            f"energy at t = {at}",
            float(run.energies[frame]),
            exact,
            floor=force * strays + 1e-9 * n * n,
            unit="J",
            predicted=None if predicted is None else float(own_energy(predicted[None])[0]),
            **named,
            **by,
        ),
    ]


def _frame(config: XYMagnetConfig, run: SpinPath) -> int:
    """The last frame up to which the independent solution is cheap."""
    latest = min(LATEST, MOST_WORK / config.side**2)
    if run.step:
        latest = min(latest, MOST_STEPS * run.step)
    return int(np.searchsorted(run.times, latest * (1 + 1e-9), side="right")) - 1


def _followed(start: np.ndarray, times: tuple[float, float, float]) -> list[np.ndarray]:
    """States (n, n) at `times`, ascending."""

    def flat(t: float, y: np.ndarray) -> np.ndarray:
        checkpoint()
        return slope(y.reshape(start.shape)).ravel()

    path = solve_ivp(flat, (0.0, times[-1]), start.ravel(), "DOP853", t_eval=times, rtol=EXACT, atol=EXACT)
    return [state.reshape(start.shape) for state in path.y.T]


def _by_euler(start: np.ndarray, step: float, count: int) -> np.ndarray:
    theta = start
    for _ in range(count):
        checkpoint()
        theta = theta + step * slope(theta)
    return theta
