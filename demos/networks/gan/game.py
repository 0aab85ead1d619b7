"""The Dirac-GAN (Mescheder, Geiger & Nowozin, ICML 2018, arXiv:1801.04406): the game, and how it is trained.

The data is a point at 0, the generator a point at θ, the discriminator D(x) = ψx. With L = f(ψθ) + f(0) the generator
descends and the discriminator ascends: θ̇ = −∂L/∂θ, ψ̇ = ∂L/∂ψ − γψ, where γψ²/2 is the R1 penalty. The non-saturating
generator descends −f(−ψθ) instead.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from demos.common.progress import Progress
from demos.gradient_flow import GradientFlow, Method, Problem, Trajectory, solve
from demos.networks.gan.config import GanConfig

NEAR = 1e-8  # initial radius of a second path, so small that the game is linear there


def losses(config: GanConfig, x: Tensor) -> tuple[Tensor, Tensor]:
    """The losses of generator and discriminator, (N,) each, at x = (θ, ψ), (N, 2)."""
    theta, psi = x[:, 0], x[:, 1]
    t = theta * psi
    value = t if config.loss == "wgan" else logsigmoid(t)
    generator = -logsigmoid(-t) if config.loss == "nonsaturating" else value
    return generator, config.gamma / 2 * psi**2 - value


def downhill(config: GanConfig, x: Tensor) -> Tensor:
    """(N, 2): the gradient of each player's loss by its own parameter. As a field it is not a gradient."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        generator, discriminator = losses(config, x)
        (first,) = torch.autograd.grad(generator.sum(), x, retain_graph=True)
        (second,) = torch.autograd.grad(discriminator.sum(), x)
    return torch.stack((first[:, 0], second[:, 1]), 1)


def alternating_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """θ' = θ − h ∂L_G(θ, ψ), ψ' = ψ − h ∂L_D(θ', ψ)"""
    (x,) = state
    x = x.clone()
    x[:, 0] -= h * problem.gradient(x, t)[:, 0]
    x[:, 1] -= h * problem.gradient(x, t)[:, 1]
    return (x,)


def extragradient_step(problem: Problem, state: tuple, t: float, h: float) -> tuple:
    """y = x + h v(x), x' = x + h v(y)  (Korpelevich 1976)"""
    (x,) = state
    ahead = x - h * problem.gradient(x, t)
    return (x - h * problem.gradient(ahead, t),)


TRAINING: dict[str, str | Method] = {
    "simultaneous": "euler",
    "alternating": Method(name="alternating", step=alternating_step, evaluations=2),
    "extragradient": Method(name="extragradient", step=extragradient_step, evaluations=2),
    "rk4": "rk4",
}


def train(config: GanConfig, method: str, progress: Progress | None = None) -> Trajectory:
    """Every step of two paths: from the start, and from the distance NEAR of the equilibrium in the same direction. The
    field has no energy, and the solver needs none."""
    flow = GradientFlow(gradient=lambda x: downhill(config, x))
    start = torch.tensor([[config.theta, config.psi]], dtype=torch.float64)
    start = torch.cat((start, NEAR * start / start.norm()))
    times = config.lr * torch.arange(config.steps + 1, dtype=torch.float64)
    return solve(flow, start, times, TRAINING[method], record="steps", progress=progress)
