"""Planar spins in equilibrium by two independent implementations, which make the table `equilibrium.json`.

    python -m demos.physics.xy_magnet.monte_carlo      (about four minutes of one core)

Means come from Metropolis' algorithm with over-relaxation on unit vectors (Brown & Woch, Phys. Rev. Lett. 58 (1987)
2394); standard errors of averages over time come from independent replicas of Langevin dynamics in NumPy.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from demos.physics.xy_magnet.partners import partner_distances

TABLE = Path(__file__).with_name("equilibrium.json")
TEMPERATURES = (
    0.05,
    0.2,
    0.35,
    0.5,
    0.6,
    0.7,
    0.75,
    0.8,
    0.85,
    0.9,
    0.95,
    1.0,
    1.05,
    1.1,
    1.2,
    1.3,
    1.4,
    1.6,
    1.8,
    2.0,
)
SIDES = {8: 48, 16: 16, 48: 4}  # side: replicas
SETTLE, SWEEPS, EVERY = 150, 600, 5  # sweeps left out, sweeps measured, between two counts of vortices
NEAR = 2.0  # sites: a partner farther away is far
EDGES = np.arange(0.5, 8.51, 1.0)  # of the histogram of distances; the last bin holds all beyond
REPLICAS, SIDE, STEP, TIME, SKIPPED = 12, 24, 0.05, 50.0, 10.0  # of the Langevin runs
PARTS = 10  # parts of a time series whose means are compared
MODULUS_SIDES = (12, 24, 48)  # sides of further Langevin runs, for the scatter of the helicity modulus
KEPT = 5  # steps between two counts of vortices in the Langevin runs


def windings(theta: np.ndarray) -> np.ndarray:
    """(…, n, n) −1, 0 or 1: the turn of the angles around each square, by complex quotients."""
    phase = np.exp(1j * theta)
    right = np.angle(np.roll(phase, -1, -1) / phase)
    up = np.angle(np.roll(phase, -1, -2) / phase)
    return np.rint((right + np.roll(up, -1, -1) - np.roll(right, -1, -2) - up) / (2 * np.pi)).astype(int)


def far_pairs(winding: np.ndarray) -> tuple[int, np.ndarray]:
    """The number of pairs in one lattice (n, n), and the distance between the partners of each."""
    rows, columns = np.nonzero(winding)
    distances = partner_distances(np.stack((columns, rows), 1), winding[rows, columns], len(winding))
    return int((winding > 0).sum()), distances


def metropolis(side: int, T: float, replicas: int, seed: int) -> dict[str, float | list[float]]:
    """Means over all sweeps and replicas of one size and temperature, and one standard error from the replicas."""
    rng = np.random.default_rng([seed, side, round(1000 * T)])
    spins = np.ones((replicas, side, side), dtype=np.complex64)
    colors = np.add.outer(np.arange(side), np.arange(side)) % 2 == 0
    width = min(np.pi, 2.2 * np.sqrt(T))
    energies, pairs, far, modulus = [], [], [], []
    counts = np.zeros(len(EDGES))
    for sweep in range(SETTLE + SWEEPS):
        for mask in (colors, ~colors):
            field = _neighbours(spins)
            turn = np.exp(1j * width * (2 * rng.random(spins.shape, dtype=np.float32) - 1)).astype(np.complex64)
            rise = -((turn * spins - spins) * field.conj()).real
            accepted = mask & (rng.random(spins.shape, dtype=np.float32) < np.exp(np.minimum(-rise / T, 0)))
            spins = np.where(accepted, turn * spins, spins)
        for _ in range(3):
            for mask in (colors, ~colors):
                field = _neighbours(spins)
                size = np.abs(field) ** 2
                spins = np.where(mask & (size > 1e-6), field**2 * spins.conj() / np.maximum(size, 1e-6), spins)
        spins /= np.abs(spins)
        if sweep < SETTLE:
            continue
        along = spins.conj() * np.roll(spins, -1, -1)
        energies.append(-0.5 * (spins * _neighbours(spins).conj()).real.mean((1, 2)))
        modulus.append(along.real.mean((1, 2)) - along.imag.sum((1, 2)) ** 2 / (T * side**2))
        if sweep % EVERY == 0:
            found = [far_pairs(w) for w in windings(np.angle(spins))]
            pairs.append([100 * n / side**2 for n, _ in found])
            far.append([100 * (d > NEAR + 1e-6).sum() / side**2 for _, d in found])
            every = np.concatenate([d for _, d in found])
            counts += np.histogram(every, np.r_[EDGES, np.inf])[0]
    row: dict[str, float | list[float]] = {"side": side, "T": T}
    for name, values in {"energy": energies, "pairs": pairs, "far": far, "modulus": modulus}.items():
        each = np.mean(values, axis=0)
        row[name] = float(f"{each.mean():.6g}")
        row[f"{name}_error"] = float(f"{each.std(ddof=1) / np.sqrt(replicas):.2g}")
    total = max(1.0, counts.sum())
    return row | {"distances": [round(float(c / total), 5) for c in counts]}


def _neighbours(spins: np.ndarray) -> np.ndarray:
    return np.roll(spins, 1, 1) + np.roll(spins, -1, 1) + np.roll(spins, 1, 2) + np.roll(spins, -1, 2)


def langevin_states(T: float, side: int, seed: list[int]) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Step, angles and torques (REPLICAS, side, side) of independent runs by Leimkuhler and Matthews, once settled."""
    rng = np.random.default_rng(seed)
    theta = np.zeros((REPLICAS, side, side))
    before = rng.standard_normal(theta.shape)
    for step in range(round((TIME + SKIPPED) / STEP)):
        sines = [np.sin(np.roll(theta, -1, axis) - theta) for axis in (1, 2)]
        torque = sum(sine - np.roll(sine, 1, axis) for sine, axis in zip(sines, (1, 2), strict=True))
        if step * STEP >= SKIPPED:
            yield step, theta, torque
        after = rng.standard_normal(theta.shape)
        theta = theta + STEP * torque + np.sqrt(T * STEP / 2) * (before + after)
        before = after


