"""Adaptive gradient descent beside its peers: dopri5 on the Müller–Brown surface, 10,000 points, one core.

python -m tests.benchmarks.bench_gradient_flow [--repeats 9] [--json out.json] [--only "dopri5,SciPy RK45"]
"""

from __future__ import annotations

import torch

from tests.benchmarks import muller_brown, race
from tests.benchmarks.race import Bar

BARS = (
    Bar("dopri5", "SciPy RK45", 1.2),
    Bar("dopri5", "SciPy RK45, our gradient", 1.2),
    Bar("dopri5, 120 frames", "SciPy RK45, our gradient, 120 frames", 1.2),
    Bar("dopri5", "torchdiffeq dopri5", 0.5),
)


def main() -> bool:
    options = race.arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    contestants = race.available(
        (
            muller_brown.ours,
            muller_brown.ours_recording,
            muller_brown.scipy_numpy,
            muller_brown.scipy_same,
            muller_brown.scipy_recording,
            muller_brown.torchdiffeq_dopri5,
            muller_brown.diffrax_dopri5,
        ),
        options.only,
    )
    finished = race.race(contestants, options.repeats)
    return race.report(
        finished, BARS, "ms", lambda s: s * 1e3, "million points/s", lambda s: muller_brown.N / s / 1e6, options.json
    )


if __name__ == "__main__":
    race.on_one_core("tests.benchmarks.bench_gradient_flow")
    raise SystemExit(0 if main() else 1)
