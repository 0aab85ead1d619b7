"""Tidy tables for the charts that stand still."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from demos.langevin import diagnostics
from demos.langevin.checks import gaussian_free_energy
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.exact import quadratic
from demos.langevin.exact.fokker_planck import kl_bound
from demos.langevin.laws import boltzmann, confined
from demos.langevin.motion import Motion
from demos.langevin.simulate import Run
from demos.langevin.truth import OVERDAMPED, Truth

BINS = 60
CHAINS = 256  # particles whose time series are analysed
LAGS = 60


def tables(config: LangevinConfig, runs: list[Run], truths: list[Truth | None], motion: Motion | None
           ) -> dict[str, pd.DataFrame]:
    bars, curves = marginals(config, runs, truths)
    series, numbers = mixing(config, runs)
    return {"bars": bars, "curves": curves, "free_energy": free_energy(config, runs, motion),
            "autocorrelation": series, "mixing": numbers}


def marginals(config: LangevinConfig, runs: list[Run], truths: list[Truth | None]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Histograms of x and y over the frames that are compared, and the exact curves: Boltzmann's, the law at that
    moment, and that of the discretised dynamics."""
    landscape = landscape_of(config)
    rests = config.schedule == "constant" and confined(landscape, config.temperature)
    limit = boltzmann(landscape, config.temperature) if rests else None
    bars, curves = [], []
    for axis, name in enumerate("xy"):
        low, high = landscape.view[axis]
        edges = np.linspace(low, high, BINS + 1)
        for run, truth in zip(runs, truths, strict=True):
            first = truth.first if truth else len(run.path.times) - 1
            values = run.states[first:, :, axis].ravel()
            values = values[np.isfinite(values)]
            density = np.histogram(values, edges)[0] / (max(len(values), 1) * np.diff(edges))
            bars.append(pd.DataFrame({"axis": name, "left": edges[:-1], "right": edges[1:], "density": density,
                                      "series": run.row.label}))
            if truth is not None and truth.continuous is not None:
                curves.append(_curve(truth.law.marginals[axis], edges, name, f"exact for {run.row.label}"))
        first = next((truth for truth in truths if truth is not None), None)
        if first is not None and not first.long_run:
            law = first.continuous or first.law
            if limit is None or law.source != limit.source:
                curves.append(_curve(law.marginals[axis], edges, name, "exact, at this moment"))
        if limit is not None:
            curves.append(_curve(limit.marginals[axis], edges, name, "Boltzmann"))
    return pd.concat(bars), pd.concat(curves) if curves else pd.DataFrame(columns=["axis", "x", "density", "series"])


def _curve(side: tuple[np.ndarray, np.ndarray], edges: np.ndarray, axis: str, name: str) -> pd.DataFrame:
    x = np.linspace(edges[0], edges[-1], 201)
    return pd.DataFrame({"axis": axis, "x": x, "density": np.interp(x, *side, left=0.0, right=0.0), "series": name})


def free_energy(config: LangevinConfig, runs: list[Run], motion: Motion | None) -> pd.DataFrame:
    """F above equilibrium over time: exact (Fokker–Planck), the convex bound, and the cloud's own on a quadratic."""
    landscape, kT = landscape_of(config), config.temperature
    parts = []
    if motion is not None and config.schedule == "constant" and config.start != "equilibrium":
        times, values = motion.times[1:], motion.free_energy[1:]
        parts.append(pd.DataFrame({"t": times, "F": values, "series": "exact (Fokker–Planck)"}))
        if landscape.convexity is not None:
            bound = kT * kl_bound(values[0] / kT, landscape.convexity, times)
            parts.append(pd.DataFrame({"t": times, "F": bound, "series": "Bakry–Émery bound"}))
    if landscape.name == "harmonic" and config.schedule == "constant":
        hessian = landscape.hessian(torch.zeros((1, 2), dtype=torch.float64))[0].numpy()
        for run in runs:
            if run.method not in OVERDAMPED or config.particles < 10 or run.path.status.diverged:
                continue
            clouds = run.states[1:].astype(np.float64)
            values = [gaussian_free_energy(cloud.mean(0), np.cov(cloud.T), hessian, kT) for cloud in clouds]
            parts.append(pd.DataFrame({"t": run.path.times[1:].numpy(), "F": values, "series": run.row.label}))
    if not parts:
        return pd.DataFrame(columns=["t", "F", "series"])
    frame = pd.concat(parts)
    return frame[frame["F"] > 1e-6]


