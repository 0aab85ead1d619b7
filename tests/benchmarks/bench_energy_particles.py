"""Particles at rest beside their peers: LJ38 minimized, ground states, Thomson's table, the flow's basins, a chain.

    python -m tests.benchmarks.bench_energy_particles [--repeats 5] [--only minimize,chain] [--json out.json]

Everything on one core; seconds are those of the process.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median
from time import process_time

import numpy as np
import torch

from demos.gradient_flow import solve
from demos.physics.bench.certificate import certify
from demos.physics.bench.dissipation import energy_balance, state_of
from demos.physics.bench.flow_checks import identity_check
from demos.physics.bench.quench import quench
from demos.physics.chain.model import hanging_chain
from demos.physics.chain.reference import discrete_catenary
from demos.physics.charges.model import minima, thomson
from demos.physics.clusters.basin_hopping import basin_hopping
from demos.physics.clusters.config import ClusterConfig
from demos.physics.clusters.destinations import agreement
from demos.physics.clusters.model import cluster
from demos.physics.clusters.starts import random_ball
from tests.benchmarks import race
from tests.benchmarks.race import Bar, Contestant

STARTS, ATOMS = 20, 38
BARS = (
    Bar("L-BFGS + Newton, 1e-9, certified", "ASE LBFGS, 1e-6", 0.2),
    Bar("L-BFGS + Newton, 1e-9, certified", "SciPy L-BFGS-B, 1e-6", 1.5),
)


def starts() -> torch.Tensor:
    """(20, 38, 3): uniform in a ball, density ½, no pair closer than 0.7."""
    return random_ball(ATOMS, 0, STARTS, 2 ** (1 / 6))


def energy_and_gradient(x: np.ndarray) -> tuple[float, np.ndarray]:
    """The same forces as ours, energy and gradient together, for peers that want both: (N, 3)."""
    left, right, centred = np.ones((len(x), 5)), np.ones((len(x), 5)), x - x.mean(0)
    left[:, :3], right[:, :3] = centred, -2 * centred
    left[:, 3] = right[:, 4] = np.einsum("ik,ik->i", centred, centred)
    s = left @ right.T
    s.reshape(-1)[:: len(x) + 1] = np.inf
    np.divide(1.0, s, out=s)
    cube = s * s
    cube *= s
    energy = 2 * (cube.ravel() @ cube.ravel() - cube.sum())
    s *= cube
    cube *= -48.0
    cube += 24.0
    s *= cube
    sums = s @ right[:, :4]
    return energy, sums[:, 3:] * centred + 0.5 * sums[:, :3]


def ours(method: str, name: str) -> Contestant:
    system, x = cluster(ATOMS), starts()

    def run() -> list:
        found = []
        for i in range(STARTS):
            path = quench(system, x[i : i + 1], method)
            found.append((certify(system, path.states[-1, 0]), path.evaluations))
        return found

    def check(found: list) -> tuple[bool, str]:
        good = sum(one.is_minimum and one.force <= 1e-9 for one, _ in found)
        worst, evaluations = max(one.force for one, _ in found), [count for _, count in found]
        return good == STARTS, (
            f"{good}/{STARTS} certified, force ≤ {worst:.0e}, "
            f"{median(evaluations):.0f} gradients (at most {max(evaluations)})"
        )

    return Contestant(name, run, check)


def ase_lbfgs() -> Contestant:
    from ase import Atoms
    from ase.calculators.calculator import Calculator, all_changes
    from ase.optimize import LBFGS

    class Forces(Calculator):
        implemented_properties = ("energy", "forces")

        def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
            super().calculate(atoms, properties, system_changes)
            energy, gradient = energy_and_gradient(self.atoms.positions)
            self.results = {"energy": energy, "forces": -gradient}

    x = starts().numpy()

    def run() -> list:
        found = []
        for positions in x:
            atoms = Atoms(f"Ar{ATOMS}", positions=positions.copy(), calculator=Forces())
            search = LBFGS(atoms, logfile=None)
            found.append((search.run(fmax=1e-6, steps=5000), search.nsteps))
        return found

    return Contestant(
        "ASE LBFGS, 1e-6",
        run,
        lambda found: (
            all(done for done, _ in found),
            f"{sum(bool(done) for done, _ in found)}/{STARTS}, {median(count for _, count in found):.0f} steps",
        ),
    )


def scipy_lbfgsb() -> Contestant:
    from scipy.optimize import minimize

    x = starts().numpy()

    def flat(z: np.ndarray) -> tuple[float, np.ndarray]:
        energy, gradient = energy_and_gradient(z.reshape(-1, 3))
        return energy, gradient.ravel()

    def run() -> list:
        return [
            minimize(
                flat,
                one.ravel(),
                jac=True,
                method="L-BFGS-B",
                options={"gtol": 1e-6, "ftol": 0.0, "maxiter": 5000, "maxfun": 10_000},
            )
            for one in x
        ]

    def check(found: list) -> tuple[bool, str]:  # it is known to stop short of 1e-6: what it reached is its answer
        sizes = [float(np.abs(one.jac).max()) for one in found]
        return max(sizes) < 1e-3, (
            f"{sum(size <= 1e-6 for size in sizes)}/{STARTS} at 1e-6, worst {max(sizes):.0e}, "
            f"{median(one.nfev for one in found):.0f} gradients"
        )

    return Contestant("SciPy L-BFGS-B, 1e-6", run, check)


def minimize_bench(options) -> bool:
    contestants = race.available(
        (
            lambda: ours("lbfgs", "L-BFGS + Newton, 1e-9, certified"),
            lambda: ours("fire", "FIRE, 1e-9, certified"),
            ase_lbfgs,
            scipy_lbfgsb,
        )
    )
    finished = race.race(contestants, options.repeats)
    return race.report(finished, BARS, "ms/start", lambda s: s / STARTS * 1e3, "starts/s", lambda s: STARTS / s, None)


def _timed(function: Callable) -> tuple[float, object]:
    begun = process_time()
    result = function()
    return process_time() - begun, result


def hop_bench(seeds: int = 20) -> tuple[bool, dict]:
    """Bars: LJ13 ≤ 0.5 s, LJ38 ≤ 30 s median; every N ≤ 30 within the default budget."""
    known, held = {}, True
    for count, most in ((13, 0.5), (38, 30.0)):
        system = cluster(count)
        runs = [_timed(lambda seed=seed, system=system: basin_hopping(system, seed=seed)) for seed in range(seeds)]
        times, found = [seconds for seconds, _ in runs], sum(search.found for _, search in runs)
        good = median(times) <= most and found == seeds
        print(
            f"LJ{count}: found {found}/{seeds}, median {median(times):.3f} s, longest {max(times):.2f} s, "
            f"{median(search.quenches for _, search in runs):.0f} minimizations; bar {most} s: "
            f"{'held' if good else 'MISSED'}"
        )
        known[f"LJ{count}"], held = {"seconds": times, "found": found}, held and good
    runs = {count: _timed(lambda count=count: basin_hopping(cluster(count))) for count in range(2, 31)}
    missed = [count for count, (_, search) in runs.items() if not search.found]
    print(
        f"N = 2–30: {29 - len(missed)}/29 found, longest {max(seconds for seconds, _ in runs.values()):.2f} s "
        f"{'held' if not missed else f'MISSED {missed}'}"
    )
    page = ClusterConfig(method="hopping")
    runs = {
        count: _timed(lambda count=count: basin_hopping(cluster(count), runs=page.walks, hops=page.hops))
        for count in range(2, 31)
    }
    found = sum(search.found for _, search in runs.values())
    print(
        f"the same, {page.walks} walks of {page.hops} hops, as the page begins: {found}/29 found, longest "
        f"{max(seconds for seconds, _ in runs.values()):.2f} s"
    )
    return held and not missed, known | {"missed": missed, "page": found}


def thomson_bench() -> tuple[bool, dict]:
    """Bar: gap to the table ≤ 1e-9 for every N ≤ 50, ≤ 2 s each."""
    rows = {}
    for count in range(2, 51):
        system = thomson(count)
        seconds, found = _timed(lambda system=system: minima(system, starts=100))
        rows[count] = (seconds, abs(float(found.energies[0]) - system.ground_state.value))
    slowest, worst = max(rows.values())[0], max(gap for _, gap in rows.values())
    held = slowest <= 2 and worst <= 1e-9
    print(f"Thomson N = 2–50, 100 starts each: gap ≤ {worst:.1e}, ≤ {slowest:.2f} s: {'held' if held else 'MISSED'}")
    return held, {"seconds and gap": rows}


def flow_bench(replicas: int = 40) -> tuple[bool, dict]:
    """Bars: the page's flow, RKC, ends where BDF at 1e-7 does for ≥ 90 % of starts; its books balance to 1e-3."""
    system = cluster(ATOMS)
    start = system.start("random", seed=0, replicas=replicas)
    seconds, table = _timed(lambda: agreement(system, start, ("bdf", "rkc", "fire", "lbfgs"), rtol=1e-5))
    print(table.to_string(float_format=lambda value: f"{value:.3g}"), f"\n{seconds:.0f} s")
    residuals = {}
    for method in ("bdf", "rkc"):
        paths = [
            solve(
                system.flow(),
                start[i : i + 1],
                [0.0, 100.0],
                method,
                rtol=1e-6,
                atol=1e-6,
                tolerance=1e-3,
                record="steps",
                observe=state_of,
            )
            for i in range(5)
        ]
        residuals[method] = [abs(identity_check(energy_balance(system, path)).measured) for path in paths]
        print(f"identity residual of {method.upper()} at 1e-6: ≤ {max(residuals[method]):.1e}")
    ours = table[(table.method == "rkc")].iloc[0]
    held = float(ours.share) >= 0.9 and max(residuals["rkc"]) <= 1e-3
    print(f"RKC: same basin ≥ 90 % and residual ≤ 1e-3: {'held' if held else 'MISSED'}")
    return held, {"agreement": table.to_dict("records"), "residuals": residuals}


