"""Langevin dynamics beside its peers: Euler–Maruyama and MALA, 10,000 particles × 1,000 steps, one core.

python -m tests.benchmarks.bench_langevin_throughput [--repeats 9] [--json out.json] [--only "hand loop,euler"]
"""

from __future__ import annotations

from functools import partial

import torch

from tests.benchmarks import double_well, race
from tests.benchmarks.noise_quality import quality
from tests.benchmarks.race import Bar

PEERS = {"hand loop": 0.9, "jax scan": 1.2, "diffrax, (N, 2)": 2.5, "diffrax, vmap": 2.5, "torchsde": 10}
BARS = (
    *(Bar("euler", peer, 1 / times) for peer, times in PEERS.items()),
    Bar("euler, table", "hand loop", 1 / 2),
    *(Bar("euler, table", peer, 1 / times) for peer, times in PEERS.items() if peer != "hand loop"),
    Bar("euler, table", "diffrax, (2, N)", 1 / 2.5),
    Bar("MALA", "blackjax MALA", 1 / 2),
    Bar("MALA, table", "blackjax MALA", 1 / 2),
)


def main() -> bool:
    options = race.arguments(__doc__.splitlines()[0])
    torch.set_num_threads(1)
    contestants = race.available(
        (
            partial(double_well.ours, "euler", "euler"),
            partial(double_well.ours, "euler, table", "euler", noise="table"),
            double_well.hand_loop,
            double_well.jax_scan,
            double_well.jax_scan_rbg,
            *(partial(double_well.diffrax_euler, layout) for layout in ("(2, N)", "(N, 2)", "vmap")),
            partial(double_well.torchsde_euler, told=True),
            double_well.torchsde_euler,
            partial(double_well.ours, "MALA", "mala"),
            partial(double_well.ours, "MALA, table", "mala", noise="table"),
            double_well.blackjax_mala,
        ),
        options.only,
    )
    table = quality()
    print("noise of the table:", ", ".join(f"{name} {value:.3g}" for name, value in table.items()))
    finished = race.race(contestants, options.repeats)
    return race.report(
        finished,
        BARS,
        "µs/step",
        lambda s: s / double_well.STEPS * 1e6,
        "M particle-steps/s",
        lambda s: double_well.N * double_well.STEPS / s / 1e6,
        options.json,
        {"noise": table},
    )


if __name__ == "__main__":
    race.on_one_core("tests.benchmarks.bench_langevin_throughput")
    raise SystemExit(0 if main() else 1)
