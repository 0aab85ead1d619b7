"""The panel beside a single cloud: the one in which the lesson of this config can be seen.

The histogram of x and its exact density as a rule; on a quadratic potential, where more is known, the free energy of
the cloud beside its bound, and for a motion with inertia the mean along the valley as it swings.
"""

from __future__ import annotations

import numpy as np

from demos.langevin.checks_free_energy import gaussians, is_gaussian
from demos.langevin.checks_means import valley
from demos.langevin.exact.fokker_planck import kl_bound
from demos.langevin.reference import linear
from demos.langevin.reference.boltzmann import boltzmann_marginals
from demos.langevin.reference.density_evolution import DensityEvolution
from demos.langevin.reference.gaussian import FREE, sample_free_energy
from demos.langevin.samplers import TIMELESS, has_momentum
from demos.langevin.setup import Setup
from demos.langevin.simulate import MethodRun
from demos.picture import Annotation, Curve, Layer, Lines, Markers, Panel
from demos.picture.colors import EXACT
from demos.picture.panels import moving_histogram

BINS = 48
CURVE = 121  # points of an exact marginal
FEWEST = 100  # particles whose covariance has a free energy worth a curve
CLEAR = 25.0  # times the F that so many points of equilibrium seem to have
DECADES = 4.0  # of free energy that are shown at most
WEIGHT = 1.1  # of a curve over time


def beside_panel(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Panel:
    """The panel that stands beside the cloud of this run."""
    config = setup.config
    moving = setup.is_quadratic and setup.is_constant and config.start in ("point", "cloud") and not run.lost
    if moving and len(run.times) > 2:
        if has_momentum(run.method) and run.method not in TIMELESS:
            return _swing_panel(setup, run)
        if is_gaussian(setup, run) and config.particles >= FEWEST:
            panel = _free_energy_panel(setup, run)
            if panel is not None:
                return panel
    return _marginal_panel(setup, run, evolution)


def _over_time(x: np.ndarray, y: np.ndarray, name: str) -> Markers:
    """A dot that runs along a curve with the clock."""
    places = np.stack([x, y], axis=1)[:, None, :]
    return Markers(name, places, [""], ["dot"])


def _swing_panel(setup: Setup, run: MethodRun) -> Panel:
    """The mean along the valley over time, beside that of the equation."""
    config, times = setup.config, run.times
    start, _ = setup.start_moments
    axis = valley(setup.landscape).numpy()
    mean = run.states.mean(axis=1) @ axis
    fine = np.linspace(0.0, run.end, 4 * CURVE)
    exact = np.array(
        [
            (linear.after_time(t, setup.hessian, setup.kT, config.friction, config.mass).matrix @ start) @ axis
            for t in fine
        ]
    )
    top = 1.12 * max(np.abs(exact).max(), np.abs(mean).max(), 1e-6)
    layers: list[Layer] = [*_envelope(setup, fine, float(start @ axis))]
    layers += [
        Curve("Exact", fine, exact, color=EXACT),
        Curve("Particles", times, mean, color=-2),
        _over_time(times, mean, "Now"),
    ]
    return Panel(
        (0.0, run.end), (-top, top), layers, x_label="t", y_label="s", title="Mean along the valley, s", weight=WEIGHT
    )


def _envelope(setup: Setup, times: np.ndarray, start: float) -> list[Lines]:
    """±s₀e^(−γt/2m), as every mode fades that is not overdamped; none where one is."""
    config = setup.config
    rate = config.friction / (2 * config.mass)
    if np.linalg.eigvalsh(setup.hessian)[0] / config.mass <= rate**2:
        return []
    fading = abs(start) * np.exp(-rate * times)
    sides = np.concatenate([np.stack([times, side * fading], axis=1) for side in (1.0, -1.0)])
    return [Lines("Fades as e^{−γt/2m}", sides, starts=np.array([0, len(times)]), dashed=True, color=EXACT, width=1.5)]


def _free_energy_panel(setup: Setup, run: MethodRun) -> Panel | None:
    """log₁₀ of the cloud's free energy above equilibrium over time, beside the exact one and the bound e^(−2kt)."""
    kT, times = setup.kT, run.times[1:]
    exact = np.array([gaussian.free_energy for gaussian in gaussians(setup, run)])
    if len(times) < 2 or not np.isfinite(exact).all() or exact[0] <= 0 or setup.landscape.convexity is None:
        return None
    cloud = np.array([sample_free_energy(points, setup.hessian, kT) for points in run.states[1:]])
    bound = kT * kl_bound(exact[0] / kT, setup.landscape.convexity, times)
    tens = lambda values: np.log10(np.maximum(values, 1e-300))
    high = float(tens(exact)[0]) + 0.3
    seen = np.log10(CLEAR * FREE * kT / (2 * setup.config.particles))  # below it chance moves the cloud's F
    low = max(min(float(tens(exact)[-1]), float(tens(bound)[-1])), seen, high - DECADES)
    if low > high - 1:
        return None
    # the first frame is that of the start, a single point, whose free energy is infinite: it waits at the second
    shown = np.clip(np.concatenate([tens(cloud)[:1], tens(cloud)]), low, None)
    layers: list[Layer] = [
        Curve("Bound e^{−2kt}", times, tens(bound), dashed=True, color=EXACT),
        Curve("Exact", times, tens(exact), color=EXACT),
        Curve("Particles", times, tens(cloud), color=-2),
        _over_time(np.concatenate([times[:1], times]), shown, "Now"),
    ]
    early = len(times) // 8
    words = Annotation("the bound, e^{−2kt}: no flow falls slower", float(times[early]), float(tens(bound)[early]))
    return Panel(
        (0.0, run.end), (low, high), layers, x_label="t", y_label="log₁₀ F", title="Free energy F above equilibrium",
        weight=WEIGHT, annotations=(words,),
    )  # fmt: skip


def _marginal_panel(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Panel:
    """The histogram of x, moving, and the exact density of x: at the same moment, or in the long run."""
    low, high = setup.landscape.view[0]
    edges = np.linspace(low, high, BINS + 1)
    density = moving_histogram(run.states[:, :, 0], edges)
    layers: list[Layer] = [Curve("Particles", edges, density, stepped=True, filled=True, color=-2)]
    top = np.quantile(density[len(density) // 8 :].max(axis=1), 0.9) * 1.25
    if evolution is not None and run.is_overdamped and setup.config.start != "equilibrium":
        x, axis = np.linspace(low, high, CURVE), evolution.grid.axes[0]
        marginals = evolution.marginals_x_at(run.times)
        exact = np.stack([np.interp(x, axis, marginal, left=0.0, right=0.0) for marginal in marginals])
        layers.append(Curve("Exact at this moment", x, exact, color=EXACT))
    if setup.is_constant and setup.is_confined:
        limit = boltzmann_marginals(setup.landscape, setup.kT)[0]
        layers.append(Curve("Boltzmann", *limit, dashed=True, color=EXACT))
        inside = (limit[0] >= low) & (limit[0] <= high)
        top = max(top, 1.15 * limit[1][inside].max(initial=0.0))
    return Panel(
        (low, high), (0.0, float(max(top, 1e-9))), layers, x_label="x", y_label="density", title="Distribution of x"
    )
