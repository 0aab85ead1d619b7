"""The charts under the Langevin picture: what stands still."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.parts import charts
from dashboard.parts.checks import number
from dashboard.parts.compute import cached
from demos.colors import EXACT, method_color
from demos.langevin.config import METHOD_LABELS, LangevinConfig
from demos.langevin.escape_study import Escape, escape_study
from demos.langevin.tables import sweep

COLORS = {label: method_color(name) for name, label in METHOD_LABELS.items()}
CURVES = {"Boltzmann": EXACT, "exact, at this moment": EXACT, "exact (Fokker–Planck)": EXACT, "exact": EXACT,
          "Bakry–Émery bound": 3} | {f"exact for {label}": color for label, color in COLORS.items()}
TABS = ("Marginals", "Free energy", "Mixing", "Escape times", "Bias and step size")


def show_charts(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    """All charts, one tab each; a closed tab computes nothing."""
    drawers = (_marginals, _free_energy, _mixing, _escape, _sweep)
    for tab, draw in zip(st.tabs(TABS, key="langevin-charts", on_change="rerun"), drawers, strict=True):
        if tab.open:
            with tab:
                draw(config, tables)


def _series(*frames: pd.DataFrame) -> dict[str, int]:
    """The colour of each series that is there."""
    names = pd.unique(pd.concat([frame["series"] for frame in frames])) if frames else []
    return {name: (COLORS | CURVES).get(name, EXACT) for name in names}


def _marginals(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    for column, axis in zip(st.columns(2), "xy", strict=True):
        bars, curves = (tables[name][tables[name]["axis"] == axis] for name in ("bars", "curves"))
        with column:
            charts.show(
                charts.histogram(bars, curves, _series(bars, curves), x_title=axis, dashed=("Boltzmann",)),
                f"Histogram of {axis} over the compared frames, under the exact densities of {axis}.", key=f"marginal-{axis}")
    st.caption("Bars: the particles, over the frames that the checks compare. Dashed: Boltzmann's law. "
               "Solid: the law of this moment, and of the discretised dynamics, where they are known.")


def _free_energy(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = tables["free_energy"]
    if frame.empty:
        st.info("The free energy needs a constant temperature, a start out of equilibrium, and wells that the grid of the "
                "Fokker–Planck equation resolves.")
        return
    charts.show(
        charts.lines(frame, "t", "F", _series(frame), x_title="t", y_title="F − F(equilibrium)", log_y=True,
                     dashed=("Bakry–Émery bound",)),
        "Free energy above equilibrium over time: it only falls.", key="free-energy")
    st.caption("F = ⟨U⟩ + kT ∫ρ ln ρ falls along the exact law, because Langevin dynamics is its gradient flow in the "
               "Wasserstein metric (Jordan, Kinderlehrer and Otto). Where U is convex it stays under e^(−2mt) F(0).")


def _mixing(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame, numbers = tables["autocorrelation"], tables["mixing"]
    if numbers.empty:
        st.info("Autocorrelation needs at least eight frames in which every particle is finite and something moves.")
        return
    left, right = st.columns([3, 2])
    with left:
        charts.show(charts.lines(frame, "lag", "C", _series(frame), x_title="time lag", y_title="autocorrelation of x",
                                 dashed=("exact",)),
                    "Autocorrelation of x against the time lag.", key="autocorrelation")
    with right:
        st.dataframe(numbers.set_index("method").T.map(number), width="stretch", alt="Effective samples and R-hat.")
        st.caption("Second half of the run, up to 256 particles as chains, at the recorded frames. R̂ above 1.01: the "
                   "chains do not agree yet.")


def _escape(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    try:
        found: Escape = cached(("langevin escape", config), lambda progress: escape_study(config, progress),
                               "Following escapes")
    except ValueError as problem:
        st.info(str(problem))
        return
    arrived = found.arrivals[~np.isnan(found.arrivals)]
    edges = np.linspace(0, found.horizon, 41)
    density = np.histogram(arrived, edges)[0] / (len(found.arrivals) * np.diff(edges))
    label = METHOD_LABELS[config.method]
    bars = pd.DataFrame({"left": edges[:-1], "right": edges[1:], "density": density, "series": label})
    times = np.linspace(found.horizon / 400, found.horizon, 400)
    exact = found.law.density(times) if found.law else np.exp(-times / found.kramers) / found.kramers
    name = "exact" if found.law else "Kramers' rate"
    curve = pd.DataFrame({"x": times, "density": exact, "series": name})
    left, right = st.columns([3, 2])
    with left:
        charts.show(charts.histogram(bars, curve, _series(bars, curve), x_title="escape time"),
                    "Histogram of escape times under their exact density.", key="escape-times")
    with right:
        restricted = found.restricted
        error = restricted.std(ddof=1) / len(restricted) ** 0.5
        rows = {f"measured up to t = {number(found.horizon)}": f"{number(restricted.mean(), digits=4)} ± {number(error, digits=2)}"}
        if found.exact is not None:
            rows |= {"expected for this step and horizon": number(found.expected, digits=4),
                     "exact mean first passage": number(found.exact, digits=4)}
        rows["Kramers' formula"] = number(found.kramers, digits=4)
        if found.exact is not None:
            rows["Kramers against exact"] = f"{found.kramers / found.exact - 1:+.1%}"
        rows |= {"barrier": f"{number(found.barrier)} kT", "arrived": f"{len(arrived):,} of {len(found.arrivals):,}"}
        st.table(pd.Series(rows, name=f"x = {found.start:.3g} → {found.target:.3g}"), alt="Escape times.")


def _sweep(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    try:
        frame, fits = cached(("langevin sweep", config.potential, config.formula, config.temperature),
                             lambda progress: sweep(config), "Sweeping the step size")
    except ValueError as problem:
        st.info(str(problem))
        return
    if frame.empty:
        st.info("The sweep needs the harmonic potential, or one that separates in x and y: double well, tilted double well "
                "or egg-carton.")
        return
    frame = frame[frame["bias"] > 1e-11]
    charts.show(
        charts.orders(frame, "h", "bias", _series(frame), fits=fits, x_title="step size h", y_title="|bias of ⟨x²⟩|"),
        "Bias of the mean square of x against the step size, with the fitted orders.", key="sweep")
    orders = ", ".join(f"{name} {slope:.2f}" for name, (slope, _) in fits.items())
    st.caption(f"Without sampling noise, from the one-step kernel of each method. Fitted orders: {orders}. "
               "MALA has no bias; on a quadratic Leimkuhler–Matthews has none either.")
