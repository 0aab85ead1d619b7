"""Landscapes in closed form: harmonic, double wells, ring, banana, funnel."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import torch
from torch import Tensor

from demos.landscapes.energy_surface import constant, hessian_of
from demos.landscapes.landscape import Chart, Landscape, Profile
from demos.landscapes.stationary_points import maximum, minimum, saddle

PI = math.pi

# --- harmonic: stiffness 1 along the axis at 30° and 9 across it ------------------------------------------------

SOFT, STIFF, ANGLE = 1.0, 9.0, math.radians(30)
XX = SOFT * math.cos(ANGLE) ** 2 + STIFF * math.sin(ANGLE) ** 2  # 3
YY = SOFT * math.sin(ANGLE) ** 2 + STIFF * math.cos(ANGLE) ** 2  # 7
XY = (SOFT - STIFF) * math.sin(ANGLE) * math.cos(ANGLE)  # −2√3


def _harmonic_energy(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    return 0.5 * (x0 * (XX * x0 + (2 * XY) * x1) + YY * x1 * x1)


def _harmonic_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    return torch.mm(constant(((XX, XY), (XY, YY)), x.dtype, x.device), x.T).T


def _harmonic_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    return constant(((XX, XY), (XY, YY)), x.dtype, x.device).expand(x.shape[0], 2, 2)


HARMONIC = Landscape(
    name="harmonic",
    title="Harmonic well",
    sentence="A quadratic bowl, nine times stiffer across than along: every scheme's bias is known exactly on it.",
    formula=r"\tfrac32x^2-2\sqrt3\,xy+\tfrac72y^2",
    energy=_harmonic_energy,
    gradient=_harmonic_gradient,
    hessian=_harmonic_hessian,
    view=((-4.0, 4.0), (-3.0, 3.0)),
    box=((-18.0, 18.0), (-12.0, 12.0)),
    kT=1.0,
    kT_range=(0.01, 4.0),
    approximate_points=(minimum("centre", 0, 0),),
    convexity=SOFT,
)

# --- double wells: (x² − 1)² + tilt x + y² ------------------------------------------------------------------------


def _double_well_energy(tilt: float, x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    off = x0 * x0 - 1
    value = torch.addcmul(off * off, x1, x1)
    return value + tilt * x0 if tilt else value


def _double_well_gradient(tilt: float, x: Tensor, t: float = 0.0) -> Tensor:
    # The columns are −4x and 2y; adding −(−4x)x² to the first gives 4x³ − 4x.
    g = x * constant((-4.0, 2.0), x.dtype, x.device)
    x0, first = x.select(1, 0), g.select(1, 0)
    first.addcmul_(first, x0 * x0, value=-1)
    if tilt:
        first.add_(tilt)
    return g


def _double_well_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    x0 = x.select(-1, 0)
    return hessian_of(12 * x0 * x0 - 4, torch.zeros_like(x0), torch.full_like(x0, 2))


def _double_well(tilt: float, **about) -> Landscape:
    along = Profile(
        energy=lambda s: (s * s - 1) ** 2 + tilt * s,
        derivative=lambda s: 4 * s * (s * s - 1) + tilt,
        second_derivative=lambda s: 12 * s * s - 4,
    )
    across = Profile(energy=lambda s: s * s, derivative=lambda s: 2 * s, second_derivative=lambda s: 2 + 0 * s)
    # The wells meet at the line through the top of the barrier, the middle root of 4x³ − 4x + tilt.
    top = float(sorted(np.roots([4, 0, -4, tilt]).real)[1])
    return Landscape(
        energy=partial(_double_well_energy, tilt),  # not closures, so that flows can be pickled
        gradient=partial(_double_well_gradient, tilt),
        hessian=_double_well_hessian,
        view=((-2.0, 2.0), (-1.5, 1.5)),
        box=((-3.6, 3.6), (-6.0, 6.0)),
        kT=0.25,
        kT_range=(0.05, 1.0),
        approximate_points=(minimum("left", -1, 0), minimum("right", 1, 0), saddle("barrier", top, 0, "left", "right")),
        separable=(along, across),
        well_rule=lambda x: (x.select(-1, 0) > top).long(),
        **about,
    )


DOUBLE_WELL = _double_well(
    tilt=0.0,
    name="double_well",
    title="Double well",
    sentence="Two equal wells and a barrier of height 1 between them: how long does a particle stay?",
    formula=r"(x^2-1)^2+y^2",
)

TILTED_DOUBLE_WELL = _double_well(
    tilt=0.25,
    name="tilted_double_well",
    title="Tilted double well",
    sentence="The left well is deeper by one half: cold particles gather there, if they can cross.",
    formula=r"(x^2-1)^2+\tfrac14x+y^2",
)

# --- ring -----------------------------------------------------------------------------------------------------------


def _ring_energy(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    return (x0 * x0 + x1 * x1 - 1).square()


def _ring_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    factor = torch.mul(x0, x0).addcmul_(x1, x1).sub_(1).mul_(4)
    return (x.T * factor).T


def _ring_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    factor = 4 * (x0 * x0 + x1 * x1 - 1)
    return hessian_of(8 * x0 * x0 + factor, 8 * x0 * x1, 8 * x1 * x1 + factor)


RING = Landscape(
    name="ring",
    title="Ring",
    sentence="A circular valley of one depth: fast across, free diffusion along.",
    formula=r"(x^2+y^2-1)^2",
    energy=_ring_energy,
    gradient=_ring_gradient,
    hessian=_ring_hessian,
    view=((-2.0, 2.0), (-1.6, 1.6)),
    box=((-3.6, 3.6), (-3.6, 3.6)),
    kT=0.1,
    kT_range=(0.01, 1.0),
    approximate_points=(minimum("ring", 1, 0), maximum("hilltop", 0, 0)),
)

# --- banana: Rosenbrock's function, tempered by 20 (Goodman and Weare, CAMCoS 5 (2010) 65) --------------------------


def _banana_energy(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    return (1 - x0).square() / 20 + 5 * (x1 - x0 * x0).square()


def _banana_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    g = torch.empty((2, x.shape[0]), dtype=x.dtype, device=x.device)
    first, second = g.unbind(0)
    torch.addcmul(x1, x0, x0, value=-1, out=second).mul_(10)
    torch.sub(x0, 1, out=first).mul_(0.1).addcmul_(x0, second, value=-2)
    return g.T


def _banana_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    return hessian_of(0.1 + 60 * x0 * x0 - 20 * x1, -20 * x0, torch.full_like(x0, 10))


BANANA = Landscape(
    name="banana",
    title="Banana",
    sentence="Rosenbrock's curved valley, divided by 20: a step that is safe across it takes forever along it.",
    formula=r"\tfrac1{20}\left[(1-x)^2+100\,(y-x^2)^2\right]",
    energy=_banana_energy,
    gradient=_banana_gradient,
    hessian=_banana_hessian,
    view=((-2.5, 4.0), (-1.5, 10.0)),
    box=((-20.0, 22.0), (-6.0, 480.0)),
    kT=0.1,
    kT_range=(0.01, 0.5),
    approximate_points=(minimum("tip", 1, 1),),
    # v = y − x²: the distribution of (x, v) is Gaussian, with variances 10 kT and kT/10.
    chart=Chart(((-20.0, 22.0), (-2.0, 2.0)), lambda u, v: u, lambda u, v: v + u * u, lambda u, v: np.ones_like(u)),
)

# --- funnel: Neal, Annals of Statistics 31 (2003) 705, section 8, with one x instead of nine -------------------------

FUNNEL_CONSTANT = math.log(2 * PI * 3)  # normalizes exp(−U)


def _funnel_energy(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    return x1 * x1 / 18 + 0.5 * x1 + 0.5 * x0 * x0 * torch.exp(-x1) + FUNNEL_CONSTANT


def _funnel_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    g = torch.empty((2, x.shape[0]), dtype=x.dtype, device=x.device)
    first, second = g.unbind(0)
    torch.neg(x1, out=first).exp_().mul_(x0)
    torch.mul(x1, 1 / 9, out=second).add_(0.5).addcmul_(x0, first, value=-0.5)
    return g.T


def _funnel_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    narrow = torch.exp(-x1)
    return hessian_of(narrow, -x0 * narrow, 1 / 9 + 0.5 * x0 * x0 * narrow)


FUNNEL = Landscape(
    name="funnel",
    title="Neal's funnel",
    sentence="The width changes by a factor of thousands along y: no single step size is right.",
    formula=r"-\log\left[\mathcal N(y;0,3^2)\,\mathcal N(x;0,e^{y})\right]",
    energy=_funnel_energy,
    gradient=_funnel_gradient,
    hessian=_funnel_hessian,
    view=((-8.0, 8.0), (-9.0, 6.0)),
    # The tails in x are too heavy for a box: it contains 99.7 % of the distribution at kT = 1, `chart` all of it.
    box=((-60.0, 60.0), (-22.0, 12.0)),
    kT=1.0,
    kT_range=(0.25, 2.0),
    approximate_points=(minimum("mode", 0, -4.5),),
    # With x = u e^{v/2} and y = v, u and v are independent, with variances kT and 9 kT; the mean of v is 9 (kT − 1)/2.
    chart=Chart(
        ((-13.0, 13.0), (-36.0, 44.0)), lambda u, v: u * np.exp(v / 2), lambda u, v: v, lambda u, v: np.exp(v / 2)
    ),
)
