"""What can be changed about the Dirac-GAN."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import Config, choice, number, several, whole

LOSSES = {"gan": "GAN", "nonsaturating": "Non-saturating", "wgan": "Wasserstein"}
METHODS = {
    "simultaneous": "Simultaneous",
    "alternating": "Alternating",
    "extragradient": "Extragradient",
    "rk4": "Runge–Kutta 4",
}


@dataclass(frozen=True)
class GanConfig(Config):
    """A generator δ_θ against a discriminator ψx, the data at 0."""

    loss: str = choice("gan", "Loss", LOSSES, group="main", help="f(t) = −log(1 + e⁻ᵗ), or t for Wasserstein's.")
    methods: tuple[str, ...] = several(("simultaneous", "alternating"), "Training", METHODS, most=4, group="main")
    lr: float = number(0.4, "Learning rate h", low=0.02, high=1.0, step=0.02, group="main")
    gamma: float = number(
        0.0,
        "R1 penalty γ",
        low=0.0,
        high=2.0,
        step=0.05,
        group="main",
        help="The discriminator pays γ/2 |∂D/∂x|² at the data: γψ²/2 here.",
    )
    theta: float = number(1.0, "Start θ", low=-2.0, high=2.0, step=0.05, help="Where the generator puts its mass.")
    psi: float = number(0.0, "Start ψ", low=-2.0, high=2.0, step=0.05, help="The slope of the discriminator.")
    steps: int = whole(150, "Steps", low=10, high=400)

    def check(self) -> None:
        if not self.methods:
            raise ValueError(f"No method of training is chosen; there are {', '.join(METHODS)}.")
        if self.theta**2 + self.psi**2 < 0.01:
            raise ValueError("A start within 0.1 of the equilibrium (0, 0) shows nothing; start farther away.")
