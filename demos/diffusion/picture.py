"""The animation: points between noise and data, over the landscape −log p_σ, in the coordinates of `coordinates`.

All samplers share one clock, the noise level. Between two steps of a sampler a point moves linearly in σ, as in Euler's
step; for samplers of few steps the picture marks the frames that are steps.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from demos.common.numbers import counted, number
from demos.diffusion.coordinates import at_levels, axis_names, frames_at, scale_at
from demos.diffusion.landscape import landscape_layers
from demos.diffusion.metrics import sliced_w2
from demos.diffusion.models import Perturbed
from demos.diffusion.probe import probe_layers
from demos.diffusion.score_arrows import score_arrows
from demos.diffusion.setup import Setup, origin_of
from demos.diffusion.simulate import Run
from demos.diffusion.streams import Stream, generator
from demos.diffusion.tables import true_floor
from demos.diffusion.x_histogram import x_histogram_panel
from demos.picture import Annotation, Layer, Mark, Panel, Picture, Points, Readout
from demos.picture.colors import EXACT

STEPS_BACK, STEPS_FORTH = 96, 48  # frames from noise to data, and from data to noise
FORMING = 0.5  # frames are equally spaced in atan(σ/(FORMING σ_data))
TRUE_POINTS = 400  # true points, which a visitor can switch on beneath the samples
TRAILS = 16
SAMPLES = "Samples"
SECTORS = 8  # angular sectors of the starting noise, each with its own colour
NAMED = 3  # most classes that are named in the legend
FEW_STEPS = 48  # a path of at most so many steps has the frames that are steps marked as computed
LAST_FRAMES = 6  # frames at the end that show the distance of the samples from the data


def picture(setup: Setup, runs: list[Run], reference: Tensor) -> Picture:
    sigmas = clock(setup)
    first = len(sigmas) - STEPS_BACK - 1  # frames of the forward process before the samplers begin
    computed = _steps(runs, sigmas, first)
    scales = scale_at(setup, sigmas)
    background = landscape_layers(setup, sigmas, scales)
    if len(runs) == 1:  # small panels side by side have no room for them
        background += [score_arrows(setup, sigmas, scales)]
    under = _true_points(setup, reference, sigmas, scales)
    x_name, y_name = axis_names(setup)
    panels = []
    for run in runs:
        layers: list[Layer] = [*background, under, _points(setup, run, sigmas, first, scales)]
        layers += probe_layers(setup, run, sigmas, first, scales)
        half = setup.data.view
        title = run.label if len(runs) > 1 else ""
        panels.append(
            Panel(
                (-half, half),
                (-half, half),
                layers,
                title=title,
                x_label=x_name,
                y_label=y_name,
                equal=True,
                subtitle=f"{_kind(setup, run)}, {setup.evaluations(run.path):,} evaluations" if title else "",
                clickable=True,
                brush=True,
                color=run.color if title else -1,
                annotations=_words(setup, run, reference, len(sigmas), half) if len(runs) > 1 else (),
            )
        )
    if len(runs) == 1:
        cloud = next(layer for layer in panels[0].layers if isinstance(layer, Points) and layer.name == SAMPLES)
        panels.append(x_histogram_panel(setup, cloud.positions, sigmas, scales, x_name))
    spent = _evaluations(setup, runs[0], sigmas, first)
    names = ", ".join(run.label for run in runs)
    of_whom = f", {runs[0].label}" if len(runs) > 1 else ""
    return Picture(
        panels,
        Readout("σ", sigmas),
        [Readout(f"evaluations{of_whom}", spent, digits=5)],
        seconds=6.0 if first == 0 else 9.0,
        alt=f"{counted(len(setup.start), 'point')} move from noise to the data “{setup.data.title}” by {names}.",
        marks=_marks(setup, first),
        computed=computed,
    )


def _kind(setup: Setup, run: Run) -> str:
    """The legend's word for a sampler with or without noise."""
    plan, name = setup.plan, run.sampler.name
    silent = (name == "sde" and plan.stochasticity == 0) or (name == "ancestral" and plan.eta == 0)
    if not run.sampler.stochastic or silent:
        return "ODE"
    return "SDE" if name == "sde" else "fresh noise"


def _words(setup: Setup, run: Run, reference: Tensor, frames: int, half: float) -> tuple[Annotation, ...]:
    """The annotations of the last frames: distance of the samples from the data, and that of true samples."""
    if not bool(torch.isfinite(run.path.end).all()):
        return ()
    distance, least = sliced_w2(run.path.end.float(), reference), true_floor(setup, len(reference)).mean
    text = f"distance to the data {number(distance, digits=2)} (true samples {number(least, digits=2)})"
    return (Annotation(text, -0.96 * half, 0.9 * half, (frames - LAST_FRAMES, frames - 1)),)


def _marks(setup: Setup, first: int) -> tuple[Mark, ...]:
    unit, plan = setup.data.sigma_data, setup.plan
    if first or not plan.low < unit < plan.high:  # with the forward process first, each level occurs twice
        return ()
    bent = Perturbed.CENTRE * unit
    found = [Mark(unit, "noise as wide as the data")]
    if setup.config.score_error and bent < plan.high:
        found.insert(0, Mark(bent, "the score is bent here"))
    return tuple(found)


