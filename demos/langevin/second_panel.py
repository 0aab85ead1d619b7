"""The second panel of the picture of a single cloud, chosen by the config.

Usually it is the histogram of x with its exact density. On a quadratic potential it is the free energy of the cloud
with its bound, and for underdamped dynamics the oscillating mean along the valley.
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
FEWEST = 100  # least number of particles for a free energy computed from their covariance
CLEAR = 25.0  # the curve ends at so many times the bias that F has for particles in equilibrium
DECADES = 4.0  # most decades of free energy that are shown
WEIGHT = 1.1  # relative width of a panel with a curve over time


def second_panel(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Panel:
    """The second panel for this run."""
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
    """A dot at the current frame of a curve x, y (F,)."""
    places = np.stack([x, y], axis=1)[:, None, :]
    return Markers(name, places, [""], ["dot"])


def _swing_panel(setup: Setup, run: MethodRun) -> Panel:
    """The panel of the mean along the valley over time, with its exact curve."""
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
    """The envelope ±s₀e^(−γt/2m) of an underdamped oscillation; no lines where a mode is overdamped."""
    config = setup.config
    rate = config.friction / (2 * config.mass)
    if np.linalg.eigvalsh(setup.hessian)[0] / config.mass <= rate**2:
        return []
    fading = abs(start) * np.exp(-rate * times)
    sides = np.concatenate([np.stack([times, side * fading], axis=1) for side in (1.0, -1.0)])
    return [Lines("Fades as e^{−γt/2m}", sides, starts=np.array([0, len(times)]), dashed=True, color=EXACT, width=1.5)]


def _free_energy_panel(setup: Setup, run: MethodRun) -> Panel | None:
    """The panel of log₁₀ of the cloud's free energy above equilibrium, with the exact curve and the bound e^(−2kt)."""
    kT, times = setup.kT, run.times[1:]
    exact = np.array([gaussian.free_energy for gaussian in gaussians(setup, run)])
    if len(times) < 2 or not np.isfinite(exact).all() or exact[0] <= 0 or setup.landscape.convexity is None:
        return None
    cloud = np.array([sample_free_energy(points, setup.hessian, kT) for points in run.states[1:]])
    bound = kT * kl_bound(exact[0] / kT, setup.landscape.convexity, times)
    tens = lambda values: np.log10(np.maximum(values, 1e-300))
    high = float(tens(exact)[0]) + 0.3
    seen = np.log10(CLEAR * FREE * kT / (2 * setup.config.particles))  # below it sampling noise dominates
    low = max(min(float(tens(exact)[-1]), float(tens(bound)[-1])), seen, high - DECADES)
    if low > high - 1:
        return None
    # the first frame is the start, a single point of infinite free energy: it is drawn at the value of the second
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
        (0.0, run.end), (low, high), layers, x_label="t", y_label="F", y_scale="log",
        title="Free energy F above equilibrium", weight=WEIGHT, annotations=(words,),
    )  # fmt: skip


def _marginal_panel(setup: Setup, run: MethodRun, evolution: DensityEvolution | None) -> Panel:
    """The panel of the histogram of x in each frame, with its exact density at that time or in equilibrium."""
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
