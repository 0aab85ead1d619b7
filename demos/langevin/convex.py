"""The free energy of a cloud on the quadratic, where everything is Gaussian: its exact value, and its decay against the
bound of Bakry and Émery."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import chdtri

from demos.contract import Check
from demos.langevin.config import LangevinConfig, landscape_of
from demos.langevin.exact import quadratic
from demos.langevin.exact.fokker_planck import kl_bound
from demos.langevin.simulate import Run
from demos.langevin.truth import OVERDAMPED, Truth, gaussian_start

FEWEST = 100  # particles for a covariance whose logarithm is nearly normal
SQUARES = float(chdtri(5, 6.3e-5))  # what five squared normals exceed as rarely as one normal exceeds four
FREE = 5  # numbers that a mean and a covariance in the plane have: each lifts the free energy of a sample by kT/2N
CLEAR = 20.0  # the bound is compared while it stands so many times above what lifts a sample's free energy


@dataclass(frozen=True)
class Gaussian:
    """A Gaussian law in the plane on U = x·Hx/2 at kT, and what N particles of it show."""

    mean: np.ndarray  # (2,)
    covariance: np.ndarray  # (2, 2)
    hessian: np.ndarray
    kT: float

    @property
    def free_energy(self) -> float:
        return gaussian_free_energy(self.mean, self.covariance, self.hessian, self.kT)

    def error(self, count: int) -> float:
        """Standard error of the free energy of `count` particles: from its slope in their mean and covariance."""
        slope = self.hessian @ self.mean / self.kT
        spread = slope @ self.covariance @ slope
        return float(self.kT * np.sqrt((spread + 0.5 * np.sum((self._stretched - 1) ** 2)) / count))

    def lifted(self, count: int, squares: float = SQUARES) -> float:
        """How far the curvature there lifts it, always upward: kT/2N times a sum of squares of five normals, more along
        a stretched axis. In equilibrium that is all there is."""
        return float(self.kT / (2 * count) * max(1.0, self._stretched.max()) * squares)

    @property
    def _stretched(self) -> np.ndarray:
        return np.linalg.eigvals(self.hessian @ self.covariance / self.kT).real


def gaussian_free_energy(mean: np.ndarray, covariance: np.ndarray, hessian: np.ndarray, kT: float) -> float:
    """kT KL(N(mean, covariance) ‖ exp(−x·Hx/2kT)/Z)."""
    scaled = hessian @ covariance / kT
    if not np.isfinite(scaled).all():
        return float("inf")
    sign, logdet = np.linalg.slogdet(scaled)
    if sign <= 0:
        return float("inf")
    return float(0.5 * (mean @ hessian @ mean) + 0.5 * kT * (np.trace(scaled) - len(mean) - logdet))


def hessian_of(config: LangevinConfig) -> np.ndarray:
    """(2, 2), of the harmonic potential."""
    return landscape_of(config).hessian(torch.zeros((1, 2), dtype=torch.float64))[0].numpy()


def measured(cloud: np.ndarray, config: LangevinConfig) -> float:
    """The free energy of a cloud (N, 2), from its mean and covariance."""
    cloud = cloud.astype(np.float64)
    return gaussian_free_energy(cloud.mean(0), np.cov(cloud.T), hessian_of(config), config.temperature)


def law_after(config: LangevinConfig, method: str, steps: int) -> Gaussian:
    """The exact law of the method itself; the start must be a place, a cloud or equilibrium."""
    mean, covariance = gaussian_start(config, hessian_of(config))
    hessian, kT = hessian_of(config), config.temperature
    with np.errstate(over="ignore", invalid="ignore"):  # a step too large
        return Gaussian(*quadratic.moments(method, hessian, config.step, kT, steps, mean, covariance), hessian, kT)


def is_gaussian(config: LangevinConfig, run: Run) -> bool:
    """Whether the law of this run is known at every step, and its free energy with it."""
    return (
        landscape_of(config).name == "harmonic"
        and config.schedule == "constant"
        and config.start != "box"
        and run.method in OVERDAMPED
        and run.method != "mala"
        and not run.path.status.diverged
    )


def free_energy_checks(config: LangevinConfig, run: Run, truth: Truth) -> list[Check]:
    """At the end, F of the cloud against its exact value there; over the run, its decay against the bound."""
    if not is_gaussian(config, run) or truth.long_run or config.particles < FEWEST:
        return []
    law = law_after(config, run.method, run.path.steps)
    if not np.isfinite(law.free_energy):  # a step too large, on its way out
        return []
    end = Check(
        "free energy above equilibrium",
        measured(run.states[-1], config),
        law.free_energy,
        law.error(config.particles),
        law.lifted(config.particles),
        source=truth.law.source,
    )
    return [end, *_decay(config, run)]


def _decay(config: LangevinConfig, run: Run) -> list[Check]:
    """The largest F(t) over its bound e^{−2mt} F, from the first frame on: 1 is reached by a cloud that only slides
    along the softest axis."""
    stiffest = float(np.linalg.eigvalsh(hessian_of(config))[-1])
    if (
        config.start == "equilibrium"
        or quadratic.overdamped_step(run.method, stiffest, config.step, config.temperature).growth >= 1
    ):
        return []
    n, times = config.particles, run.path.times.numpy()
    laws = [law_after(config, run.method, round(t / config.step)) for t in times[1:]]
    bound = config.temperature * kl_bound(
        laws[0].free_energy / config.temperature, landscape_of(config).convexity, times[1:]
    )
    rest = law_after(config, run.method, 1_000_000).free_energy  # the method's own law is not quite Boltzmann's
    lift = np.array([law.lifted(n) for law in laws])
    clear = np.nonzero(bound > CLEAR * (rest + lift))[0]
    if len(clear) < 2:
        return []
    ratios = [measured(run.states[1 + k], config) / bound[k] for k in clear[1:]]
    worst = int(np.argmax(ratios))
    k = clear[1 + worst]
    return [
        Check(
            "F(t) over its bound e^(−2mt)F(0), at most",
            float(ratios[worst]),
            1.0,
            laws[k].error(n) / float(bound[k]),
            float((rest + lift[k]) / bound[k]),
            bound=True,
            source="Bakry and Émery, from the first frame on",
            note=f"Compared while the bound is clear of the sampling floor, to t = {times[1 + clear[-1]]:.3g}.",
        )
    ]
