"""Langevin dynamics beside its peers: Euler–Maruyama and MALA, 10,000 particles × 1,000 steps, one core.

python -m tests.benchmarks.bench_langevin_throughput [--repeats 9] [--json out.json] [--only "hand loop,euler"]
"""

from __future__ import annotations

from functools import partial

import torch

from tests.benchmarks import double_well, race
from tests.benchmarks.race import Bar

PEERS = {"hand loop": 0.9, "jax scan": 1.2, "diffrax, (N, 2)": 2.5, "diffrax, vmap": 2.5, "torchsde": 10}
BARS = (
    *(Bar("euler", peer, 1 / times) for peer, times in PEERS.items()),
    Bar("MALA", "blackjax MALA", 1 / 2),
)


def main() -> bool:
    options = race.arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    contestants = race.available(
        (
            partial(double_well.ours, "euler", "euler"),
            double_well.hand_loop,
            double_well.jax_scan,
            double_well.jax_scan_rbg,
            *(partial(double_well.diffrax_euler, layout) for layout in ("(2, N)", "(N, 2)", "vmap")),
            partial(double_well.torchsde_euler, told=True),
            double_well.torchsde_euler,
            partial(double_well.ours, "MALA", "mala"),
            double_well.blackjax_mala,
        ),
        options.only,
    )
    finished = race.race(contestants, options.repeats)
    return race.report(
        finished,
        BARS,
        "µs/step",
        lambda s: s / double_well.STEPS * 1e6,
        "M particle-steps/s",
        lambda s: double_well.N * double_well.STEPS / s / 1e6,
        options.json,
    )


if __name__ == "__main__":
    race.on_one_core("tests.benchmarks.bench_langevin_throughput")
    raise SystemExit(0 if main() else 1)
