"""The tabs with static charts under the picture of /langevin."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.frame import charts, vega
from dashboard.frame.studies import draw_tabs
from dashboard.runtime.run import cached
from demos.common.numbers import MINUS, number
from demos.langevin.config import LangevinConfig
from demos.langevin.samplers import METHOD_LABELS
from demos.langevin.studies.escape import Escape, escape_study
from demos.langevin.studies.mixing import LONGER, NOT_MIXED, Mixing, mixing_study
from demos.langevin.studies.step_sweep import THEORY, Sweep, step_sweep
from demos.langevin.tables import FLOOR
from demos.picture.colors import EXACT, method_color

COLORS = {label: method_color(name) for name, label in METHOD_LABELS.items()}
CURVES = {
    "Boltzmann": EXACT,
    "exact, at this moment": EXACT,
    "exact (Fokker–Planck)": EXACT,
    "exact": EXACT,
    "Bakry–Émery bound": 3,
    FLOOR: 6,
    THEORY: EXACT,
}
CURVES |= {f"exact for {label}": color for label, color in COLORS.items()}
EXACT_FOR = tuple(f"exact for {label}" for label in COLORS)
TABS = ("Marginals", "Free energy", "Mixing", "Escape times", "Bias and step size")


def draw_charts(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    """Draw all tabs. Nothing is computed for a closed tab."""
    drawers = (_marginals, _free_energy, _mixing, _escape, _sweep)
    tabs = {title: partial(draw, config, tables) for title, draw in zip(TABS, drawers, strict=True)}
    draw_tabs(tabs, "langevin-charts")


def _series(*tables: vega.Table) -> dict[str, int]:
    """The colour of each series in the tables."""
    names = dict.fromkeys(name for table in tables for name in table["series"])
    return {name: (COLORS | CURVES).get(name, EXACT) for name in names}


def _marginals(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    whole = [vega.columns_of(tables[name]) for name in ("bars", "curves")]
    for column, axis in zip(st.columns(2), "xy", strict=True):
        bars, curves = (vega.rows(table, table["axis"] == axis) for table in whole)
        series = _series(bars, curves)
        chart = charts.histogram(bars, curves, series, x_title=axis, dashed=("Boltzmann",))
        with column:
            vega.draw(
                chart,
                f"Histogram of {axis} over the compared frames, under the exact densities of {axis}.",
                height=vega.height_with(series),
                key=f"marginal-{axis}",
            )
    st.caption(
        "Bars: the particles, over the frames that the checks compare. Dashed: Boltzmann's distribution. "
        "Solid: the exact distribution at this moment, and that of the method with its step, where they are known; "
        "where two coincide, the later name in the legend lies on top."
    )


def _free_energy(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = tables["free_energy"]
    if frame.empty:
        st.info(
            "The free energy needs a constant temperature, a start out of equilibrium, and wells that the grid of "
            "the Fokker–Planck equation resolves."
        )
        return
    series = _series(frame)
    vega.draw(
        charts.lines(
            frame,
            "t",
            "F",
            series,
            x_title="t",
            y_title="F above equilibrium",
            log_y=True,
            dashed=("Bakry–Émery bound", FLOOR, *EXACT_FOR),
        ),
        "Free energy above equilibrium over time: it only falls.",
        height=vega.height_with(series),
        key="free-energy",
    )
    floor = (
        " A cloud of N particles shows more than its distribution has, by the sampling floor: about kT/2N for each "
        "number that is read off it, 5 of a Gaussian, else one for each bin of a histogram."
        if FLOOR in set(frame["series"])
        else ""
    )
    st.caption(
        "F = ⟨U⟩ + kT ∫ρ ln ρ falls along the exact distribution, because Langevin dynamics is its gradient flow in "
        "the Wasserstein metric (Jordan, Kinderlehrer and Otto). Where U is convex, with curvatures of at least m, "
        f"it stays under e^(−2mt) F(0).{floor}"
    )


def _mixing(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    found: Mixing = cached(
        ("langevin mixing", config), lambda progress: mixing_study(config, progress), "Watching every step"
    )
    left, right = st.columns([3, 2])
    series = _series(found.curves)
    chart = charts.lines(
        found.curves,
        "lag",
        "C",
        series,
        x_title=f"lag, in {_unit(config, found)}",
        y_title="autocorrelation of x",
        dashed=EXACT_FOR,
    )
    with left:
        vega.draw(
            chart, "Autocorrelation of x against the lag.", height=vega.height_with(series), key="autocorrelation"
        )
    with right:
        numbers = found.numbers.set_index("method").T
        st.table(
            numbers.map(lambda value: "" if np.isnan(value) else number(value)),
            alt="Correlation time, effective draws and R-hat of each method.",
        )
        st.caption(
            f"x of {found.chains} particles in a run of their own, at every step of its second half; where your run "
            f"is too short to mix, this one is up to {LONGER} times as long. Times in {_unit(config, found)}. R̂ "
            f"compares groups of particles that began near each other: above {number(NOT_MIXED)} they still differ, "
            "and no effective draws are given."
        )


def _unit(config: LangevinConfig, found: Mixing) -> str:
    return f"time t (a step is {config.step:g})" if found.unit == "time" else found.unit


def _escape(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    found: Escape = cached(
        ("langevin escape", config), lambda progress: escape_study(config, progress), "Following escapes"
    )
    arrived = found.arrivals[~np.isnan(found.arrivals)]
    edges = np.linspace(0, found.horizon, 41)
    density = np.histogram(arrived, edges)[0] / (len(found.arrivals) * np.diff(edges))
    label = METHOD_LABELS[config.method]
    bars = pd.DataFrame({"left": edges[:-1], "right": edges[1:], "density": density, "series": label})
    times = np.linspace(found.horizon / 400, found.horizon, 400)
    curve = pd.DataFrame(
        {"x": times, "density": found.survival.density(times), "series": "exact, late" if found.inertia else "exact"}
    )
    left, right = st.columns([3, 2])
    with left:
        vega.draw(
            charts.histogram(bars, curve, _series(bars, curve), x_title="escape time"),
            "Histogram of escape times under their exact density.",
            key="escape-times",
        )
    with right:
        restricted = found.restricted
        error = restricted.std(ddof=1) / len(restricted) ** 0.5
        mean = f"{number(restricted.mean(), digits=4)} ± {number(error, digits=2)}"
        rows = {f"measured up to t = {number(found.horizon)}": mean}
        rows |= {
            "expected for this step and horizon": number(found.expected, digits=4),
            "exact mean first passage": number(found.exact, digits=4),
            "Kramers' formula": number(found.kramers, digits=4),
            "Kramers against exact": f"{found.kramers / found.exact - 1:+.1%}".replace("-", MINUS),
            "barrier": f"{number(found.barrier)} kT",
            "arrived": f"{len(arrived):,} of {len(found.arrivals):,}",
        }
        st.table(pd.Series(rows, name=f"x = {found.start:.3g} → {found.target:.3g}"), alt="Escape times.")


def _sweep(config: LangevinConfig, tables: Mapping[str, pd.DataFrame]) -> None:
    key = ("langevin sweep", config.potential, config.formula, config.temperature, config.friction, config.mass)
    found: Sweep = cached(key, lambda progress: step_sweep(config, progress), "Sweeping the step size")
    series = _series(found.frame)
    vega.draw(
        charts.orders(
            found.frame,
            "h",
            "bias",
            series,
            fits=found.fits,
            x_title="step size h",
            y_title=f"|bias of {found.observable}|",
            error="error" if found.measured else None,
        ),
        f"Bias of {found.observable} against the step size, with the fitted orders.",
        height=vega.height_with(series, 340),
        key="sweep",
    )
    st.caption(_sweep_caption(found))


def _sweep_caption(found: Sweep) -> str:
    """The caption: how the biases were computed, and which methods have none or none above the noise."""
    if not found.measured:
        without = ", ".join((*found.none, "MALA and HMC"))
        return (
            f"Bias of {found.observable} in the long run, without sampling noise: from each method's closed form "
            f"or one-step kernel. None at any step: {without}."
        )
    hidden = "; ".join(f"{name}: less than {number(value, digits=2)}" for name, value in found.unseen.items())
    return (
        "Bias of ⟨U⟩ in the long run, with one standard error: measured on particles that began in Boltzmann's "
        "distribution and were followed for seven relaxation times before their averages began. The slope of "
        "Euler–Maruyama's at h = 0 is exact, by quadrature."
        + (f" Not seen above the noise: {hidden}." if hidden else "")
    )
