"""Predictions of the fate of each path before it is computed, from two curvatures: at the minimum to which the exact
flow leads, and the largest along the exact flow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch

from demos.descent import linear, rescaled
from demos.descent.flow import kinks_of
from demos.descent.landing import lands_in_the_same_basin
from demos.descent.linear import Mode
from demos.descent.optimizers import GRADIENT_STEPS
from demos.descent.setup import NEAR, Setup
from demos.landscapes import EnergySurface, StationaryPoint

CONVERGES, OSCILLATES, DIVERGES, UNKNOWN = "converges", "oscillates", "diverges", "no prediction"
SETTLES, HOVERS = "settles", "does not settle"
STRAIGHT = 0.05  # the relative nonlinearity of the gradient at the radius from which the recursion is used
TIED = 0.99  # modes with factors this close are both visible at the end
RADII = 60  # the radii that are tried in `parabola_radius`
SEEN = 1e-5  # view diagonals: a smaller oscillation counts as rest
FLOWING = (
    0.2  # the longest first move of Newton's flow, over the distance it still has to go, at which steps are counted
)
SMALLEST = 1e-9  # view diagonals: a smaller distance from a minimum is rounding
OUTWEIGHED = 1e3  # the most that the faster mode outweighs the slower one where the gradient becomes linear
MOST_STEPS = 200_000  # the most steps of a recursion


@dataclass(frozen=True)
class Prediction:
    """The prediction for one path.

    fate: CONVERGES, OSCILLATES (converges with changes of sign), SETTLES (converges in one of these ways), DIVERGES
    (does not settle in this minimum), HOVERS (stays near a minimum, at a distance set by the rate), UNKNOWN.
    destination: the index of the minimum, −1 for none. modes: along the eigenvectors of the lower and the higher
    curvature. slowest: the index of the slower mode, which decides. steps: to a distance of NEAR view diagonals; inf if
    it is never reached. least: a lower bound for the steps. due: the steps after which a prediction of HOVERS can be
    judged. excess: the largest ratio of the rate to its limit along the exact flow, at step excess_step.
    why: the reason if the fate is UNKNOWN.
    """

    fate: str
    destination: int = -1
    modes: tuple[Mode, ...] = ()
    slowest: int = 0
    steps: float = math.nan
    least: float = math.nan
    due: float = math.nan
    excess: float = math.nan
    excess_step: int = 0
    why: str = ""

    @property
    def rate(self) -> float:
        """The factor by which the distance changes in each step at the end."""
        return self.modes[self.slowest].factor if self.modes else math.nan


def predictions(setup: Setup, method: str) -> list[Prediction]:
    """The predictions of a method, one for each start."""
    over = _over_the_limit(setup, method)
    at, excess = over.argmax(axis=0), over.max(axis=0)
    lands = np.zeros(len(excess), dtype=bool)
    if method == "euler" and (excess > 1).any():
        lands = lands_in_the_same_basin(setup, setup.config.rate(method), over)
    steps = np.rint(setup.exact.times[at] / setup.config.rate(method)).astype(int)
    return [
        _prediction(setup, method, i, float(excess[i]), int(steps[i]), bool(lands[i])) for i in range(len(setup.starts))
    ]


def _prediction(setup: Setup, method: str, start: int, excess: float, at: int, lands: bool) -> Prediction:
    surface, config = setup.surface, setup.config
    goal, known = int(setup.destinations[start]), {"excess": excess, "excess_step": at}
    if goal < 0:
        lost = np.isnan(setup.exact.states[-1, start]).any()
        why = "the exact flow leaves the landscape" if lost else "the exact flow leads to no named minimum"
        why = "the exact flow could not be followed" if setup.exact.is_lost else why
        return Prediction(UNKNOWN, why=why, **known)
    place = surface.minima[goal]
    if not math.isfinite(place.eigenvalues[0]):
        return Prediction(UNKNOWN, goal, why="the minimum is a kink, without curvature", **known)
    if method in rescaled.BOUNDED:
        return _rescaled(setup, method, start, goal)
    if place.eigenvalues[0] <= 1e-9 * place.eigenvalues[1]:
        return Prediction(UNKNOWN, goal, why="the minimum is flat in one direction", **known)
    modes = linear.modes(method, config.rate(method), place.eigenvalues, config.options_of(method))
    slowest = max((0, 1), key=lambda i: modes[i].factor)
    if modes[slowest].character == "diverging":
        return Prediction(DIVERGES, goal, modes, slowest, math.inf, **known)
    if method == "newton" and not _is_convex_on_the_way(setup, start):
        return Prediction(
            UNKNOWN, goal, modes, slowest, why="this path is not convex, and Newton's flow goes to saddles too", **known
        )
    fate, why = fate_of(modes), ""
    if excess > 1:
        why = f"the rate is {excess:.2g} × the limit at step {at:,} of the way"
        if not lands:
            return Prediction(UNKNOWN, goal, modes, slowest, math.nan, why=why, **known)
        why += "; linearized about the flow, it lands where the flow leads to the same minimum below the limit"
    steps = math.nan if excess > 1 else _steps(setup, method, start, place)
    if are_both_visible(setup, place, modes):
        fate, why = SETTLES, why or "two factors are so close that either mode may be the last that is seen"
    return Prediction(fate, goal, modes, slowest, steps, why=why, **known)


def fate_of(modes: Sequence[Mode]) -> str:
    """DIVERGES, CONVERGES or OSCILLATES, from the slowest modes, which decide in the end."""
    largest = max(mode.factor for mode in modes)
    if any(mode.character == "diverging" for mode in modes):
        return DIVERGES
    last = [mode for mode in modes if mode.factor > TIED * largest]
    return CONVERGES if all(mode.character == "monotone" for mode in last) else OSCILLATES


def are_both_visible(setup: Setup, place: StationaryPoint, modes: Sequence[Mode]) -> bool:
    """Whether one mode changes its sign and the other does not, and their factors are so close that a path which begins
    with OUTWEIGHED times as much of the faster mode shows that one until both are SMALLEST. On a quadratic the start
    decides instead."""
    slow, fast = sorted(modes, key=lambda mode: -mode.factor)
    same = (slow.character == "monotone") == (fast.character == "monotone")
    if same or fast.factor == 0 or setup.surface.name in QUADRATICS:
        return False
    radius = parabola_radius(setup.surface, place, STRAIGHT)
    seen = slow.steps_to(min(1.0, SMALLEST * setup.scale / radius)) if radius > 0 else 0.0
    return seen * math.log(slow.factor / fast.factor) < math.log(OUTWEIGHED)


def _rescaled(setup: Setup, method: str, start: int, goal: int) -> Prediction:
    """The prediction for a method that divides by a size of the gradient: it follows from the length of its steps,
    because the rate of convergence depends on the path."""
    surface, rate = setup.surface, setup.config.rate(method)
    options = setup.config.all_options_of(method)
    away = np.abs(np.array(surface.minima[goal].position) - setup.starts[start].numpy())
    way = np.maximum(away - NEAR * setup.scale, 0.0)  # the square contains the disc: a lower bound
    farthest = max(map(abs, (*surface.view[0], *surface.view[1])))
    least = rescaled.least_steps(method, rate, options, way, farthest)
    if method in rescaled.EXACT_MOVES:
        fate = HOVERS if rate > SEEN * setup.scale else SETTLES
        return Prediction(fate, goal, least=least, due=1.2 * least)
    if method == "rmsprop":
        return Prediction(UNKNOWN, goal, least=least, why="whether it settles depends on what v remembers of the way")
    if options.get("weight_decay"):
        why = "weight decay pulls it off the minimum, by how much depends on the path"
        return Prediction(UNKNOWN, goal, least=least, why=why)
    if method in ("adam", "adamw") and setup.steps[method] > (remembered := 1 / (1 - options["beta2"])):
        far = rescaled.adam_swing(rate, options)
        why = f"past {remembered:,.0f} steps β₂ forgets how steep it was; it may swing again, by about {far:.2g}"
        return Prediction(UNKNOWN, goal, least=least, why=why)
    return Prediction(SETTLES, goal, least=least)


def _over_the_limit(setup: Setup, method: str) -> np.ndarray:
    """The ratio of the rate to its limit along the exact flow, (R, N); nan for methods without such a limit."""
    if method not in GRADIENT_STEPS or method == "implicit_euler" or kinks_of(setup.surface):
        return np.full((1, len(setup.starts)), np.nan)
    largest, limit = curvature_along(setup), setup.config.limit_of(method, 1.0)
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(largest), np.maximum(largest, 0.0), 0.0) * setup.config.rate(method) / limit


@lru_cache(maxsize=4)
def curvature_along(setup: Setup) -> np.ndarray:
    """The largest eigenvalue of the Hessian along the exact flow, (R, N); 0 after the flow has left."""
    return np.linalg.eigvalsh(_hessians(setup))[..., 1]


@lru_cache(maxsize=4)
def spectra_along(setup: Setup) -> np.ndarray:
    """The largest modulus of an eigenvalue of the Hessian along the exact flow, (R, N); 0 after the flow has left."""
    return np.abs(np.linalg.eigvalsh(_hessians(setup))).max(-1)


@lru_cache(maxsize=4)
def _hessians(setup: Setup) -> np.ndarray:
    states = setup.exact.states
    known = np.isfinite(states).all(-1)
    hessians = np.full((*states.shape[:2], 2, 2), np.nan)
    if known.any():
        hessians[known] = setup.surface.hessian(torch.from_numpy(states[known])).numpy()
    return np.where(np.isfinite(hessians), hessians, 0.0)


def _is_convex_on_the_way(setup: Setup, start: int) -> bool:
    return bool((np.linalg.eigvalsh(_hessians(setup)[:, start])[..., 0] > 0).all())


def _steps(setup: Setup, method: str, start: int, place: StationaryPoint) -> float:
    """The number of steps to a distance of NEAR view diagonals.

    It is counted along the exact flow until the gradient is nearly linear (a method with momentum is 1/(1 − β) times
    faster), then by the linear recursion. A method that oscillates because of momentum does not follow the flow: its
    envelope is assumed to shrink by the recursion's factor from the start.
    """
    config, rate = setup.config, setup.config.rate(method)
    options = config.options_of(method)
    near = NEAR * setup.scale
    distance = np.linalg.norm(setup.exact.states[:, start] - place.position, axis=-1)
    found = linear.modes(method, rate, place.eigenvalues, options)
    slowest = max(found, key=lambda mode: mode.factor)
    radius = parabola_radius(setup.surface, place, STRAIGHT)
    if method == "newton" and not math.isinf(radius):
        return _newton_steps(setup, start, place, near)
    if 0 < slowest.turns < 1 and math.isfinite(radius):
        return math.ceil(max(1.0, slowest.steps_to(min(1.0, near / max(distance[0], near)))))
    inside = np.nonzero(distance <= max(near, radius))[0]
    if not len(inside):
        return math.nan
    entered = setup.exact.times[inside[0]] * (1 - options.get("momentum", 0.0)) / rate
    values, vectors = axes_of(setup.surface, place)
    at = (setup.exact.states[inside[0], start] - place.position) @ vectors
    pairs = np.array([linear.recursion(method, rate, value, options) for value in values])
    most = min(MOST_STEPS, 4 * slowest.steps_to(near / setup.scale) + 50)
    path = linear.continued(method, rate, values, options, np.stack([at, pairs.sum(axis=1) * at]), int(most))
    far = np.nonzero(~(np.linalg.norm(path, axis=1) <= near))[0]
    return float(round(entered) + (far[-1] + 1 if len(far) else 0))


def _newton_steps(setup: Setup, start: int, place: StationaryPoint, near: float) -> float:
    """The number of steps of Newton's flow to a distance `near`; nan if its first move is long.

    Along the flow ∇E keeps its direction and decays as e⁻ᵗ, so that the distance becomes |H⁻¹∇E| with H at the minimum;
    a step multiplies ∇E by about 1 − rate. Where the Hessian is nearly singular the moves are too long for that.
    """
    rate, at = setup.config.rate("newton"), setup.starts[start : start + 1]
    gradient = setup.surface.gradient(at)[0].numpy()
    here = np.linalg.eigh(setup.surface.hessian(at)[0].numpy())
    move, distance = (
        np.linalg.norm((gradient @ vectors) / values) for values, vectors in (here, axes_of(setup.surface, place))
    )
    if distance <= near:
        return 0.0
    return math.nan if rate * move > FLOWING * distance else math.ceil(math.log(distance / near) / -math.log1p(-rate))


@lru_cache(maxsize=256)
def axes_of(surface: EnergySurface, place: StationaryPoint) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues (2,), rising, and eigenvectors, the columns of (2, 2), of the Hessian at a minimum."""
    hessian = surface.hessian(torch.tensor([place.position], dtype=torch.float64))[0].numpy()
    values, vectors = np.linalg.eigh(hessian)
    return values, vectors


@lru_cache(maxsize=512)
def parabola_radius(surface: EnergySurface, place: StationaryPoint, share: float) -> float:
    """The radius around a minimum within which |∇E − Hd| ≤ share · |Hd| in 24 directions; inf on a quadratic."""
    values, vectors = axes_of(surface, place)
    (x0, x1), (y0, y1) = surface.view
    scale = math.hypot(x1 - x0, y1 - y0)
    angles = np.linspace(0, 2 * math.pi, 24, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    hessian = vectors @ np.diag(values) @ vectors.T
    linear_part = np.linalg.norm(ring @ hessian, axis=1)
    for radius in scale * np.geomspace(1.0, 1e-9, RADII):
        points = torch.from_numpy(np.array(place.position) + radius * ring)
        gradient = surface.gradient(points).numpy()
        off = np.linalg.norm(gradient - radius * (ring @ hessian), axis=1)
        if np.all(off <= share * radius * linear_part):
            return math.inf if radius == scale and surface.name in QUADRATICS else float(radius)
    return 0.0


QUADRATICS = ("quadratic", "booth", "matyas")
