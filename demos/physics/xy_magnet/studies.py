"""Energy and vortices of planar spins over the temperature, beside exact series from both ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from scipy.special import i0e, i1e

from demos.common.progress import Progress
from demos.contract.charts import Chart, Study
from demos.gradient_flow import solve
from demos.physics.bench.ledger import Ledger
from demos.physics.bench.vortices import charges
from demos.physics.config import EnergyConfig
from demos.physics.xy_magnet.field_run import standard_error
from demos.physics.xy_magnet.model import T_BKT, XYModel

SIDE, STEP, TIME, SETTLED = 24, 0.05, 200.0, 0.25  # the first quarter of each run is left out
TEMPERATURES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0)
SERIES, COLD, HOT = "measured", "exact: low temperature", "exact: high temperature"


def cold_series(T: np.ndarray) -> np.ndarray:
    """E/L² = −2 + T/2 + T²/16 + O(T³) in J: each wave has T/2, and the cosine's fourth order the rest.

    A link's ⟨δ²⟩ is T/2, so that −δ⁴/24 shifts the free energy of two links a spin by −T²/16, and E by +T²/16.
    """
    return -2 + T / 2 + T**2 / 16


def hot_series(T: np.ndarray) -> np.ndarray:
    """E/L² = −∂/∂β [2 ln I₀(β) + 2u⁴ + 4u⁶ + O(u⁸)] in J, u = I₁(β)/I₀(β), β = J/T: links, and loops of 4 and 6.

    The character expansion (Savit, Rev. Mod. Phys. 52 (1980) 453): a loop of k links, gone either way, has weight u^k;
    for each spin there is one square, and two rectangles of 1 × 2.
    """
    beta = 1 / np.asarray(T, dtype=float)
    u = i1e(beta) / i0e(beta)
    slope = 1 - u / beta - u**2
    return -2 * u - (8 * u**3 + 24 * u**5) * slope


def sweep(config: EnergyConfig, progress: Progress | None = None) -> pd.DataFrame:
    """columns series, T, energy (a spin), error (one standard error), pairs (for 100 spins)"""
    model = XYModel(SIDE)
    system, steps, rows = model.system(), round(TIME / STEP), []
    theta = system.start("aligned")
    for i, T in enumerate(TEMPERATURES):
        told = None if progress is None else lambda done, i=i: progress((i + done) / len(TEMPERATURES))
        ledger = Ledger(model.measure, np.linspace(SETTLED * TIME, TIME, 60) * (1 - 1e-12))
        path = solve(
            system.flow(T),
            theta,
            np.arange(steps + 1) * STEP,
            "leimkuhler_matthews",
            seed=config.seed + i,
            record="steps",
            observe=ledger,
            progress=told,
        )
        if path.status.kind == "cancelled":
            break
        theta = path.states[-1]  # the next one begins where this one ended
        energies = ledger.energies[round(SETTLED * steps) :, 0] / SIDE**2
        found = charges(torch.from_numpy(ledger.frames[:, 0])).clamp_min(0).flatten(1).sum(1)
        rows.append(
            {
                "series": SERIES,
                "T": T,
                "energy": energies.mean(),
                "error": standard_error(energies),
                "pairs": 100 * float(found.double().mean()) / SIDE**2,
            }
        )
    low, high = np.linspace(0.02, 0.9, 45), np.linspace(1.2, 2.0, 41)
    curves = [
        pd.DataFrame({"series": name, "T": T, "energy": series(T)})
        for name, T, series in ((COLD, low, cold_series), (HOT, high, hot_series))
    ]
    mark = pd.DataFrame({"series": f"exact: T = {T_BKT}", "T": T_BKT, "pairs": [0.0, 10.0]})
    return pd.concat([pd.DataFrame(rows), *curves, mark], ignore_index=True)


SWEEP = Study(
    "spins_over_temperature",
    "Over the temperature",
    f"{SIDE} × {SIDE} spins warmed step by step, each for t = {TIME:g}: the energy follows the exact series "
    f"at both ends, and pairs of vortices appear by themselves around T = {T_BKT}.",
    sweep,
    (
        Chart(
            "",
            "Energy per spin",
            "T",
            "energy",
            "kT (J)",
            "E/L² (J)",
            "Measured energies beside −2 + T/2 + T²/16 and the high-temperature series.",
            kind="points",
            error="error",
        ),
        Chart(
            "",
            "Pairs of vortices",
            "T",
            "pairs",
            "kT (J)",
            "pairs for 100 spins",
            f"Free vortices appear around the Kosterlitz–Thouless temperature {T_BKT}.",
            kind="points",
        ),
    ),
    on=("seed",),
)
