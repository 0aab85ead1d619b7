"""One run of the linear VAE, beside probabilistic PCA. Pure: same config, same bytes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch

from demos.common.numbers import number
from demos.common.progress import Progress
from demos.contract import Check, OnPicture, Result, State
from demos.contract.running import demo_run
from demos.networks.vae import law
from demos.networks.vae.checks import checks_of
from demos.networks.vae.config import VaeConfig
from demos.networks.vae.model import divergence, negative_elbo, split, train
from demos.networks.vae.picture import picture

LIVES = 1e-2  # nats: the KL above which a latent lives
RIGHT, ALIKE = 1e-3, 0.9  # cosines of directions at right angles, and of such that are nearly the same


@demo_run
def run(config: VaeConfig, progress: Progress | None = None, on_picture: OnPicture | None = None) -> Result:
    """The linear VAE as a function of its config."""
    path = train(config, progress)
    states = path.states[:, 0]
    frames = split(config, states)
    some = split(config, states[1:])  # a logarithmic axis cannot show t = 0
    kl = divergence(config, some).numpy()
    times = path.times.numpy()[1:]
    wanted = law.rest(config)
    drawn = picture(config, times, some, kl, wanted)
    if on_picture is not None:
        on_picture(drawn)
    energy, slope = at_the_end(config, states[-1:])
    checks = checks_of(config, path.times.numpy(), frames, energy, slope)
    notes = (
        f"The flow ended with a largest derivative of {number(slope)}; −ELBO is {number(energy)} nats a data point.",
    )
    return Result(
        drawn,
        tuple(checks),
        {"divergence": table(times, kl)},
        notes,
        headline=headline(config, checks, kl, wanted, apart(times, some.W.numpy(), kl)),
    )


def at_the_end(config: VaeConfig, x: torch.Tensor) -> tuple[float, float]:
    """−ELBO, and its largest derivative by the trained parameters, by autograd."""
    with torch.enable_grad():
        x = x.clone().requires_grad_()
        energy = negative_elbo(config, split(config, x)).sum()
        (slope,) = torch.autograd.grad(energy, x)
    trained = slope if config.learned else slope[:, :-1]
    return energy.item(), trained.abs().max().item()


def apart(times: np.ndarray, weights: np.ndarray, kl: np.ndarray) -> str:
    """A clause on the directions (F, d, k) of the latents that live in the end: at right angles then, and alike on the
    way; "" for fewer than two."""
    living = weights[:, :, kl[-1] > LIVES]
    if living.shape[2] < 2:
        return ""
    living = living / np.maximum(np.linalg.norm(living, axis=1, keepdims=True), 1e-300)
    pairs = np.triu_indices(living.shape[2], 1)
    cosines = np.abs(np.einsum("fdi,fdj->fij", living, living)[:, *pairs]).max(1)
    most = int(cosines.argmax())
    if not (cosines[-1] < RIGHT and cosines[most] > ALIKE):
        return ""
    return f", at right angles (two were alike at t = {number(float(times[most]))}, cosine {cosines[most]:.3f})"


def headline(config: VaeConfig, checks: list[Check], kl: np.ndarray, wanted: law.Rest, angles: str) -> str:
    wrong = next((row for row in checks if row.state is State.DIFFERS), None)
    if wrong is not None:
        return f"{wrong.name}: {number(wrong.measured)}, known is {number(wrong.truth or 0.0)}."
    alive = int((kl[-1] > LIVES).sum())
    of = f"{alive} of {config.latents} latents live{angles}"
    if any(row.state is State.NOT_COMPARABLE for row in checks[:3]):
        return f"{of} at the end; the flow is not at rest yet, or stands at the threshold."
    if config.learned:
        return f"{of}: a σ² that is learned comes to rest at {number(wanted.noise)}, below every λ with a latent."
    if alive == config.latents:
        return f"{of}: every λ with a latent is above σ² = {number(config.noise)}."
    if not alive:
        return f"{of}: every λ is below σ² = {number(config.noise)}, and all collapse onto the prior."
    return f"{of}: the others' λ are below σ² = {number(config.noise)}, and they collapse onto the prior."


def table(times: np.ndarray, kl: np.ndarray) -> pd.DataFrame:
    """Columns series, t, kl: of every latent."""
    frames = [pd.DataFrame({"series": f"latent {i + 1}", "t": times, "kl": kl[:, i]}) for i in range(kl.shape[1])]
    return pd.concat(frames, ignore_index=True)
