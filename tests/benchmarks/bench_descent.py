"""Descent beside torch.optim, and its predictions beside what happens.

    python -m tests.benchmarks.bench_descent [--repeats 5] [--quadratics 200]

Seconds are of one core (process time), one thread. Seven methods × 64 starts × 500 steps on Himmelblau with the exact
flow under each; loops over torch.optim for the same steps, all 64 starts as one parameter, and start by start; orders
of gradient descent beside the flow and the modified flow; the share of fates that were told before the run; the edge of
stability. The loop is the one that torch's tutorial writes, over the energy as a user writes it; as ours, it keeps the
states after every step, and no energies. It computes no flow.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Sequence

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402
import torch  # noqa: E402

from demos.descent.config import DescentConfig  # noqa: E402
from demos.descent.edge.checks import look  # noqa: E402
from demos.descent.edge.config import EdgeConfig  # noqa: E402
from demos.descent.edge.network import train  # noqa: E402
from demos.descent.flow import exact_flow  # noqa: E402
from demos.descent.measured import measure  # noqa: E402
from demos.descent.prediction import predictions  # noqa: E402
from demos.descent.setup import Setup  # noqa: E402
from demos.descent.simulate import simulate  # noqa: E402
from demos.descent.starts import grid_of, text_of  # noqa: E402
from demos.descent.studies.orders import order_study  # noqa: E402
from demos.descent.tables import judged  # noqa: E402
from demos.gradient_flow import GradientFlow, Run, solve_together  # noqa: E402
from demos.landscapes.test_functions import HIMMELBLAU  # noqa: E402

STEPS = 500
RATES = {
    "euler": 0.004, "heavy_ball": 0.002, "nesterov": 0.002, "adagrad": 0.2, "rmsprop": 0.02, "adam": 0.05, "adamw":
    0.05,
}  # fmt: skip
PEERS = {
    "euler": lambda p, lr: torch.optim.SGD(p, lr=lr),
    "heavy_ball": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr=lr, momentum=0.9, nesterov=True),
    "adagrad": lambda p, lr: torch.optim.Adagrad(p, lr=lr),
    "rmsprop": lambda p, lr: torch.optim.RMSprop(p, lr=lr),
    "adam": lambda p, lr: torch.optim.Adam(p, lr=lr),
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr=lr),
}


def seconds(works: Sequence[Callable[[], object]], repeats: int) -> list[float]:
    """The median process time of each of these, which take turns: a busy machine slows all alike."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for taken, work in zip(found, works, strict=True):
            begin = time.process_time()
            work()
            taken.append(time.process_time() - begin)
    return [statistics.median(taken) for taken in found]


def methods(starts: torch.Tensor) -> None:
    flow = GradientFlow(HIMMELBLAU.energy, HIMMELBLAU.gradient)
    solve_together(flow, starts, [Run(method, rate, STEPS) for method, rate in RATES.items()])


def ours(starts: torch.Tensor) -> None:
    methods(starts)
    exact_flow(HIMMELBLAU, starts, np.linspace(0, STEPS * RATES["euler"], STEPS + 1))


def himmelblau(points: torch.Tensor) -> torch.Tensor:
    x, y = points[:, 0], points[:, 1]
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def peer(starts: torch.Tensor, steps: int = STEPS) -> None:
    for method, rate in RATES.items():
        x = starts.clone().requires_grad_()
        optimizer, path = PEERS[method]([x], rate), [starts]
        for _ in range(steps):
            optimizer.zero_grad()
            himmelblau(x).sum().backward()
            optimizer.step()
            path.append(x.detach().clone())


def told(configs: list[DescentConfig]) -> tuple[int, int, int]:
    """(right, wrong, not told or too early) of all starts."""
    counts = {"right": 0, "wrong": 0}
    rest = 0
    for config in configs:
        setup = Setup.of(config)
        for run in simulate(setup):
            for i, said in enumerate(predictions(setup, run.method)):
                verdict = judged(said, measure(setup, run, i), run.steps)
                if verdict in counts:
                    counts[verdict] += 1
                else:
                    rest += 1
    return counts["right"], counts["wrong"], rest


def quadratics(count: int) -> list[DescentConfig]:
    random = np.random.default_rng(0)
    configs = []
    for _ in range(count):
        method = str(random.choice(["euler", "heavy_ball", "nesterov"]))
        config = DescentConfig(
            surface="quadratic", condition=float(10 ** random.uniform(0, 3)), angle=float(random.uniform(0, 90)),
            methods=(method,), momentum=float(random.uniform(0, 0.95)), steps=1_000, clock="steps",
            x0=float(random.uniform(-9, 9)), y0=float(random.uniform(-6, 6)),
            **{f"lr_{method}": float(10 ** random.uniform(-1.5, 0.6))},
        )  # fmt: skip
        configs.append(config)
    return configs


def random_starts(count: int) -> list[DescentConfig]:
    """Twenty starts on Himmelblau at each of that many rates, up to 1.3 × the limit at the steepest start."""
    random, ((left, right), (bottom, top)) = np.random.default_rng(1), HIMMELBLAU.view
    return [
        DescentConfig(
            methods=("euler",), start="places", steps=400, lr_euler=float(10 ** random.uniform(-2.7, -1.9)),
            places=text_of(list(zip(random.uniform(left, right, 20), random.uniform(bottom, top, 20), strict=True))),
        )
        for _ in range(count)
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quadratics", type=int, default=200)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    starts = torch.from_numpy(grid_of(HIMMELBLAU, 8))
    ours(starts)
    works = [lambda: ours(starts), lambda: methods(starts), lambda: peer(starts), lambda: peer(starts[:1])]
    mine, alone, batched, single = seconds(works, arguments.repeats)
    single *= len(starts)
    print(f"7 methods × 64 starts × {STEPS} steps with the exact flow: {1e3 * mine:.0f} ms")
    print(f"torch.optim, 64 starts as one parameter: {1e3 * batched:.0f} ms, {batched / mine:.1f} ×")
    print(f"the same beside our methods without the flow, {1e3 * alone:.0f} ms: {batched / alone:.1f} ×")
    print(f"torch.optim, start by start (one measured, × 64): {1e3 * single:.0f} ms, {single / mine:.0f} ×")
    for surface in ("himmelblau", "beale", "muller_brown", "formula"):
        config, _ = DescentConfig.read({"surface": surface})
        names = order_study(config)["series"].unique()
        print(f"{surface}: " + "; ".join(names))
    right, wrong, rest = told(quadratics(arguments.quadratics))
    print(f"quadratics: {right} right, {wrong} wrong, {rest} too early: {right / max(1, right + wrong):.1%}")
    right, wrong, rest = told(random_starts(arguments.quadratics // 8))
    print(f"Himmelblau: {right} right, {wrong} wrong, {rest} not told: {right / (right + wrong + rest):.1%} of all")
    for rate in (0.15, 0.2):
        for seed in range(12):
            begin, config = time.process_time(), EdgeConfig(lr=rate, seed=seed)
            seen = look(config, train(config))
            took = time.process_time() - begin
            print(f"edge of stability, rate {rate}, seed {seed}: {seen.median:.4f} in {took:.1f} s")


if __name__ == "__main__":
    main()