def chain_bench() -> tuple[bool, dict]:
    """Bar: every joint within 1e-7 spans of the exact polygon, from a zigzag and from the upturned arch, five seeds."""
    rows = {}
    for links, length in ((20, 2.0), (50, 2.0), (100, 2.0), (100, 1.1), (60, 4.0)):
        system, exact = hanging_chain(links, length), discrete_catenary(links, length)
        for start in system.starts:
            x = [system.start(start, seed) for seed in range(5)]
            seconds, ends = _timed(lambda system=system, x=x: [quench(system, one).states[-1, 0] for one in x])
            off = max(np.linalg.norm(end.numpy() - exact.nodes, axis=1).max() for end in ends)
            rows[f"{links} links, {length:g} spans, {start}"] = (seconds / len(x), float(off))
    for name, (seconds, off) in rows.items():
        print(f"{name:32} {1e3 * seconds:7.0f} ms  off by {off:.0e}")
    held = max(off for _, off in rows.values()) <= 1e-7
    print(f"chain within 1e-7 of the exact polygon: {'held' if held else 'MISSED'}")
    return held, {"seconds and distance": rows}


def main() -> bool:
    options = race.arguments(__doc__.splitlines()[0], repeats=5)
    torch.set_num_threads(1)
    wanted = [name for name in options.only.split(",") if name] or ["minimize", "hop", "thomson", "flow", "chain"]
    held, known = True, {"machine": race.machine()}
    for name in wanted:
        print(f"\n— {name}")
        if name == "minimize":
            held = minimize_bench(options) and held
        else:
            good, known[name] = {"hop": hop_bench, "thomson": thomson_bench, "flow": flow_bench, "chain": chain_bench}[
                name
            ]()
            held = held and good
    if options.json is not None:
        options.json.write_text(json.dumps(known, indent=1))
    return held


if __name__ == "__main__":
    race.on_one_core("tests.benchmarks.bench_energy_particles")
    raise SystemExit(0 if main() else 1)
