"""Exact results for the Dirac-GAN: its flow, its steps, and both near the equilibrium."""

from __future__ import annotations

from math import exp, hypot

import numpy as np
from scipy.integrate import solve_ivp

from demos.networks.gan.config import GanConfig

RTOL = 1e-11  # relative tolerance of the reference flow


def slope(config: GanConfig, t: float) -> float:
    """f'(t), written out: σ(−t), or 1."""
    if config.loss == "wgan":
        return 1.0
    return exp(-t) / (1 + exp(-t)) if t > 0 else 1 / (1 + exp(t))


def field(config: GanConfig, theta: float, psi: float) -> tuple[float, float]:
    """v(θ, ψ), equations 5 to 7 and 10 of the paper."""
    t = max(-700.0, min(700.0, theta * psi))
    first = slope(config, -t if config.loss == "nonsaturating" else t)
    return -psi * first, theta * slope(config, t) - config.gamma * psi


def steps(config: GanConfig, method: str, start: tuple[float, float]) -> np.ndarray:
    """(K + 1, 2): the updates of the papers, in scalar arithmetic."""
    h, (x, y), path = config.lr, start, [start]
    v = lambda a, b: field(config, a, b)
    for _ in range(config.steps):
        if not hypot(x, y) < 1e140:
            path.append((np.nan, np.nan))
            continue
        a, b = v(x, y)
        match method:
            case "simultaneous":
                x, y = x + h * a, y + h * b
            case "alternating":
                x = x + h * a
                y = y + h * v(x, y)[1]
            case "extragradient":
                a, b = v(x + h * a, y + h * b)
                x, y = x + h * a, y + h * b
            case "rk4":
                c, d = v(x + h / 2 * a, y + h / 2 * b)
                e, f = v(x + h / 2 * c, y + h / 2 * d)
                p, q = v(x + h * e, y + h * f)
                x, y = x + h / 6 * (a + 2 * c + 2 * e + p), y + h / 6 * (b + 2 * d + 2 * f + q)
        path.append((x, y))
    return np.array(path)


def flow(config: GanConfig, times: np.ndarray) -> np.ndarray:
    """(F, 2): the continuous flow from the start, by DOP853."""
    right = lambda t, x: field(config, *x)
    start = (config.theta, config.psi)
    found = solve_ivp(right, (0.0, float(times[-1])), start, "DOP853", times, rtol=RTOL, atol=1e-13)
    return found.y.T


def eigenvalues(config: GanConfig) -> np.ndarray:
    """(2,) of the field's Jacobian at (0, 0): −γ/2 ± √(γ²/4 − f'(0)²), section 4.1 of the paper."""
    root = np.emath.sqrt(config.gamma**2 / 4 - slope(config, 0.0) ** 2)
    return np.array([-config.gamma / 2 + root, -config.gamma / 2 - root], dtype=complex)


def factor(config: GanConfig, method: str) -> float:
    """The spectral radius of one step at the equilibrium. Simultaneous and γ = 0: √(1 + h² f'(0)²)."""
    h, z = config.lr, config.lr * eigenvalues(config)
    match method:
        case "simultaneous":
            return float(np.abs(1 + z).max())
        case "extragradient":
            return float(np.abs(1 + z + z**2).max())
        case "rk4":
            return float(np.abs(1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24).max())
    s = h * slope(config, 0.0)  # alternating: ψ' = (1 − hγ) ψ + s θ', θ' = θ − s ψ
    return float(np.abs(np.linalg.eigvals([[1.0, -s], [s, 1 - h * config.gamma - s * s]])).max())


def flow_factor(config: GanConfig) -> float:
    """The same for the flow over the time of one step."""
    return float(np.exp(config.lr * eigenvalues(config).real.max()))