def _steps(runs: list[Run], sigmas: np.ndarray, first: int) -> tuple[int, ...]:
    """The frames that are steps of the samplers, onto whose levels the clock is moved; empty for many steps."""
    few = [run for run in runs if len(run.path.sigmas) <= FEW_STEPS]
    if not few:
        return ()
    levels = np.unique(np.concatenate([run.path.sigmas for run in few]))[::-1]
    frames = first + frames_at(sigmas[first:], levels)
    found = tuple(range(first)) + tuple(sorted({int(frame) for frame in frames}))
    return found if len(few) == len(runs) else ()


def clock(setup: Setup) -> np.ndarray:
    """The noise level of each frame, (F,): falling from σ_max, after a rise from 0 where the picture begins with the
    forward process."""
    plan, unit = setup.plan, FORMING * setup.data.sigma_data
    angle = lambda sigma: math.atan(sigma / unit)  # most frames where the data take shape
    lowest = 0.0 if plan.denoise else plan.low
    down = unit * np.tan(np.linspace(angle(plan.high), angle(lowest), STEPS_BACK + 1))
    down[0], down[-1] = plan.high, lowest
    if setup.config.story == "back":
        return down
    return np.concatenate([unit * np.tan(np.linspace(0.0, angle(plan.high), STEPS_FORTH)), down])


def _points(setup: Setup, run: Run, sigmas: np.ndarray, first: int, scales: np.ndarray) -> Points:
    scale = scales.astype(np.float32)[:, None, None]
    back = at_levels(run.path.sigmas, run.path.states, sigmas[first:])
    places = np.concatenate([_forward(setup, sigmas[:first]), back]) * scale
    labels, names = _colors(setup, run, first, len(sigmas))
    radius = 2.2 if places.shape[1] <= 2_500 else 1.7
    return Points(
        SAMPLES,
        places,
        labels=labels,
        label_names=names,
        radius=radius if len(setup.start) > 100 else 4.0,
        trail=len(sigmas),
        trails=TRAILS,
        trail_shown=setup.config.trails,
    )


def _forward(setup: Setup, sigmas: np.ndarray) -> np.ndarray:
    """The forward process: paths (F, N, 2) from true points to the samplers' starting noise, at levels rising to σ_max.

    Each path is exact at the levels: dx = √(2σ) dW is Brownian motion in the time σ², here conditioned on its end (a
    Brownian bridge). The end has the distribution of the process, therefore the path has it too. Pairs matched by
    optimal transport are joined by straight lines.
    """
    if not len(sigmas):
        return np.empty((0, len(setup.start), 2), np.float32)
    points, _ = origin_of(setup.config, setup.data, setup.labels)
    whole = (setup.start - points).double()
    times = torch.from_numpy(sigmas).double()[:, None, None] / setup.plan.high
    if setup.config.score == "flow_ot":
        return (points + times * whole).float().numpy()
    growth = times.square().diff(dim=0, prepend=torch.zeros(1, 1, 1)).clamp_min(0.0).sqrt() * setup.plan.high
    noise = torch.randn(len(sigmas), *points.shape, generator=generator(setup.config.seed, Stream.FORWARD))
    walk = (growth * noise).cumsum(0)
    return (points + walk + times.square() * (whole - walk[-1])).float().numpy()


def _colors(setup: Setup, run: Run, first: int, frames: int) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The colour of each point and the names of the colours: by the mode where the point ends (with a forward process,
    the mode of its true point), or by the angular sector of its starting noise.

    Modes are named only where there are few.
    """
    data, config = setup.data, setup.config
    if config.color == "place" and data.classes > 1:
        end = torch.nan_to_num(run.path.end)
        named = tuple(data.label_names) if data.classes <= NAMED else ()
        final = data.distribution.classify(end).numpy().astype(np.uint8)
        if not first:
            return final, named
        own = origin_of(config, data, setup.labels)[1].numpy().astype(np.uint8)
        return np.concatenate([np.tile(own, (first, 1)), np.tile(final, (frames - first, 1))]), named
    if config.color == "none":
        return None, ()
    turn = torch.atan2(run.path.states[0][:, 1], run.path.states[0][:, 0]) / (2 * math.pi) + 0.5
    return (turn * SECTORS).long().clamp(0, SECTORS - 1).numpy().astype(np.uint8), ()


def _true_points(setup: Setup, reference: Tensor, sigmas: np.ndarray, scales: np.ndarray) -> Points:
    """True points with the noise of each level, which the samples should resemble. Switched on from the start where
    the config makes the samples differ from them."""
    config = setup.config
    guided = config.guided and config.guidance != 1
    points = reference[:TRUE_POINTS].numpy()
    noise = torch.randn(len(points), 2, generator=generator(setup.config.seed, Stream.FORWARD)).numpy()
    places = (points + sigmas[:, None, None] * noise) * scales[:, None, None]
    return Points(
        "True points of the class, at this σ" if guided else "True points at this σ",
        places.astype(np.float32),
        labels=np.zeros(len(points), np.uint8),
        label_names=("true points",),
        label_colors=(EXACT,),
        radius=1.8,
        shown=guided,
    )


def _evaluations(setup: Setup, run: Run, sigmas: np.ndarray, first: int) -> np.ndarray:
    """The number of evaluations that the first sampler has made until each frame, in proportion to its steps."""
    done = np.interp(
        -sigmas[first:], -run.path.sigmas, np.linspace(0, setup.evaluations(run.path), len(run.path.sigmas))
    )
    return np.concatenate([np.zeros(first), np.floor(done + 1e-9)])
