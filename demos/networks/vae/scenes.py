"""Scenes of the linear VAE."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.networks.bench.evidence import row
from demos.networks.vae.checks import ALIVE, FIRST, NOISE, RATE
from demos.networks.vae.config import VaeConfig


def lives(count: int) -> Claim:
    """The claim that `count` latents live, and all rows agree."""

    def claim(result: Result) -> Evidence:
        alive, first = row(result, ALIVE), row(result, FIRST)
        holds = alive.measured == count and alive.agrees and first.agrees
        holds = holds and all(check.state is not State.DIFFERS for check in result.checks)
        return Evidence(holds, f"{alive.measured:.0f} live ({alive.state}); |w₁|² = {first.measured:.6f}")

    return claim


def learned(low: float, high: float, count: int) -> Claim:
    def claim(result: Result) -> Evidence:
        noise, alive = row(result, NOISE), row(result, ALIVE)
        holds = noise.agrees and alive.agrees and low <= noise.measured <= high and alive.measured == count
        return Evidence(holds, f"σ² = {noise.measured:.5f}, {alive.measured:.0f} live")

    return claim


def all_dead(result: Result) -> Evidence:
    alive, rate = row(result, ALIVE), row(result, RATE)
    return Evidence(alive.measured == 0 and rate.agrees and rate.measured < 0, f"rate {rate.measured:.4f}")


SCENES = (
    Scene(
        "collapse",
        "A latent dies where λ < σ²",
        "Three of six latents collapse: in their directions the data's variance λ is below the decoder's noise σ².",
        VaeConfig(),
        lives(3),
        Try("noise", 0.2, "Lower σ² to 0.2", "All six live: the smallest λ with a latent is 0.31.", lives(6)),
    ),
    Scene(
        "learned",
        "Learn σ², and nobody dies",
        "σ² comes to rest at 0.149, the mean of the eigenvalues without a latent: all six live.",
        VaeConfig(learned=True),
        learned(0.148, 0.151, 6),
        Try("latents", 3, "Take 3 latents", "σ² = 0.398, what three latents cannot explain.", learned(0.39, 0.41, 3)),
    ),
    Scene(
        "all_dead",
        "With too much decoder noise every latent collapses",
        "With σ² = 4.5 even λ₁ = 4 is below: small weights shrink, and the VAE ignores its latents altogether.",
        VaeConfig(noise=4.5),
        all_dead,
        Try("noise", 3.5, "Lower σ² to 3.5", "One latent comes to life: |w₁|² = ½.", lives(1)),
    ),
    Scene(
        "random",
        "From random weights each latent finds a direction of its own",
        "Latents first compete for the same direction; then each takes one, for its posterior has no correlations.",
        VaeConfig(start="random", time=5_000.0),
        lives(3),
        Try("ratio", 0.8, "Let eigenvalues fall more slowly", "More of them are above σ²: six live.", lives(6)),
    ),
)
