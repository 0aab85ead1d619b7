"""The problem of the throughput benchmarks, the answers it must give, and those who solve it.

U = (x² − 1)² + y², kT = 0.25, 10,000 particles from (−1, 0), 1,000 steps of h = 0.01, float32.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np
import torch

from demos.gradient_flow import GradientFlow, solve
from demos.landscapes import LANDSCAPES
from tests.benchmarks.race import Contestant

N, STEPS, H, KT = 10_000, 1_000, 0.01, 0.25
FRAMES = 120
SCALE = sqrt(2 * KT * H)
# P(x > 0) at t = 10 from x = −1: Euler–Maruyama's one-step kernel, iterated 1,000 times by quadrature on a grid in x.
CROSSED = 0.12597
# E[y²] of Euler–Maruyama on y²: v/(1 − z/2) (1 − (1 − z)^2n) with v = kT/2 and z = 2h
SPREAD = KT / 2 / (1 - H) * (1 - (1 - 2 * H) ** (2 * STEPS))


def judged(rows: np.ndarray) -> tuple[bool, str]:
    """Both numbers within five standard errors of N independent particles; rows is (2, N).

    MALA's are not Euler–Maruyama's, but closer to them than a tenth of a standard error in the rejections it makes.
    """
    crossed, spread = float((rows[0] > 0).mean()), float((rows[1].astype(np.float64) ** 2).mean())
    right = abs(crossed - CROSSED) < 5 * sqrt(CROSSED * (1 - CROSSED) / N) and abs(spread - SPREAD) < 5 * SPREAD * sqrt(
        2 / N
    )
    return right, f"P(x>0) = {crossed:.4f}, E[y²] = {spread:.4f}"


def ours(name: str, method: str, **options) -> Contestant:
    well = LANDSCAPES["double_well"]
    flow = GradientFlow(energy=well.energy, gradient=well.gradient, temperature=KT)
    start = torch.tensor([[-1.0, 0.0]]).repeat(N, 1)
    times = torch.arange(STEPS + 1) * H
    run = lambda: solve(flow, start, times, method, record=FRAMES, **options)
    return Contestant(name, run, lambda path: judged(path.states[-1].T.numpy()))


def hand_loop() -> Contestant:
    """What an expert writes by hand in PyTorch: (2, N) in place, its own generator, nothing recorded."""

    def run() -> np.ndarray:
        generator = torch.Generator().manual_seed(0)
        x = torch.zeros(2, N)
        x[0] = -1
        x0, x1 = x
        noise, slope = torch.empty(2, N), torch.empty(N)
        with torch.no_grad():
            for _ in range(STEPS):
                noise.normal_(generator=generator)
                torch.mul(x0, x0, out=slope).sub_(1).mul_(x0)
                x0.add_(slope, alpha=-4 * H)
                x1.mul_(1 - 2 * H)
                x.add_(noise, alpha=SCALE)
        return x.numpy()

    return Contestant("hand loop", run, judged)


def jax_scan(kind: str = "threefry2x32") -> Contestant:
    import jax
    import jax.numpy as jnp

    @jax.jit
    def run(key):
        def step(x, key):
            x0, x1 = x
            slope = jnp.stack((4 * x0 * (x0 * x0 - 1), 2 * x1))
            return x - H * slope + SCALE * jax.random.normal(key, x.shape), None

        start = jnp.zeros((2, N)).at[0].set(-1.0)
        return jax.lax.scan(step, start, jax.random.split(key, STEPS))[0]

    key = jax.random.key(0, impl=kind)
    name = "jax scan" if kind == "threefry2x32" else f"jax scan, {kind}"
    return Contestant(name, lambda: np.asarray(run(key)), judged)


def jax_scan_rbg() -> Contestant:
    """With XLA's own generator instead of JAX's default."""
    return jax_scan("unsafe_rbg")


def diffrax_euler(layout: str = "(2, N)") -> Contestant:
    """All particles as one state, with the layout of the hand loop, as (N, 2); or one at a time under vmap."""
    import diffrax
    import jax
    import jax.numpy as jnp
    import lineax

    axis, shape = {"(2, N)": (0, (2, N)), "(N, 2)": (1, (N, 2)), "vmap": (0, (2,))}[layout]

    def drift(t, x, args):
        x0, x1 = jnp.moveaxis(x, axis, 0)
        return -jnp.stack((4 * x0 * (x0 * x0 - 1), 2 * x1), axis)

    def one(key):
        path = diffrax.UnsafeBrownianPath(shape=shape, key=key)
        noise = diffrax.ControlTerm(
            lambda t, x, args: lineax.DiagonalLinearOperator(jnp.full(shape, sqrt(2 * KT))), path
        )
        start = jnp.stack((jnp.full(shape[1 - axis : 2 - axis], -1.0), jnp.zeros(shape[1 - axis : 2 - axis])), axis)
        return diffrax.diffeqsolve(
            diffrax.MultiTerm(diffrax.ODETerm(drift), noise),
            diffrax.Euler(),
            0.0,
            STEPS * H,
            H,
            start,
            saveat=diffrax.SaveAt(t1=True),
            adjoint=diffrax.DirectAdjoint(),
            max_steps=STEPS + 24,
        ).ys[0]

    key = jax.random.key(0)
    if layout == "vmap":
        run, key = jax.jit(jax.vmap(one)), jax.random.split(key, N)
    else:
        run = jax.jit(one)
    rows = lambda: np.asarray(run(key)) if layout == "(2, N)" else np.asarray(run(key)).T
    return Contestant(f"diffrax, {layout}", rows, judged)


def torchsde_euler(told: bool = False) -> Contestant:
    """As in its README; or with the step told to the Brownian motion, which then need not find it out."""
    import torchsde

    class Well(torch.nn.Module):
        noise_type, sde_type = "diagonal", "ito"
        spread = torch.full((N, 2), sqrt(2 * KT))

        def f(self, t, x):
            x0, x1 = x.unbind(1)
            return torch.stack((-4 * x0 * (x0 * x0 - 1), -2 * x1), 1)

        def g(self, t, x):
            return self.spread

    well, start = Well(), torch.tensor([[-1.0, 0.0]]).repeat(N, 1)
    ends = torch.tensor([0.0, STEPS * H])

    def run() -> np.ndarray:
        with torch.no_grad():
            path = torchsde.BrownianInterval(
                0.0, STEPS * H, size=(N, 2), dtype=torch.float32, entropy=0, dt=H if told else None
            )
            return torchsde.sdeint(well, start, ends, bm=path, method="euler", dt=H)[-1].T.numpy()

    return Contestant("torchsde, dt told" if told else "torchsde", run, judged)


def blackjax_mala() -> Contestant:
    import blackjax
    import jax
    import jax.numpy as jnp

    # blackjax moves by ε ∇log π + √(2ε) R with log π = −U/kT, so ε = h kT
    sampler = blackjax.mala(lambda x: -((x[0] ** 2 - 1) ** 2 + x[1] ** 2) / KT, H * KT)
    one_step: Callable = jax.vmap(sampler.step)

    @jax.jit
    def run(key):
        def step(state, key):
            return one_step(jax.random.split(key, N), state)[0], None

        state = jax.vmap(sampler.init)(jnp.tile(jnp.array([-1.0, 0.0]), (N, 1)))
        return jax.lax.scan(step, state, jax.random.split(key, STEPS))[0].position

    key = jax.random.key(0)
    return Contestant("blackjax MALA", lambda: np.asarray(run(key)).T, judged)
