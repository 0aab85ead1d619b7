"""Forward processes y_t = s(t) (x₀ + σ(t) ε): conversions between time t, scale s and noise level σ.

All of them are one process in different coordinates: x = y/s(t) has the noise level σ(t) (Karras et al. 2022,
arXiv:2206.00364, table 1 and eq. 4). Noise levels σ are in the unit of the data. VP, sub-VP and linear paths add noise
of standard deviation proportional to σ_data, so that "variance preserving" holds for data of any spread.

As an SDE: dy = f(t) y dt + g(t) dW with f = s′/s and g² = 2 s² σ σ′ (Song et al. 2021, arXiv:2011.13456).
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """y_t = s(t) (x₀ + σ(t) ε) for 0 ≤ t ≤ end. `first` is the smallest time that a sampler visits before 0."""

    sigma_data: float
    name = label = formula = paper = ""
    end = 1.0
    first = 1e-3

    def scale(self, t: float) -> float:
        """s(t)."""
        raise NotImplementedError

    def sigma(self, t: float) -> float:
        """σ(t), in the unit of the data, rising."""
        raise NotImplementedError

    def time(self, sigma: float) -> float:
        """The t at which the noise level is σ."""
        raise NotImplementedError

    def drift(self, t: float) -> float:
        """f(t) = s′/s."""
        raise NotImplementedError

    def diffusion(self, t: float) -> float:
        """g(t)², in the unit of the data squared over time."""
        raise NotImplementedError


@dataclass(frozen=True)
class VariancePreserving(Process):
    """dy = −½β(t) y dt + σ_data √β dW, β(t) = β₀ + t (β₁ − β₀); s = e^{−B/2}, σ = σ_data √(e^B − 1), B = ∫β."""

    beta_min: float = 0.1
    beta_max: float = 20.0
    name, label = "vp", "VP"
    formula = r"dy = -\tfrac12\beta y\,dt + \sqrt{\beta}\,dW"
    paper = "Ho, Jain & Abbeel, NeurIPS 2020, arXiv:2006.11239; Song et al., ICLR 2021, arXiv:2011.13456"

    def __post_init__(self) -> None:
        if not 0 < self.beta_min <= self.beta_max:
            raise ValueError(f"β from {self.beta_min:g} to {self.beta_max:g}: it must be positive and not fall.")

    def beta(self, t: float) -> float:
        return self.beta_min + t * (self.beta_max - self.beta_min)

    def integral(self, t: float) -> float:
        """B(t) = ∫₀ᵗ β."""
        return t * self.beta_min + t * t / 2 * (self.beta_max - self.beta_min)

    def _time_of_integral(self, integral: float) -> float:
        rise = self.beta_max - self.beta_min
        return 2 * integral / (self.beta_min + math.sqrt(self.beta_min**2 + 2 * rise * integral))

    def scale(self, t: float) -> float:
        return math.exp(-self.integral(t) / 2)

    def sigma(self, t: float) -> float:
        return self.sigma_data * math.sqrt(math.expm1(self.integral(t)))

    def time(self, sigma: float) -> float:
        return self._time_of_integral(math.log1p((sigma / self.sigma_data) ** 2))

    def drift(self, t: float) -> float:
        return -self.beta(t) / 2

    def diffusion(self, t: float) -> float:
        return self.sigma_data**2 * self.beta(t)


@dataclass(frozen=True)
class SubVariancePreserving(VariancePreserving):
    """As VP, with less variance: s = e^{−B/2}, s σ = σ_data (1 − e^{−B}), g² = σ_data² β (1 − e^{−2B})."""

    name, label = "subvp", "sub-VP"
    formula = r"dy = -\tfrac12\beta y\,dt + \sqrt{\beta(1 - e^{-2B})}\,dW,\quad B = \int_0^t\beta"
    paper = "Song et al., ICLR 2021, arXiv:2011.13456, eq. 12"

    def sigma(self, t: float) -> float:
        return 2 * self.sigma_data * math.sinh(self.integral(t) / 2)

    def time(self, sigma: float) -> float:
        return self._time_of_integral(2 * math.asinh(sigma / self.sigma_data / 2))

    def diffusion(self, t: float) -> float:
        return -(self.sigma_data**2) * self.beta(t) * math.expm1(-2 * self.integral(t))


@dataclass(frozen=True)
class VarianceExploding(Process):
    """dy = √(dσ²/dt) dW with σ(t) = σ_min (σ_max/σ_min)^t."""

    sigma_min: float = 0.01
    sigma_max: float = 50.0
    name, label = "ve", "VE"
    formula = r"dy = \sqrt{\tfrac{d\sigma^2}{dt}}\,dW,\quad \sigma = \sigma_{\min}(\sigma_{\max}/\sigma_{\min})^t"
    paper = "Song & Ermon, NeurIPS 2019, arXiv:1907.05600; Song et al., ICLR 2021, arXiv:2011.13456"

    def __post_init__(self) -> None:
        _check_range(self.sigma_min, self.sigma_max)

    @property
    def _rate(self) -> float:
        return math.log(self.sigma_max / self.sigma_min)

    def scale(self, t: float) -> float:
        return 1.0

    def sigma(self, t: float) -> float:
        return self.sigma_min * math.exp(self._rate * t)

    def time(self, sigma: float) -> float:
        return math.log(sigma / self.sigma_min) / self._rate

    def drift(self, t: float) -> float:
        return 0.0

    def diffusion(self, t: float) -> float:
        return 2 * self._rate * self.sigma(t) ** 2


@dataclass(frozen=True)
class Edm(Process):
    """dy = √(2σ) dW with σ(t) = t: the noise level itself is the time."""

    sigma_min: float = 0.002
    sigma_max: float = 80.0
    name, label = "edm", "EDM"
    formula = r"dy = \sqrt{2\sigma}\,dW,\quad \sigma = t"
    paper = "Karras, Aittala, Aila & Laine, NeurIPS 2022, arXiv:2206.00364"

    def __post_init__(self) -> None:
        _check_range(self.sigma_min, self.sigma_max)

    @property
    def end(self) -> float:
        return self.sigma_max

    def scale(self, t: float) -> float:
        return 1.0

    def sigma(self, t: float) -> float:
        return t

    def time(self, sigma: float) -> float:
        return sigma

    def drift(self, t: float) -> float:
        return 0.0

    def diffusion(self, t: float) -> float:
        return 2 * t


@dataclass(frozen=True)
class LinearPath(Process):
    """y_t = (1 − t) x₀ + t σ_data ε: the straight path of flow matching, with v = σ_data ε − x₀ along it."""

    sigma_min: float = 0.002
    sigma_max: float = 80.0
    name, label = "flow", "Linear path (flow matching)"
    formula = r"y = (1-t)\,x_0 + t\,\varepsilon"
    paper = "Lipman et al., ICLR 2023, arXiv:2210.02747; Liu et al., ICLR 2023, arXiv:2209.03003"

    def __post_init__(self) -> None:
        _check_range(self.sigma_min, self.sigma_max)

    def scale(self, t: float) -> float:
        return 1 - t

    def sigma(self, t: float) -> float:
        return self.sigma_data * t / (1 - t)

    def time(self, sigma: float) -> float:
        return sigma / (self.sigma_data + sigma)

    def drift(self, t: float) -> float:
        return -1 / (1 - t)

    def diffusion(self, t: float) -> float:
        return 2 * self.sigma_data**2 * t / (1 - t)


def _check_range(low: float, high: float) -> None:
    if not 0 < low < high:
        raise ValueError(f"Noise from {low:g} to {high:g}: the levels must be positive and rise.")


PROCESSES: dict[str, type[Process]] = {
    kind.name: kind for kind in (Edm, VarianceExploding, VariancePreserving, SubVariancePreserving, LinearPath)
}
