"""Test functions with exponentials and waves."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from demos.landscapes.energy_surface import EnergySurface, hessian_of
from demos.landscapes.stationary_points import StationaryPoint, maximum, minimum, saddle

PI = math.pi

# --- flat beside sharp: the soft minimum of two parabolas in x, and y² ----------------------------------------------

SHARP, FLAT, APART, SOFT = 40.0, 2.0, 0.6, 6.0


def _wells(x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The energies of the two parabolas and their derivatives."""
    left, right = x + APART, x - APART
    return SHARP / 2 * left * left, FLAT / 2 * right * right, SHARP * left, FLAT * right


def _flat_sharp_energy(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    a, b, _, _ = _wells(x0)
    return a + torch.nn.functional.logsigmoid(SOFT * (b - a)) / SOFT + x1 * x1


def _flat_sharp_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    a, b, slope, other = _wells(x0)
    return torch.stack((torch.lerp(other, slope, torch.sigmoid(SOFT * (b - a))), 2 * x1)).T


def _flat_sharp_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    a, b, slope, other = _wells(x[..., 0])
    share = torch.sigmoid(SOFT * (b - a))
    xx = share * SHARP + (1 - share) * FLAT - SOFT * share * (1 - share) * (slope - other).square()
    return hessian_of(xx, torch.zeros_like(xx), torch.full_like(xx, 2.0))


FLAT_SHARP = EnergySurface(
    name="flat_sharp",
    title="Flat and sharp well",
    sentence="Two wells of one depth, curvatures 40 and 2: a rate above 2/40 cannot stay in the sharp one.",
    formula=r"-\tfrac16\log\left(e^{-120(x+0.6)^2}+e^{-6(x-0.6)^2}\right)+y^2",
    energy=_flat_sharp_energy,
    gradient=_flat_sharp_gradient,
    hessian=_flat_sharp_hessian,
    view=((-2.0, 2.0), (-1.5, 1.5)),
    approximate_points=(
        minimum("sharp", -0.6, 0),
        minimum("flat", 0.6, 0),
        saddle("barrier", -0.3559, 0, "sharp", "flat"),
    ),
)


# --- waves ----------------------------------------------------------------------------------------------------------


def _rastrigin_energy(x: Tensor, t: float = 0.0) -> Tensor:
    return 20 + (x * x - 10 * torch.cos(2 * PI * x)).sum(-1)


def _rastrigin_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    rows = x.T
    return torch.mul(rows, 2 * PI).sin_().mul_(20 * PI).add_(rows, alpha=2).T


def _rastrigin_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    xx, yy = (torch.cos(2 * PI * x) * (40 * PI * PI) + 2).unbind(-1)
    return hessian_of(xx, torch.zeros_like(xx), yy)


def rastrigin_levels() -> tuple[list[float], list[float]]:
    """The roots of 2s + 20π sin 2πs on one axis inside the view, sorted: minima and maxima."""
    found: tuple[list[float], list[float]] = ([], [])
    for n in range(-4, 5):
        s = n / 2
        for _ in range(50):
            s -= (2 * s + 20 * PI * math.sin(2 * PI * s)) / (2 + 40 * PI * PI * math.cos(2 * PI * s))
        if abs(s) < 2.3:
            found[n % 2].append(s)
    return found


def _rastrigin_known() -> tuple[StationaryPoint, ...]:
    low, high = rastrigin_levels()
    places = [minimum(f"({x:.0f}, {y:.0f})", x, y) for y in low for x in low]
    places += [saddle(f"between ({x:.1f}, {y:.1f})", x, y) for y in low for x in high]
    places += [saddle(f"between ({x:.1f}, {y:.1f})", x, y) for y in high for x in low]
    return (*places, *(maximum(f"top ({x:.1f}, {y:.1f})", x, y) for y in high for x in high))


RASTRIGIN = EnergySurface(
    name="rastrigin",
    title="Rastrigin",
    sentence="A minimum in every unit square: descent finds the one below it, and the lowest one only from near.",
    formula=r"20+\sum_{s\in\{x,y\}}(s^2-10\cos2\pi s)",
    energy=_rastrigin_energy,
    gradient=_rastrigin_gradient,
    hessian=_rastrigin_hessian,
    view=((-2.3, 2.3), (-2.3, 2.3)),
    approximate_points=_rastrigin_known(),
)


def _ackley_energy(x: Tensor, t: float = 0.0) -> Tensor:
    radius = torch.hypot(x[..., 0], x[..., 1])
    waves = torch.cos(2 * PI * x).sum(-1) / 2
    return -20 * torch.expm1(-0.2 * radius / math.sqrt(2)) - torch.exp(waves) + math.e


def _ackley_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    """∇E; 0 at the tip of the cone, where it is undefined: the mean over all directions."""
    rows = x.T
    radius = torch.hypot(rows[0], rows[1])
    tip = torch.exp(-0.2 / math.sqrt(2) * radius) * (4 / math.sqrt(2)) / torch.where(radius > 0, radius, 1.0)
    waves = torch.exp(torch.cos(2 * PI * rows).sum(0) / 2)
    return (rows * tip + torch.sin(2 * PI * rows) * (PI * waves)).T


ACKLEY = EnergySurface(
    name="ackley",
    title="Ackley",
    sentence="Many dents and a cone in the middle: at its tip there is no curvature, so no rate, and no step settles.",
    formula=r"20-20\,e^{-0.2\sqrt{(x^2+y^2)/2}}+e-e^{(\cos2\pi x+\cos2\pi y)/2}",
    energy=_ackley_energy,
    gradient=_ackley_gradient,
    view=((-2.4, 2.4), (-2.4, 2.4)),
    approximate_points=(
        StationaryPoint("minimum", "tip of the cone", (0.0, 0.0), (), 0.0),
    ),  # a kink: no Hessian, and no refinement
)


def _mccormick_energy(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    return torch.sin(x0 + x1) + (x0 - x1).square() - 1.5 * x0 + 2.5 * x1 + 1


def _mccormick_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    x0, x1 = x.unbind(-1)
    wave, across = torch.cos(x0 + x1), 2 * (x0 - x1)
    return torch.stack((wave + across - 1.5, wave - across + 2.5)).T


def _mccormick_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    wave = -torch.sin(x.sum(-1))
    return hessian_of(wave + 2, wave - 2, wave + 2)


MCCORMICK = EnergySurface(
    name="mccormick",
    title="McCormick",
    sentence="A tilted wave along one diagonal, a parabola across: two minima, π apart in height.",
    formula=r"\sin(x+y)+(x-y)^2-\tfrac32x+\tfrac52y+1",
    energy=_mccormick_energy,
    gradient=_mccormick_gradient,
    hessian=_mccormick_hessian,
    view=((-1.8, 4.0), (-3.0, 3.0)),
    approximate_points=(
        minimum("lower", 0.5 - PI / 3, -0.5 - PI / 3),
        minimum("upper", 0.5 + 2 * PI / 3, -0.5 + 2 * PI / 3),
        saddle("between", 0.5 + PI / 3, -0.5 + PI / 3, "lower", "upper"),
        saddle("way out", 0.5 - 2 * PI / 3, -0.5 - 2 * PI / 3),
    ),
)
