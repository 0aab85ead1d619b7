"""Where descent on a diagonal linear network ends, exactly: the interpolating β of least hyperbolic entropy.

Woodworth et al., COLT 2020, for gradient flow; Even, Pesme, Gunasekar & Flammarion, NeurIPS 2023, for steps of any
size.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import solve_ivp

NEWTON = 100  # most steps of Newton's method; forty unknowns take about ten
LARGE, FALL = (
    0.03,
    3.0,
)  # a w·v at which Newton's method converges safely, and the factor from one such value to the next smaller


def interpolating(x: np.ndarray, y: np.ndarray, effective: np.ndarray, turned: np.ndarray | float = 0.0) -> np.ndarray:
    """(d,) β_i = 2 a_i sinh(2 (Xᵀν − r)_i) with Xβ = y, for effective a = w·v (d,) and turned r (d,).

    Descent has Σ 2 lr g in the span of the examples; so the end is the minimum of the convex Σ a cosh 2(Xᵀν − r) − ν·y
    over ν (n,). By Newton's method from larger a on, each time from where the last one ended. Raises ArithmeticError
    where it does not get there.
    """
    steps = max(0, int(np.ceil(np.log(LARGE / effective.max()) / np.log(FALL))))
    nu, beta = np.zeros(len(y)), np.zeros(len(effective))
    for larger in FALL ** np.arange(steps, -1, -1.0):
        nu, beta = _newton(x, y, larger * effective, turned, nu)
    if not np.abs(x @ beta - y).max() < 1e-9:
        raise ArithmeticError("Newton's method did not reach the interpolating coefficients.")
    return beta


def _newton(
    x: np.ndarray, y: np.ndarray, a: np.ndarray, turned: np.ndarray | float, nu: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """ν (n,) and β (d,) for the given a, starting from ν; a step is halved until the convex function falls."""

    def dual(nu: np.ndarray) -> float:
        return float((a * np.cosh(2 * (x.T @ nu - turned))).sum() - nu @ y)

    beta = np.zeros(len(a))
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(NEWTON):
            z = 2 * (x.T @ nu - turned)
            beta = 2 * a * np.sinh(z)
            left = x @ beta - y
            if np.abs(left).max() < 1e-13 * max(1.0, float(np.abs(y).max())):
                break
            move = np.linalg.solve((x * (4 * a * np.cosh(z))) @ x.T, left)
            now, slope, length = dual(nu), float(left @ move), 1.0
            while length > 1e-6 and not dual(nu - length * move) <= now - 1e-4 * length * slope + 1e-13 * abs(now):
                length /= 2
            nu = nu - length * move
    return nu, beta


def flow_at(x: np.ndarray, y: np.ndarray, alpha: float, time: float) -> np.ndarray:
    """(d,) β of gradient flow at a time, computed in other variables by SciPy's LSODA: β = 2 α² sinh(2 Xᵀν) with
    ν' = −2 (Xβ − y)/n, which has n unknowns instead of 2d."""
    beta = lambda nu: 2 * alpha**2 * np.sinh(2 * (x.T @ nu))
    slope = lambda t, nu: -2 / len(y) * (x @ beta(nu) - y)
    return beta(solve_ivp(slope, (0.0, time), np.zeros(len(y)), "LSODA", rtol=1e-9, atol=1e-12).y[:, -1])


def stable_rate(x: np.ndarray, beta: np.ndarray) -> float:
    """2 over the sharpness at an interpolating β with w·v near 0: the Hessian's largest eigenvalue is that of
    4 X diag|β| Xᵀ/n."""
    return 2 / float(np.linalg.eigvalsh(4 * (x * np.abs(beta)) @ x.T / len(x))[-1])
