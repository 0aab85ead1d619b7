"""Straightness of the paths of a sampler, in the coordinates y = s(t) x of a process."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from demos.diffusion.processes import Process
from demos.diffusion.samplers import Sampled


@dataclass(frozen=True)
class Straightness:
    """length: mean length of the paths over the mean distance between their ends, 1 for straight lines.

    energy: E∫₀¹ |dy/du − (y₁ − y₀)|² du / E|y₁ − y₀|², 0 for straight lines at constant speed (Liu et al. 2023,
    arXiv:2209.03003, eq. 6, divided by the mean squared distance); u is the process's time, made to run from 0 to 1.

    Both depend on the coordinates: the same map from noise to data is straight in one process and curved in another.
    """

    length: float
    energy: float


def straightness(sampled: Sampled, process: Process) -> Straightness:
    """The straightness of a recorded path, summed over its frames. Every step must be recorded: corners between two
    frames would be missed."""
    times = torch.tensor([0.0 if sigma <= 0 else process.time(float(sigma)) for sigma in sampled.sigmas])
    scales = torch.tensor([process.scale(float(t)) for t in times])
    y = sampled.states.double() * scales.double()[:, None, None]
    pieces, chord = y.diff(dim=0), y[-1] - y[0]
    distance = torch.hypot(chord[:, 0], chord[:, 1])
    length = torch.hypot(pieces[..., 0], pieces[..., 1]).sum(0).mean() / distance.mean()
    share = (times.double().diff() / (times[-1] - times[0]).double())[:, None, None]
    energy = ((pieces / share - chord).square().sum(2) * share[:, :, 0]).sum(0)
    return Straightness(float(length), float(energy.mean() / distance.square().mean()))
