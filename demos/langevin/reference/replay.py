"""A second, independent implementation of the methods of this page, which the solver is compared with.

It shares no code with `demos.gradient_flow`: noise, order of operations and stored noise are separate, so that an error
of the solver is not repeated here. Many particles advance at once, and each may be at another step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, pi, sqrt

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.landscapes import Landscape
from demos.langevin.exact.quadratic import NAMED_WORDS

FAR = 1e12  # a particle beyond this has diverged ("lost"), as in the solver
NEWTON = 30  # Newton iterations of an implicit step
BLOCK = 2**16  # particles times steps between two checkpoints: some milliseconds
METHODS = ("euler", "heun", "leimkuhler_matthews", "implicit_euler", "mala", "hmc", *NAMED_WORDS)


@dataclass(frozen=True)
class Dynamics:
    """The dynamics and the method of a run; kT is a function of time."""

    landscape: Landscape
    method: str
    h: float
    kT: Callable[[float], float]
    friction: float = 1.0
    mass: float = 1.0
    leapfrog_steps: int = 10


class Replay:
    """Particles x (M, 2) that continue from step `first` (M,) of a run, with independent noise.

    Underdamped methods take momenta p (M, 2), or draw thermal ones. Leimkuhler–Matthews uses its last noise again; here
    it is drawn anew, if `local` from its distribution given x in local equilibrium.
    """

    def __init__(
        self,
        dynamics: Dynamics,
        x: Tensor,
        first: Tensor,
        last_step: int,
        seed: int,
        p: Tensor | None = None,
        local: bool = False,
    ) -> None:
        self.dynamics, self.first, self.taken = dynamics, first, 0
        # Column by column in memory, where the gradients of landscapes are faster.
        self.x = x.t().clone(memory_format=torch.contiguous_format).t()
        self.accepted = torch.zeros(len(x), dtype=torch.long)  # proposals of each particle
        self._random, self._bits = torch.Generator().manual_seed(seed), np.random.SFC64(seed)
        self._rows = max(1, min(16, BLOCK // max(1, 2 * len(x))))  # normals of so many steps are drawn at once
        self._drawn: list[Tensor] = []
        halves = torch.tensor([dynamics.kT(n * dynamics.h / 2) for n in range(2 * last_step + 3)], dtype=x.dtype)
        self._kT, self._constant = halves, bool((halves == halves[0]).all())
        if dynamics.method in NAMED_WORDS:
            self.p = self._normal() * (dynamics.mass * self._temperature()).sqrt() if p is None else p.clone()
        if dynamics.method == "leimkuhler_matthews":
            self._last, self._half_width = self._normal(), sqrt(dynamics.h * float(halves[0]) / 2)
            self._sums: list[Tensor] = []
            if local:
                kT = self._temperature()
                self._last += (kT * dynamics.h / 2).sqrt() / kT * dynamics.landscape.gradient(self.x)
            if self._constant:
                self._last *= self._half_width
        if dynamics.method == "mala":
            self._known = dynamics.landscape.energy(self.x), dynamics.landscape.gradient(self.x)

    def advance(self, steps: int) -> Tensor:
        """x after `steps` more steps, until the next call; NaN for a lost particle."""
        move = self._splitting if self.dynamics.method in NAMED_WORDS else getattr(self, f"_{self.dynamics.method}")
        every = min(16, max(1, BLOCK // max(1, len(self.x))))
        for n in range(steps):
            if n % every == 0:
                checkpoint()
            move()
            self.taken += 1
        if not (len(self.x) and -FAR < float(self.x.amin()) and float(self.x.amax()) < FAR):  # false for nan
            self.x = torch.where((self.x.abs() < FAR).all(1, keepdim=True), self.x, torch.nan)
        return self.x

    def _normal(self) -> Tensor:
        """Standard normals like x."""
        if not self._drawn:
            self._drawn = list(self._normals())
        return self._drawn.pop().t()

    def _normals(self, width: float = 1.0) -> Tensor:
        """Normals of several steps, (rows, 2, M): r cos φ and r sin φ with r² = −2 width² ln u (Box and Muller)."""
        shape = self._rows, len(self.x)
        words = self._bits.random_raw(self._rows * len(self.x)).view(np.uint32).reshape(2, *shape)
        radius, angle = words.astype(np.float32)
        radius += 0.5
        radius *= 2.0**-32
        np.log(radius, out=radius)
        radius *= -2 * width * width
        np.sqrt(radius, out=radius)
        angle *= 2 * pi * 2.0**-32
        drawn = np.empty((self._rows, 2, len(self.x)), np.float32)
        np.multiply(radius, np.sin(angle), out=drawn[:, 1])
        np.multiply(radius, np.cos(angle, out=angle), out=drawn[:, 0])
        return torch.from_numpy(drawn).to(self.x.dtype)

    def _temperature(self, part: float = 0.0) -> Tensor:
        """kT at the fraction `part` of the step, (M, 1) or ()."""
        if self._constant:
            return self._kT[0]
        return self._kT[2 * (self.first + self.taken) + round(2 * part)].unsqueeze(1)

    def _gradient(self, x: Tensor) -> Tensor:
        return self.dynamics.landscape.gradient(x)

    def _euler(self) -> None:
        h = self.dynamics.h
        self.x = self.x - h * self._gradient(self.x) + (2 * h * self._temperature()).sqrt() * self._normal()

    def _heun(self) -> None:
        h = self.dynamics.h
        noise = (h * (self._temperature() + self._temperature(1.0))).sqrt() * self._normal()
        slope = self._gradient(self.x)
        self.x = self.x - h / 2 * (slope + self._gradient(self.x - h * slope + noise)) + noise

    def _leimkuhler_matthews(self) -> None:
        h = self.dynamics.h
        if not self._sums:
            self._sums = self._sums_of_noise()
        both = self._sums.pop().t()
        if not self._constant:
            both = both * (h * self._temperature() / 2).sqrt()
        self.x.sub_(self._gradient(self.x), alpha=h).add_(both)

    def _sums_of_noise(self) -> list[Tensor]:
        """The sums Rₙ + Rₙ₊₁ of the next steps, last one first, (2, M) each; times √(hT/2) where kT is constant."""
        drawn = self._normals(self._half_width if self._constant else 1.0)
        sums = torch.empty_like(drawn)
        torch.add(drawn[0], self._last.t(), out=sums[0])
        torch.add(drawn[1:], drawn[:-1], out=sums[1:])
        self._last = drawn[-1].t()
        return list(sums)[::-1]

    def _implicit_euler(self) -> None:
        """x' + h∇U(x') = z by Newton, downhill from z (see `METHODS['implicit_euler']`)."""
        h, landscape = self.dynamics.h, self.dynamics.landscape
        z = (self.x + (2 * h * self._temperature()).sqrt() * self._normal()).to(torch.float64)
        y, goal = z.clone(), lambda y: landscape.energy(y) + (y - z).square().sum(1) / (2 * h)
        value = goal(y)
        for _ in range(NEWTON):
            slope = landscape.gradient(y) + (y - z) / h
            curvature = landscape.hessian(y) + torch.eye(2, dtype=y.dtype) / h
            if not torch.isfinite(curvature).all() or not torch.isfinite(slope).all():
                lost = ~(torch.isfinite(curvature).flatten(1).all(1) & torch.isfinite(slope).all(1))
                curvature[lost], slope[lost] = torch.eye(2, dtype=y.dtype), 0.0
                y[lost] = torch.nan
            values, vectors = torch.linalg.eigh(curvature)
            along = (vectors.mT @ slope[..., None])[..., 0] / values.abs().clamp(min=1e-12)
            step, size = -(vectors @ along[..., None])[..., 0], torch.ones(len(y), 1, dtype=y.dtype)
            for _ in range(20):
                trial = goal(y + size * step)
                worse = trial > value + 1e-12 * value.abs()
                if not worse.any():
                    break
                size = torch.where(worse[:, None], size / 2, size)
            y = y + size * step
            value = goal(y)
            if not (step.abs() > 1e-6 * (1 + y.abs())).any():
                break
        self.x = y.to(self.x.dtype)

    def _mala(self) -> None:
        h, landscape, kT, normal = self.dynamics.h, self.dynamics.landscape, self._temperature(), self._normal()
        energy, slope = self._known
        width = (2 * h * kT).sqrt()
        y = self.x - h * slope + width * normal
        energy_y, slope_y = landscape.energy(y), landscape.gradient(y)
        back = (self.x - y + h * slope_y) / width
        ratio = (energy - energy_y) / kT.reshape(-1) + (normal.square() - back.square()).sum(1) / 2
        taken = self._accepted(ratio)
        self.x = torch.where(taken[:, None], y, self.x)
        self._known = torch.where(taken, energy_y, energy), torch.where(taken[:, None], slope_y, slope)

    def _hmc(self) -> None:
        h, landscape, kT, mass = self.dynamics.h, self.dynamics.landscape, self._temperature(), self.dynamics.mass
        q, p = self.x, (mass * kT).sqrt() * self._normal()
        before = landscape.energy(q) + p.square().sum(1) / (2 * mass)
        slope = landscape.gradient(q)
        for _ in range(self.dynamics.leapfrog_steps):
            p = p - h / 2 * slope
            q = q + h / mass * p
            slope = landscape.gradient(q)
            p = p - h / 2 * slope
        after = landscape.energy(q) + p.square().sum(1) / (2 * mass)
        self.x = torch.where(self._accepted((before - after) / kT.reshape(-1))[:, None], q, self.x)

    def _accepted(self, ratio: Tensor) -> Tensor:
        """(M,) true where a proposal is accepted: with the probability `ratio`, never for nan."""
        taken = torch.rand(ratio.shape, generator=self._random, dtype=ratio.dtype).log() < ratio
        self.accepted += taken
        return taken

    def _splitting(self) -> None:
        word, h, mass = NAMED_WORDS[self.dynamics.method], self.dynamics.h, self.dynamics.mass
        share, drifted = {letter: h / word.count(letter) for letter in "VRO"}, 0
        for letter in word:
            if letter == "V":
                self.p = self.p - share["V"] * self._gradient(self.x)
            elif letter == "R":
                self.x = self.x + share["R"] / mass * self.p
                drifted += 1
            else:
                kept = exp(-self.dynamics.friction * share["O"])
                kT = self._temperature(drifted / word.count("R"))
                self.p = kept * self.p + sqrt(1 - kept * kept) * (mass * kT).sqrt() * self._normal()
