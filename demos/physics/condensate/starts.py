"""Start states of a condensate, a `GrossPitaevskii`: unit norm, seeded; (N, n), (N, n, n) or, complex, (N, 2, n, n)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor


def starts_for(condensate) -> dict[str, Callable[[int, int], Tensor]]:
    """Named starts: "gaussian", "thomas_fermi", and for a rotating one "vortex" and "turbulent"."""
    shapes = {"gaussian": gaussian, "thomas_fermi": thomas_fermi}
    if condensate.is_complex:
        shapes = {"turbulent": turbulent, "vortex": vortex, **shapes}
    return {name: partial(_normalized, condensate, shape) for name, shape in shapes.items()}


def _normalized(condensate, shape, seed: int, replicas: int) -> Tensor:
    """The states with unit norm; real and imaginary part are stacked where φ is complex."""
    state = shape(condensate, seed, replicas)
    if condensate.is_complex and not state.is_complex():
        state = state + 0j
    if state.is_complex():
        state = torch.stack((state.real, state.imag), 1)
    norm = (condensate.torus.cell * state.flatten(1).square().sum(1)).sqrt()
    return state / norm.reshape(-1, *[1] * (state.ndim - 1))


def _squares(condensate) -> Tensor:
    return sum(x * x for x in condensate.torus.coordinates())


def gaussian(condensate, seed: int, replicas: int) -> Tensor:
    """The ground state without interaction."""
    state = torch.exp(-0.5 * _squares(condensate))
    return state.repeat(replicas, *[1] * state.ndim)


def thomas_fermi(condensate, seed: int, replicas: int) -> Tensor:
    """√((μ − V)/β) with its sharp edge rounded off over one unit of length; a Gaussian where β is small."""
    if condensate.beta < 1:
        return gaussian(condensate, seed, replicas)
    depth = condensate.thomas_fermi - 0.5 * (1 - condensate.rotation**2) * _squares(condensate)
    state = torch.nn.functional.softplus(depth).div(condensate.beta).sqrt()
    return state.repeat(replicas, *[1] * state.ndim)


def vortex(condensate, seed: int, replicas: int) -> Tensor:
    """One vortex in the middle: (x + iy) in the cloud."""
    y, x = condensate.torus.coordinates()
    whirl = (x + 1j * y) / (1 + x * x + y * y).sqrt()
    return thomas_fermi(condensate, seed, replicas) * whirl


def turbulent(condensate, seed: int, replicas: int) -> Tensor:
    """The cloud times a smooth random complex field, whose zeros are vortices and antivortices."""
    random = np.random.default_rng([seed, 21])
    shape = (replicas, condensate.points, condensate.points)
    noise = torch.from_numpy(random.standard_normal(shape) + 1j * random.standard_normal(shape))
    smooth = torch.exp(-0.5 * condensate.torus.minus_laplacian(half=False))
    field = torch.fft.ifftn(torch.fft.fftn(noise, dim=(-2, -1)) * smooth, dim=(-2, -1))
    return thomas_fermi(condensate, seed, replicas) * (field / field.abs().mean() + 0.5)