def mixing(config: LangevinConfig, runs: list[Run]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Autocorrelation of x over the recorded frames; ESS, τ and R̂ of each method (second half of the run)."""
    landscape = landscape_of(config)
    curves, rows = [], []
    for run in runs:
        half = len(run.path.times) // 2
        chains = run.states[half:, :CHAINS, 0].T.astype(np.float64)
        if not np.isfinite(chains).all() or chains.shape[1] < 8 or np.ptp(chains) == 0:
            continue
        lag = float(run.path.times[1] - run.path.times[0])
        lags = min(LAGS, chains.shape[1] - 1)
        values = diagnostics.autocorrelation(chains, lags)
        curves.append(pd.DataFrame({"lag": lag * np.arange(lags + 1), "C": values, "series": run.row.label}))
        effective = diagnostics.ess(chains)
        frames_evaluations = max(run.path.evaluations / 2, 1)
        rows.append({
            "method": run.row.label, "R̂": diagnostics.rhat(chains), "effective samples of x": effective,
            "of": chains.size, "per 1,000 gradients": 1000 * effective / (frames_evaluations * len(chains)),
            "correlation time": lag * diagnostics.autocorrelation_time(chains)})
        if landscape.name == "harmonic" and config.schedule == "constant" and run.method in OVERDAMPED:
            curves.append(_exact_autocorrelation(config, landscape, lag, lags))
    empty = pd.DataFrame(columns=["lag", "C", "series"])
    return (pd.concat(curves).drop_duplicates(["lag", "series"]) if curves else empty), pd.DataFrame(rows)


def _exact_autocorrelation(config: LangevinConfig, landscape, lag: float, lags: int) -> pd.DataFrame:
    """C(t) of x on a quadratic in continuous time: Σ over the axes of their share of the variance × e^{−kt}."""
    hessian = landscape.hessian(torch.zeros((1, 2), dtype=torch.float64))[0].numpy()
    stiffness, axes = np.linalg.eigh(hessian)
    share = axes[0] ** 2 / stiffness
    t = lag * np.arange(lags + 1)
    values = (np.exp(-np.multiply.outer(t, stiffness)) @ share) / share.sum()
    return pd.DataFrame({"lag": t, "C": values, "series": "exact"})


def sweep(config: LangevinConfig) -> tuple[pd.DataFrame, dict[str, tuple[float, float]]]:
    """The bias of ⟨x²⟩ in the long run against the step, for every method whose kernel is known, without sampling:
    columns h, bias, series; and for each the fitted (order, factor).

    Raises ValueError for a potential that does not separate (the harmonic one has its closed form).
    """
    from demos.langevin.config import METHOD_LABELS
    from demos.langevin.exact import kernel
    landscape, kT = landscape_of(config), config.temperature
    limit = 2 / landscape.curvature
    steps = limit * np.array([0.02, 0.04, 0.08, 0.16])
    rows, fits = [], {}
    for method in ("euler", "implicit_euler", "heun", "leimkuhler_matthews"):
        found = []
        for h in steps:
            try:
                found.append((float(h), abs(_bias(landscape, kT, method, float(h)))))
            except ValueError:
                continue
        name = METHOD_LABELS[method]
        rows += [{"h": h, "bias": value, "series": name} for h, value in found]
        good = [(h, value) for h, value in found if value > 1e-11]
        if len(good) >= 2:
            small = good[:3]
            order = kernel.fit_order([h for h, _ in small], [value for _, value in small])
            fits[name] = (order, small[0][1] / small[0][0] ** order)
    return pd.DataFrame(rows, columns=["h", "bias", "series"]), fits


def _bias(landscape, kT: float, method: str, h: float) -> float:
    from demos.langevin.exact import kernel
    if landscape.name == "harmonic":
        return kT * (quadratic.variance_ratio(method, h * landscape.curvature) - 1) / landscape.curvature
    if landscape.separable is None:
        raise ValueError("The sweep needs a potential that separates in x and y, or the harmonic one.")
    profile = landscape.separable[0]
    s = np.linspace(*landscape.box[0], 4001)
    height = (profile(s) - profile(s).min()) / kT
    near = s[height < 40]
    weights = np.exp(-height)
    exact = float(weights @ s**2 / weights.sum())
    return kernel.average(method, np.square, profile.slope, kT, h, near[0] - 0.3, near[-1] + 0.3) - exact
