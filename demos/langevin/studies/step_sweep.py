"""The bias of one stationary mean against the step size, for each method, with its order.

It has no sampling noise where the method's stationary distribution is known: in closed form on the quadratic potential,
by the one-step kernel where the potential separates. Elsewhere it is measured, with error bars, on particles that start
in Boltzmann's distribution and run until the start has lost its influence; the exact first order of Euler–Maruyama's
bias is given for comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch

from demos.common import statistics
from demos.common.progress import Progress, checkpoint, part
from demos.contract.running import demo_run
from demos.gradient_flow import GradientFlow, solve
from demos.landscapes import Landscape
from demos.langevin.config import LangevinConfig
from demos.langevin.exact import kernel, modified, quadratic
from demos.langevin.reference.boltzmann import boltzmann, sample_boltzmann
from demos.langevin.reference.density_evolution import relaxation_rate
from demos.langevin.samplers import METHOD_LABELS, SAMPLERS, has_momentum
from demos.langevin.settling import RELAXED
from demos.langevin.setup import Setup
from demos.langevin.simulate import step_times

EXACT_METHODS = ("euler", "implicit_euler", "heun", "leimkuhler_matthews")
MEASURED_METHODS = ("euler", "heun", "leimkuhler_matthews")
EXACT_STEPS = (0.01, 0.02, 0.04, 0.08, 0.16)  # in units of the stability limit
MEASURED_STEPS = (0.08, 0.16, 0.32)
THEORY = "Euler–Maruyama, exact to first order"
NOTHING = 1e-11  # a smaller bias is rounding
WORK = 6_000_000  # most gradient evaluations of one measured point
PARTICLES = (500, 10_000)
MOST_STEPS = 20_000
FRAMES = 400
SEEN = 3.0  # standard errors above which a bias is significant


@dataclass(frozen=True)
class Sweep:
    """frame: h, bias (absolute), error (one standard error, 0 where exact), series. fits: series -> (order, factor).

    observable: whose mean it is. none: series without any bias. unseen: series -> an upper bound of a bias that is not
    significant (`SEEN` errors).
    """

    frame: pd.DataFrame
    fits: dict[str, tuple[float, float]]
    observable: str
    measured: bool
    none: tuple[str, ...] = ()
    unseen: Mapping[str, float] = field(default_factory=dict)


@demo_run
def step_sweep(config: LangevinConfig, progress: Progress | None = None) -> Sweep:
    """The sweep for the potential, temperature, mass and friction of a config.

    Raises ValueError where no exact reference is known or the particles would take too long.
    """
    setup = Setup.of(config)
    landscape, kT = setup.landscape, setup.kT
    if setup.is_quadratic:
        splittings = tuple(name for name in SAMPLERS if has_momentum(name))
        observable, methods = "the stiff axis' variance", (*EXACT_METHODS, *splittings)
        return _exact(setup, observable, methods, lambda method, h: _quadratic_bias(setup, method, h))
    if not np.isfinite(landscape.curvature):
        raise ValueError(
            "The sweep needs a smallest step to begin with, and this formula has no curvature to set one: "
            "a minimum is a kink, or flatter than a parabola."
        )
    if not landscape.confines(kT):
        raise ValueError(
            f"The sweep needs the exact distribution, and at kT = {kT:g} it reaches beyond the box of "
            f"{landscape.title}; lower the temperature."
        )
    if landscape.separable is not None:
        found = _exact(setup, "⟨x²⟩", EXACT_METHODS, lambda method, h: _kernel_bias(landscape, kT, method, h))
        if found.frame.empty:
            raise ValueError(
                f"At kT = {kT:g} no method's kernel fits its grid: the steps are too short for it, or "
                "particles are lost."
            )
        return found
    return _measured(landscape, kT, progress)


def _exact(setup: Setup, observable: str, methods: tuple[str, ...], bias: Callable[[str, float], float]) -> Sweep:
    """The sweep from exact biases; `bias(method, h)` raises ValueError where it is not known."""
    rows, fits, none = [], {}, []
    for method in methods:
        limit = setup.step_limit(method)
        limit = limit if np.isfinite(limit) else 2 / setup.landscape.curvature
        found = []
        for h in limit * np.array(EXACT_STEPS):
            checkpoint()
            try:
                found.append((float(h), abs(bias(method, float(h)))))
            except ValueError:  # no stationary distribution at this step, or no grid for it
                continue
        if found and max(value for _, value in found) <= NOTHING:
            none.append(METHOD_LABELS[method])
        found = [(h, value) for h, value in found if value > NOTHING]
        rows += [{"h": h, "bias": value, "error": 0.0, "series": METHOD_LABELS[method]} for h, value in found]
        if len(found) >= 2:
            fits[METHOD_LABELS[method]] = _fit(found[:3])
    return Sweep(_frame(rows), fits, observable, False, tuple(none))


def _fit(points: list[tuple[float, float]]) -> tuple[float, float]:
    order = kernel.fit_order(*zip(*points, strict=True))
    h, value = points[0]
    return order, value / h**order


def _frame(rows: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["h", "bias", "error", "series"])


def _quadratic_bias(setup: Setup, method: str, h: float) -> float:
    k, kT, mass = setup.landscape.curvature, setup.kT, setup.config.mass
    if not has_momentum(method):
        return kT / k * (quadratic.variance_ratio(method, h * k) - 1)
    return (
        quadratic.splitting_variances(method, h, float(np.sqrt(k / mass)), setup.config.friction, kT, mass)[0] - kT / k
    )


def _kernel_bias(landscape: Landscape, kT: float, method: str, h: float) -> float:
    profile = landscape.separable[0]
    s = np.linspace(*landscape.box[0], 4001)
    height = (profile(s) - profile(s).min()) / kT
    near = s[height < 40]
    weights = np.exp(-height)
    exact = float(weights @ s**2 / weights.sum())
    return kernel.average(method, np.square, profile.derivative, kT, h, near[0] - 0.3, near[-1] + 0.3) - exact


# measured -----------------------------------------------------------------------------------------------------------


def _measured(landscape: Landscape, kT: float, progress: Progress | None) -> Sweep:
    rate = relaxation_rate(landscape, kT)
    if rate is None or not rate > 0:
        raise ValueError(
            f"{landscape.title} is too narrow for the grid that tells how long a start is remembered at "
            f"kT = {kT:g}, so nobody could say when a measured bias has settled: no sweep here."
        )
    limit = 2 / landscape.curvature
    longest = RELAXED / rate / (MEASURED_STEPS[0] * limit)
    if longest > MOST_STEPS:
        raise ValueError(
            f"At kT = {kT:g} a start is remembered for 1/λ₁ = {1 / rate:.3g}: {longest:,.0f} of the "
            f"shortest steps until the bias has settled, where {MOST_STEPS:,} are allowed; raise the "
            "temperature."
        )
    exact = boltzmann(landscape, kT).mean(landscape.energy)
    rows, fits, unseen = [], {}, {}
    runs = [(method, float(share * limit)) for method in MEASURED_METHODS for share in MEASURED_STEPS]
    seen: dict[str, list[tuple[float, float]]] = {METHOD_LABELS[method]: [] for method in MEASURED_METHODS}
    for i, (method, h) in enumerate(runs):
        found = measured_bias(landscape, kT, method, h, RELAXED / rate, exact, part(progress, i, len(runs)))
        if found is None:
            continue
        label, (value, error) = METHOD_LABELS[method], found
        rows.append({"h": h, "bias": abs(value), "error": error, "series": label})
        if abs(value) > SEEN * error:
            seen[label].append((h, abs(value)))
        else:
            unseen[label] = max(SEEN * error, unseen.get(label, 0.0))
    for label, points in seen.items():
        if len(points) >= 2:
            fits[label] = _fit(points)
            unseen.pop(label, None)
    factor = abs(first_order(landscape, kT))
    steps = limit * np.array(MEASURED_STEPS)
    rows += [{"h": h, "bias": factor * h, "error": 0.0, "series": THEORY} for h in steps]
    fits[THEORY] = (1.0, factor)
    return Sweep(_frame(rows), fits, "⟨U⟩", True, unseen=unseen)


def measured_bias(
    landscape: Landscape,
    kT: float,
    method: str,
    h: float,
    settling: float,
    exact: float,
    progress: Progress | None = None,
    seed: int = 0,
) -> tuple[float, float] | None:
    """The stationary ⟨U⟩ minus its exact value, and its standard error; None where particles are lost.

    settling: the time before averaging begins; averages extend over half that time. Particles are independent.
    """
    burn = int(np.ceil(settling / h))
    steps = burn + max(burn // 2, FRAMES)
    each = LangevinConfig().evaluations(method)
    particles = int(np.clip(WORK / (steps * each), *PARTICLES))
    random = np.random.default_rng([seed, 2])
    start = torch.from_numpy(sample_boltzmann(landscape, kT, particles, random).astype(np.float32))
    flow = GradientFlow(landscape.energy, landscape.gradient, temperature=kT)
    frames = min(steps + 1, 3 * FRAMES)
    path = solve(
        flow,
        start,
        step_times(steps, h),
        method,
        seed=seed,
        record=frames,
        progress=progress,
    )
    if path.status.diverged:
        return None
    settled = path.states[path.times >= burn * h]
    energies = torch.zeros(settled.shape[1], dtype=torch.float64)
    for frame in settled:
        checkpoint()
        energies += landscape.energy(frame).to(torch.float64) / len(settled)
    mean, error = statistics.mean_with_error(energies.numpy())
    return mean - exact, error


def first_order(landscape: Landscape, kT: float) -> float:
    """d⟨U⟩/dh of Euler–Maruyama at h = 0, by quadrature: −cov(U, (U_h − U)/h)/kT with U_h of `exact.modified`."""
    exact = boltzmann(landscape, kT)
    checkpoint()
    squares = landscape.gradient(exact.points).square().sum(1).numpy()
    laplacian = landscape.hessian(exact.points).diagonal(dim1=1, dim2=2).sum(1).numpy()
    change, energy = modified.correction(squares, laplacian, kT, 1.0), landscape.energy(exact.points).numpy()
    weights = exact.weights / exact.weights.sum()
    return float(-(weights @ (energy * change) - (weights @ energy) * (weights @ change)) / kT)
