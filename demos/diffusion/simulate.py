"""Runs the samplers of a setup."""

from __future__ import annotations

from dataclasses import dataclass

from demos.common.progress import Progress, part
from demos.diffusion.plan import Sampled
from demos.diffusion.samplers import SAMPLERS, Sampler, sample
from demos.diffusion.setup import Setup


@dataclass(frozen=True)
class Run:
    """One sampler of a config with its path."""

    sampler: Sampler
    path: Sampled

    @property
    def label(self) -> str:
        return self.sampler.label

    @property
    def color(self) -> int:
        return self.sampler.color


def simulate(chosen: Setup, progress: Progress | None = None) -> list[Run]:
    """Run the sampler of the config and those it is compared with, all from the same noise."""
    runs, names = [], chosen.config.samplers
    for i, name in enumerate(names):
        path = sample(
            name,
            chosen.model,
            chosen.start,
            chosen.plan,
            chosen.config.evaluations,
            progress=part(progress, i, len(names)),
        )
        runs.append(Run(SAMPLERS[name], path))
    return runs
