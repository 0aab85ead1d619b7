"""Energy and vortices of planar spins over the temperature, beside exact series from both ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from demos.common.progress import Progress, part
from demos.common.statistics import correlated_mean_error
from demos.contract import Chart, Study
from demos.gradient_flow import solve
from demos.physics.bench.energy_recorder import EnergyRecorder
from demos.physics.bench.vortices import charges
from demos.physics.xy_magnet.config import XYMagnetConfig
from demos.physics.xy_magnet.equilibrium import known
from demos.physics.xy_magnet.model import XYModel
from demos.physics.xy_magnet.reference import T_BKT, cold_series, hot_series

SIDE, STEP, TIME, SETTLED = 24, 0.05, 200.0, 0.25  # the first quarter of each run is left out
TEMPERATURES = (0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0)
SERIES, TRUTH = "measured", "exact: Monte Carlo"
COLD, HOT = "series, low temperature", "series, high temperature"
COLDEST, HOTTEST = 0.4, 1.8  # up to which, and from which on, the series are right to 0.003: T³ and u⁸ are left out


def temperature_sweep(config: XYMagnetConfig, progress: Progress | None = None) -> pd.DataFrame:
    """Columns series, T, energy (a spin), error (one standard error), pairs (for 100 spins)."""
    model = XYModel(SIDE)
    system, steps, rows = model.system(), round(TIME / STEP), []
    theta = system.start("aligned")
    for i, T in enumerate(TEMPERATURES):
        recorder = EnergyRecorder(model.measure, np.linspace(SETTLED * TIME, TIME, 60) * (1 - 1e-12))
        path = solve(
            system.flow(T),
            theta,
            np.arange(steps + 1) * STEP,
            "leimkuhler_matthews",
            seed=config.seed + i,
            record="steps",
            observe=recorder,
            progress=part(progress, i, len(TEMPERATURES)),
        )
        if path.status.kind == "cancelled":
            break
        theta = path.states[-1]  # the next one begins where this one ended
        energies = recorder.energies[round(SETTLED * steps) :, 0] / SIDE**2
        vortices = charges(torch.from_numpy(recorder.frames[:, 0])).clamp_min(0).flatten(1).sum(1)
        rows.append(
            {
                "series": SERIES,
                "T": T,
                "energy": energies.mean(),
                "error": correlated_mean_error(energies),
                "pairs": 100 * float(vortices.double().mean()) / SIDE**2,
            }
        )
    low, high = np.linspace(0.02, COLDEST, 20), np.linspace(HOTTEST, 2.0, 20)
    curves = [
        pd.DataFrame({"series": name, "T": T, "energy": series(T)})
        for name, T, series in ((COLD, low, cold_series), (HOT, high, hot_series))
    ]
    between = np.linspace(0.05, 2.0, 79)
    means = [known("energy", SIDE, T) for T in between]
    curves.append(pd.DataFrame({"series": TRUTH, "T": between, "energy": [m.value if m else np.nan for m in means]}))
    mark = pd.DataFrame({"series": f"exact: T = {T_BKT}", "T": T_BKT, "pairs": [0.0, 10.0]})
    return pd.concat([pd.DataFrame(rows), *curves, mark], ignore_index=True)


TEMPERATURE_SWEEP = Study(
    "spins_over_temperature",
    "Over the temperature",
    f"{SIDE} × {SIDE} spins warmed step by step, each for t = {TIME:g}: the energy follows a long Monte Carlo "
    f"run, and the series at both ends; and pairs of vortices appear by themselves around T = {T_BKT}.",
    temperature_sweep,
    (
        Chart(
            "",
            "Energy per spin",
            "T",
            "energy",
            "kT (J)",
            "E/L² (J)",
            f"Measured energies beside Monte Carlo; the low-temperature series up to {COLDEST:g}, the other one from "
            f"{HOTTEST:g}: there they are right to 0.003.",
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
    depends_on=("seed",),
)
