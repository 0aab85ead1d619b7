"""Every explicit method that can take a temperature, on the double well: time a step and a gradient evaluation.

python -m tests.benchmarks.bench_methods [--repeats 5] [--json out.json] [--only "euler,baoab"]
"""

from __future__ import annotations

import json
from statistics import median
from time import process_time

import torch

from demos.gradient_flow import METHODS, GradientFlow, solve
from demos.landscapes import LANDSCAPES
from tests.benchmarks import race
from tests.benchmarks.double_well import FRAMES, KT, STEPS, H, N


def main() -> None:
    options = race.arguments(__doc__.splitlines()[0], repeats=5)
    torch.set_num_threads(1)
    well = LANDSCAPES["double_well"]
    flow = GradientFlow(energy=well.energy, gradient=well.gradient, temperature=KT)
    start = torch.tensor([[-1.0, 0.0]]).repeat(N, 1)
    times = torch.arange(STEPS + 1) * H
    wanted = [name for name in options.only.split(",") if name]
    names = [
        name
        for name, row in METHODS.items()
        if row.stochastic != "never" and row.family != "implicit" and (not wanted or name in wanted)
    ]
    names, left_out = _able(names, flow, start, times)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(options.repeats + 1):  # the first round is not counted
        for name, taken in seconds.items():
            began = process_time()
            solve(flow, start, times, name, record=FRAMES)
            taken.append(process_time() - began)
    print(f"{N:,} particles, 2-D, float32, {STEPS} steps, {FRAMES} frames, one core")
    print(f"{'':22}  {'gradients':>9}  {'µs a step':>9}  M particle-steps/s")
    table = {}
    for name in names:
        typical = median(seconds[name][1:]) / STEPS * 1e6
        table[name] = {"step": typical, "gradients": METHODS[name].cost()}
        print(f"{name:22}  {METHODS[name].cost() or '':>9}  {typical:9.1f}  {N / typical:18.0f}")
    for name, why in left_out.items():
        print(f"{name}: left out, {why}")
    if options.json:
        options.json.write_text(json.dumps({"machine": race.machine(), "microseconds": table}, indent=1))


def _able(names: list[str], flow: GradientFlow, start: torch.Tensor, times: torch.Tensor) -> tuple[list[str], dict]:
    """Those that this flow serves, and why not the others (samplers of diffusion models need more than an energy)."""
    able, left_out = [], {}
    for name in names:
        try:
            solve(flow, start[:2], times[:3], name, record=2)
            able.append(name)
        except ValueError as refusal:
            left_out[name] = str(refusal)
    return able, left_out


if __name__ == "__main__":
    race.on_one_core("tests.benchmarks.bench_methods")
    main()
