"""Landscapes made of exponentials of quadratics: the Müller–Brown surface and a mixture of three Gaussians.

Both have K exponents q_k(x, y) = level + a dx² + b dx dy + c dy² with dx = x − X_k, dy = y − Y_k. As polynomials, all
K exponents at all N points are one matrix product (K, 5) @ (5, N). Their derivatives are linear in x and y, so the
gradient is a second matrix product and two fused multiply-adds. This takes half the time of the form with dx and dy
written out. Exponents are computed in powers of two, because in float64 PyTorch's exp2 is twice as fast as its exp.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from demos.landscapes.energy_surface import constant, hessian_of
from demos.landscapes.landscape import Landscape
from demos.landscapes.stationary_points import maximum, minimum, saddle

LOG2E = 1 / math.log(2)
BLOCK = 12_000  # points at once: the temporaries then fit in the cache, and malloc reuses their memory


@dataclass(frozen=True, eq=False)  # hashed by identity: the hash is taken at each call
class Exponents:
    """The K quadratics q_k. Points are first shifted by `origin`, near the wells, to reduce cancellation between the
    terms of the polynomials."""

    a: tuple[float, ...]
    b: tuple[float, ...]
    c: tuple[float, ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    level: tuple[float, ...]
    origin: tuple[float, float]

    def derivatives(self) -> list[tuple[float, float, float, float, float]]:
        """For each k: gx = ∂q/∂x and gy = ∂q/∂y at the origin, then a, b, c. So ∂q/∂x = gx + 2a u + b v, ∂q/∂y = gy + b
        u + 2c v at the shifted point (u, v)."""
        at_x, at_y = self.origin
        return [
            (2 * a * (at_x - x) + b * (at_y - y), b * (at_x - x) + 2 * c * (at_y - y), a, b, c)
            for a, b, c, x, y in zip(self.a, self.b, self.c, self.x, self.y, strict=True)
        ]

    @lru_cache(maxsize=16)  # noqa: B019 - the two instances live as long as the module
    def _constants(self, dtype: torch.dtype, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """The shift (2, 1), and q / ln 2 at the origin (K, 1) and its coefficients (K, 5)."""
        at_x, at_y = self.origin
        base = [
            level + a * (at_x - x) ** 2 + b * (at_x - x) * (at_y - y) + c * (at_y - y) ** 2
            for a, b, c, x, y, level in zip(self.a, self.b, self.c, self.x, self.y, self.level, strict=True)
        ]
        make = lambda values: torch.tensor(values, dtype=torch.float64)
        parts = make(self.origin)[:, None], make(base)[:, None] * LOG2E, make(self.derivatives()) * LOG2E
        return tuple(part.to(dtype=dtype, device=device) for part in parts)

    def __call__(self, rows: Tensor, differentiable: bool = False) -> tuple[Tensor, Tensor]:
        """The shifted points (2, N) and the exponents q / ln 2 (K, N), for points as rows (2, N)."""
        shift, base, factors = self._constants(rows.dtype, rows.device)
        if differentiable:
            shifted = rows - shift
            u, v = shifted.unbind(0)
            powers = torch.cat((shifted, shifted * u, (v * v)[None]))
            return shifted, torch.addmm(base, factors, powers)
        powers = torch.empty((5, rows.shape[1]), dtype=rows.dtype, device=rows.device)
        shifted = torch.sub(rows, shift, out=powers[:2])
        u, v = shifted.unbind(0)
        torch.mul(shifted, u, out=powers[2:4])
        torch.mul(v, v, out=powers[4])
        return shifted, torch.addmm(base, factors, powers)

    def direct(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """q (K, N), its first derivatives (2, K, N) and its constant second derivatives (3, K, 1), at x (N, 2)."""
        a, b, c, at_x, at_y, level = (
            constant(tuple((value,) for value in values), x.dtype, x.device)
            for values in (self.a, self.b, self.c, self.x, self.y, self.level)
        )
        dx, dy = x.select(-1, 0) - at_x, x.select(-1, 1) - at_y
        q = level + a * dx * dx + b * dx * dy + c * dy * dy
        return q, torch.stack((2 * a * dx + b * dy, b * dx + 2 * c * dy)), torch.stack((2 * a, b, 2 * c))


def _sums(exponents: Exponents, weights: tuple[float, ...]) -> tuple[tuple[float, ...], ...]:
    """A matrix R (5, K) such that, with S = R @ exp(q), Σ w_k exp(q_k) ∇q_k = (S0 + S2 u + S3 v, S1 + S3 u + S4 v)."""
    columns = [
        (w * gx, w * gy, 2 * a * w, b * w, 2 * c * w)
        for w, (gx, gy, a, b, c) in zip(weights, exponents.derivatives(), strict=True)
    ]
    return tuple(zip(*columns, strict=True))


def _in_blocks(gradient: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """`gradient`, a function of rows (2, n), applied to points x (N, 2) block by block."""
    rows = x.T
    if rows.shape[1] <= BLOCK:
        return gradient(rows).T
    found = torch.empty(rows.shape, dtype=x.dtype, device=x.device)
    for part, target in zip(rows.split(BLOCK, 1), found.split(BLOCK, 1), strict=True):
        target.copy_(gradient(part))
    return found.T


# --- Müller–Brown: Müller and Brown, Theoretica Chimica Acta 53 (1979) 75 -------------------------------------------

AMPLITUDES = (-200.0, -100.0, -170.0, 15.0)
MULLER = Exponents(
    a=(-1.0, -1.0, -6.5, 0.7),
    b=(0.0, 0.0, 11.0, 0.6),
    c=(-10.0, -10.0, -6.5, 0.7),
    x=(1.0, 0.0, -0.5, -1.0),
    y=(0.0, 0.5, 1.5, 1.0),
    level=(0.0, 0.0, 0.0, 0.0),
    origin=(-0.3, 0.7),
)
MULLER_SUMS = _sums(MULLER, AMPLITUDES)


def _muller_energy(x: Tensor, t: float = 0.0) -> Tensor:
    q = MULLER(x.T, differentiable=True)[1]
    return constant(AMPLITUDES, x.dtype, x.device) @ torch.exp2(q)


def _muller_rows(rows: Tensor) -> Tensor:
    (u, v), q = MULLER(rows)
    sums = constant(MULLER_SUMS, rows.dtype, rows.device) @ q.exp2_()
    return sums[:2].addcmul_(sums[2:4], u).addcmul_(sums[3:], v)


def _muller_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    return _in_blocks(_muller_rows, x)


def _muller_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    q, (gx, gy), (xx, xy, yy) = MULLER.direct(x)
    weight = constant(tuple((A,) for A in AMPLITUDES), x.dtype, x.device) * torch.exp(q)
    return hessian_of(*((weight * part).sum(0) for part in (gx * gx + xx, gx * gy + xy, gy * gy + yy)))


MULLER_BROWN = Landscape(
    name="muller_brown",
    title="Müller–Brown",
    sentence="A model of a chemical reaction: three wells, two saddles, and a path between them that is not straight.",
    formula=r"\sum_{k=1}^4A_k\exp\left[a_k(x-X_k)^2+b_k(x-X_k)(y-Y_k)+c_k(y-Y_k)^2\right]",
    energy=_muller_energy,
    gradient=_muller_gradient,
    hessian=_muller_hessian,
    view=((-1.6, 1.2), (-0.4, 2.0)),
    box=((-4.0, 2.0), (-2.0, 4.0)),
    kT=15.0,
    kT_range=(3.0, 40.0),
    approximate_points=(
        minimum("A", -0.5582236346, 1.4417258418),
        minimum("B", 0.6234994049, 0.0280377585),
        minimum("C", -0.0500108230, 0.4666941049),
        saddle("A | C", -0.8220015587, 0.6243128028, "A", "C"),
        saddle("C | B", 0.2124865820, 0.2929883251, "C", "B"),
    ),
)

# --- three Gaussians: U = −log of a normalised mixture, so that kT = 1 samples it -----------------------------------

WEIGHTS = (0.5, 0.3, 0.2)
SPREADS = (0.6, 0.45, 0.35)  # standard deviation in x and y
CENTRES = ((-1.5, -0.9), (1.5, -0.6), (0.2, 1.5))
MIXTURE = Exponents(
    a=tuple(-0.5 / s**2 for s in SPREADS),
    b=(0.0, 0.0, 0.0),
    c=tuple(-0.5 / s**2 for s in SPREADS),
    x=tuple(x for x, _ in CENTRES),
    y=tuple(y for _, y in CENTRES),
    level=tuple(math.log(w / (2 * math.pi * s**2)) for w, s in zip(WEIGHTS, SPREADS, strict=True)),
    origin=(0.0, 0.0),
)
MIXTURE_SUMS = (*_sums(MIXTURE, (-1.0, -1.0, -1.0)), (1.0, 1.0, 1.0))


def _mixture_energy(x: Tensor, t: float = 0.0) -> Tensor:
    return -torch.logsumexp(MIXTURE(x.T, differentiable=True)[1] / LOG2E, 0)


def _mixture_rows(rows: Tensor) -> Tensor:
    (u, v), q = MIXTURE(rows)
    # Shifted so that the largest exponent is 0: no underflow far away.
    sums = constant(MIXTURE_SUMS, rows.dtype, rows.device) @ q.sub_(q.amax(0)).exp2_()
    return sums[:2].addcmul_(sums[2:4], u).addcmul_(sums[3:5], v).div_(sums[5])


def _mixture_gradient(x: Tensor, t: float = 0.0) -> Tensor:
    return _in_blocks(_mixture_rows, x)


def _mixture_hessian(x: Tensor, t: float = 0.0) -> Tensor:
    q, (gx, gy), (xx, xy, yy) = MIXTURE.direct(x)
    share = torch.softmax(q, 0)
    mean = lambda part: (share * part).sum(0)
    mx, my = mean(gx), mean(gy)
    return hessian_of(mx * mx - mean(gx * gx + xx), mx * my - mean(gx * gy + xy), my * my - mean(gy * gy + yy))


THREE_GAUSSIANS = Landscape(
    name="three_gaussians",
    title="Three Gaussians",
    sentence="A mixture with weights 0.5, 0.3 and 0.2: a sampler must find all three, and in these shares.",
    formula=r"-\log\sum_{k=1}^3w_k\,\mathcal N\big((x,y);\,\mu_k,\,\sigma_k^2I\big)",
    energy=_mixture_energy,
    gradient=_mixture_gradient,
    hessian=_mixture_hessian,
    view=((-3.4, 3.4), (-2.9, 2.9)),
    box=((-9.0, 8.0), (-9.0, 8.0)),
    kT=1.0,
    kT_range=(0.2, 2.0),
    approximate_points=(
        minimum("large", *CENTRES[0]),
        minimum("middle", *CENTRES[1]),
        minimum("small", *CENTRES[2]),
        saddle("large | middle", 0.178723429, -0.732127397, "large", "middle"),
        saddle("large | small", -0.457864608, 0.570557478, "large", "small"),
        saddle("middle | small", 0.779720107, 0.55893829, "middle", "small"),
        maximum("hilltop", 0.169593614, 0.24919871),
    ),
    # The well of a point is the mixture component with the largest posterior probability.
    well_rule=lambda x: MIXTURE(x.T)[1].argmax(0),
)
