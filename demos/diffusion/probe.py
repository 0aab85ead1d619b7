"""The path of one chosen point of noise and of its neighbours."""

from __future__ import annotations

import math

import numpy as np
import torch

from demos.diffusion.coordinates import at_levels
from demos.diffusion.models import Guided
from demos.diffusion.samplers import sample
from demos.diffusion.setup import Setup
from demos.diffusion.simulate import Run
from demos.picture import Layer, Markers, Points

NEIGHBOURS, APART = 8, 0.03  # number of neighbours, and their distance from the point in spreads of the data


def probe_layers(setup: Setup, run: Run, sigmas: np.ndarray, first: int, scales: np.ndarray) -> list[Layer]:
    """The layers of a chosen point of noise and eight neighbours: their whole paths by the run's sampler."""
    config, data = setup.config, setup.data
    if not config.probe:
        return []
    scale = 1 / float(scales[first])
    angles = 2 * math.pi * torch.arange(NEIGHBOURS) / NEIGHBOURS
    ring = APART * data.sigma_data * torch.stack([angles.cos(), angles.sin()], 1)
    start = torch.cat([torch.zeros(1, 2), ring]) + torch.tensor([config.probe_x, config.probe_y])
    chosen = run.sampler.name
    model = setup.model if setup.labels is None else _relabelled(setup, len(start))
    path = sample(chosen, model, start.T.contiguous().T * scale, setup.plan, config.evaluations)
    back = at_levels(path.sigmas, path.states, sigmas[first:])
    places = back * scales[first:].astype(np.float32)[:, None, None]
    hidden = np.full((first, len(start), 2), np.nan, np.float32)
    labels = np.array([0] + [1] * NEIGHBOURS, np.uint8)
    end = np.clip(np.nan_to_num(places[-1]), -1e6, 1e6)
    spread = float(np.linalg.norm(end[1:] - end[0], axis=1).max())
    ending = f"neighbours end up to {spread:.2g} away"
    return [
        Points(
            "One point and its neighbours",
            np.concatenate([hidden, places]),
            labels=labels,
            label_names=("the point", ending),
            radius=4.5,
            trail=len(sigmas),
            trails=len(start),
        ),
        Markers("Where it began", np.array([[config.probe_x, config.probe_y]]), ["start"], ["cross"]),
    ]


def _relabelled(setup: Setup, count: int) -> Guided:
    """The guided model for `count` points of the class of the first one."""
    assert isinstance(setup.model, Guided)
    return Guided(setup.model.model, setup.labels[:1].expand(count), setup.model.weight)