def modulus_of(theta: np.ndarray, T: float) -> np.ndarray:
    """(R,): ⟨cos δ⟩ − (Σ sin δ)²/(T L²) of angles (R, n, n), the mean of both directions."""
    links = [np.exp(1j * (np.roll(theta, -1, axis) - theta)) for axis in (1, 2)]
    return np.mean([e.real.mean((1, 2)) - e.imag.sum((1, 2)) ** 2 / (T * theta[0].size) for e in links], axis=0)


def modulus_scatter(T: float, side: int, seed: int) -> dict[str, float]:
    """Of independent runs at T: mean, spread and correlation time of the helicity modulus of one moment."""
    states = langevin_states(T, side, [seed, side, round(1000 * T)])
    values = np.array([modulus_of(theta, T) for step, theta, _ in states if step % KEPT == 0])
    spread, time = _spread_and_time(values, STEP * KEPT)
    row = {"mean": values.mean(), "spread": spread, "time": time}
    return {"side": side, "T": T} | {name: float(f"{value:.4g}") for name, value in row.items()}


def langevin(T: float, seed: int) -> dict[str, float]:
    """From independent runs at T: the standard deviation of each quantity times the side, and its correlation time."""
    series: dict[str, list] = {"energy": [], "temperature": [], "pairs": [], "far": []}
    for step, theta, torque in langevin_states(T, SIDE, [seed, round(1000 * T)]):
        energy = -sum(np.cos(np.roll(theta, -1, axis) - theta).sum((1, 2)) for axis in (1, 2))
        square = np.square(torque).sum((1, 2))
        series["energy"].append(energy / SIDE**2)
        series["temperature"].append(np.stack((square, energy), -1))
        if step % KEPT == 0:
            found = [far_pairs(w) for w in windings(theta)]
            series["pairs"].append([100 * n / SIDE**2 for n, _ in found])
            series["far"].append([100 * (d > NEAR + 1e-6).sum() / SIDE**2 for _, d in found])
    both = np.array(series["temperature"])
    mean = both[..., 1].mean()
    values = {name: np.array(series[name]) for name in ("energy", "pairs", "far")}
    values["temperature"] = (both[..., 0] + 2 * T * both[..., 1]) / (-2 * mean)
    row = {"T": T}
    for name, value in values.items():
        spread, time = _spread_and_time(value, STEP * (KEPT if name in ("pairs", "far") else 1))
        row |= {f"{name}_spread": float(f"{spread * SIDE:.4g}"), f"{name}_time": float(f"{time:.4g}")}
    return row


def _spread_and_time(values: np.ndarray, apart: float) -> tuple[float, float]:
    """The standard deviation of series (S, R) of independent replicas, and the correlation time: the larger of ∫ρ(t) dt
    up to the first lag with ρ < 0.02, and the one from the variance of means over tenths of the series."""
    centred = values - values.mean()
    variance = float(np.square(centred).mean())
    if variance == 0:
        return 0.0, 0.5 * apart
    time = 0.5
    for lag in range(1, len(values) // 2):
        rho = float((centred[lag:] * centred[:-lag]).mean()) / variance
        if rho < 0.02:
            break
        time += rho
    length = len(values) // PARTS
    means = centred[: PARTS * length].reshape(PARTS, length, -1).mean(1)
    slow = 0.5 * length * float(np.square(means).mean()) / variance  # includes weak correlations over long times
    return variance**0.5, max(time, slow) * apart


def main() -> None:
    means = [metropolis(side, T, replicas, 1) for side, replicas in SIDES.items() for T in TEMPERATURES]
    scatter = [langevin(T, 2) for T in TEMPERATURES]
    stiffness = [modulus_scatter(T, side, 3) for side in MODULUS_SIDES for T in TEMPERATURES]
    write({"means": means, "scatter": scatter, "modulus": stiffness})


def write(parts: dict[str, list[dict]]) -> None:
    """A row a line."""
    rows = {name: "[\n  " + ",\n  ".join(json.dumps(row) for row in part) + "\n ]" for name, part in parts.items()}
    written = ",\n ".join(f'"{name}": {text}' for name, text in rows.items())
    TABLE.write_text("{\n " + written + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
