"""Fields at rest and in motion beside their peer: Cahn–Hilliard against py-pde, and the bars that need no peer.

    python -m tests.benchmarks.bench_energy_fields [--repeats 3] [--json out.json]
        [--only cahn_hilliard,steps,circle,condensate,ritz,film]

Everything on one core; seconds are those of the process. py-pde's explicit Euler takes 166,667 equal steps to T = 1000;
it does so once, and what it needs to compile (in every one of its `solve` calls) is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median
from time import perf_counter, process_time

import numpy as np
import torch

from demos.gradient_flow import solve
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.condensate.radial import stationary
from demos.physics.condensate.simulate import ground_state
from demos.physics.deep_ritz.config import DeepRitzConfig
from demos.physics.deep_ritz.learning import learn
from demos.physics.deep_ritz.reference import exact_energy
from demos.physics.phase_field.model import PhaseField
from demos.physics.phase_field.simulate import run_field
from demos.physics.phase_field.studies import shrinking_circle
from demos.physics.soap_film.critical_point import critical_point
from demos.physics.soap_film.model import SoapFilm
from demos.physics.soap_film.reference import catenoids
from tests.benchmarks import race

SIZE, GAMMA, END = 256, 4.0, 1000.0
LATE = 0.1  # how late an adaptive step may be: as on the page
EULER_STEP = 0.006  # of py-pde: the stability limit of the five-point Δ² at γ = 4 is 2/(64γ) = 0.0078


def timed(work: Callable, repeats: int) -> tuple[float, float, object]:
    """Median seconds of the process and on the clock; the last result. One untimed round first."""
    result, seconds, wall = work(), [], []
    for _ in range(repeats):
        clock, began = perf_counter(), process_time()
        result = work()
        seconds.append(process_time() - began)
        wall.append(perf_counter() - clock)
    return median(seconds), median(wall), result


def report(name: str, value: str, holds: bool | None = None, bar: str = "") -> dict:
    verdict = "" if holds is None else "  holds" if holds else "  MISSED"
    print(f"{name:46} {value}{'  (bar: ' + bar + ')' if bar else ''}{verdict}", flush=True)
    return {"name": name, "value": value, "bar": bar, "holds": holds}


def py_pde(start: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Seconds of compiling, seconds of all steps to T = 1000, the state there. Raises ImportError without py-pde."""
    import numba
    import pde

    numba.set_num_threads(1)
    state = pde.ScalarField(pde.CartesianGrid([[0, SIZE]] * 2, SIZE, periodic=True), start)
    solver = pde.EulerSolver(pde.CahnHilliardPDE(interface_width=GAMMA), backend="numba")
    began = process_time()
    step = solver.make_stepper(state, EULER_STEP)
    now = step(state, 0.0, 2 * EULER_STEP)
    compiled = process_time() - began
    began = process_time()
    step(state, now, END)
    return compiled, process_time() - began, state.data


def cahn_hilliard(repeats: int) -> list[dict]:
    """256², γ = 4, the same five-point Laplacian and the same start for both; T = 1000."""
    field = PhaseField(SIZE, GAMMA, "H-1", laplacian="stencil")
    start = field.system().start("spinodal", 0)
    flow = field.system().flow()
    exact = float(solve(flow, start, np.linspace(0, END, 4001), "etdrk2", record=2).energies[-1, 0])
    rows = [report("Cahn–Hilliard to T = 1000", f"E = {exact:.2f} by 4,000 ETDRK2 steps of 0.25 (true to 4e-5)")]
    peer = None
    try:
        compiled, peer, data = py_pde(start[0].numpy())
        error = float(field.energy(torch.from_numpy(data)[None])) / exact - 1
        words = (
            f"{END / EULER_STEP:,.0f} steps, energy error {100 * error:+.3f} %; {compiled:.1f} s of compiling left out"
        )
        rows.append(report("  py-pde, explicit Euler, numba", f"{peer:8.2f} s  ({words})"))
    except ImportError as missing:
        rows.append(report("  py-pde, explicit Euler, numba", f"left out: {missing}"))
    missed: list[float] = []  # what the identity missed in each measured run

    def measured():
        run = run_field(field, start, END, lateness=LATE)
        missed.append(float(run.residual[-1]))
        return run.path

    ways = {
        "adaptive ETDRK2, energy balance recorded": measured,
        "adaptive ETDRK2": lambda: solve(
            flow,
            start,
            [0.0, END],
            "etdrk2_adaptive",
            record=2,
            rtol=1e-2,
            atol=1e-2,
            relative_lateness=LATE,
            stabilizer=0.5,
        ),
        "ETDRK2, S = 2, steps of 0.5": lambda: solve(
            flow, start, np.linspace(0, END, 2001), "etdrk2", record=2, stabilizer=2.0
        ),
        "semi-implicit, S = 2, steps of 0.5": lambda: solve(
            flow, start, np.linspace(0, END, 2001), "semi_implicit", record=2, stabilizer=2.0
        ),
    }
    for name, work in ways.items():
        seconds, wall, path = timed(work, repeats)
        error = float(path.energies[-1, 0]) / exact - 1 if path.energies.shape[1:] else float("nan")
        words = f"{seconds:8.2f} s  ({wall:.2f} s on the clock, {path.steps} steps, energy error {100 * error:+.2f} %)"
        if missed:
            words += f"  identity misses {100 * missed.pop():+.2f} %"
            missed.clear()
        ratio = None if peer is None else peer / seconds
        words += "" if ratio is None else f"  {ratio:.1f} × faster"
        judged = ratio is not None and name.startswith("adaptive")  # the others stand by for comparison
        rows.append(
            report(
                f"  {name}",
                words,
                ratio >= 10 and abs(error) <= 0.01 if judged else None,
                "≥ 10 × at ≤ 1 %" if judged else "",
            )
        )
    return rows


def steps(repeats: int) -> list[dict]:
    """Steps a second at 256² with energy and dissipation at each, frames kept."""
    rows = []
    for metric, step in (("H-1", 0.25), ("L2", 0.1)):
        field = PhaseField(SIZE, GAMMA, metric)
        start = field.system().start("spinodal", 0)
        for method in ("etdrk2", "semi_implicit"):
            seconds, wall, _ = timed(
                lambda f=field, s=start, m=method, h=step: run_field(f, s, 100 * h, 30, step=h, method=m), repeats
            )
            rows.append(
                report(
                    f"256² {metric}, {method}, energy balance at every step",
                    f"{100 / seconds:8.0f} steps/s ({100 / wall:.0f} on the clock)",
                    100 / seconds >= 100,
                    "≥ 100",
                )
            )
    return rows


def circle(repeats: int) -> list[dict]:
    seconds, _, found = timed(lambda: shrinking_circle(PhaseField(128, 2.0)), repeats)
    error = found.slope / found.exact - 1
    words = f"slope {found.slope:.4f} for {found.exact:.4f}, {100 * error:+.2f} %, identity {found.residual:+.1e}"
    return [report("Allen–Cahn circle, 128², default step", f"{words}, {seconds:.2f} s", abs(error) <= 0.015, "1.5 %")]


def condensate(repeats: int) -> list[dict]:
    rows = []
    for dimensions, beta, trap in (
        (2, 62.742, "harmonic"),
        (2, 627.42, "harmonic"),
        (1, 400.0, "harmonic"),
        (1, 250.0, "lattice"),
    ):
        one = GrossPitaevskii(dimensions, beta, trap, points=96 if dimensions == 2 else None)
        seconds, wall, run = timed(lambda one=one: ground_state(one, one.system().start("thomas_fermi")), repeats)
        exact = stationary(dimensions, beta, trap == "lattice")
        errors = (float(run.energies[-1]) - exact.energy, float(run.chemical_potentials[-1]) - exact.mu)
        rows.append(
            report(
                f"condensate, {dimensions}-D, β = {beta:g}, {trap}",
                f"{seconds:8.3f} s ({wall:.3f} s on the clock), E {errors[0]:+.1e}, μ {errors[1]:+.1e}, "
                f"{run.path.steps} steps",
                max(map(abs, errors)) <= 1e-7 and seconds <= 1.0,
                "1e-7, 1 s",
            )
        )
    return rows


def ritz(repeats: int) -> list[dict]:
    config = DeepRitzConfig(iterations=300, step=0.1)
    seconds, wall, run = timed(lambda: learn(config), repeats)
    energy, centre = run.energies[-1] / exact_energy() - 1, run.centre_errors[-1]
    return [
        report(
            "Deep Ritz, 697 weights, 300 L-BFGS steps",
            f"{seconds:8.2f} s ({wall:.2f} s on the clock), energy {energy:+.1e} of itself, centre {centre:+.1e}",
            seconds <= 1.0 and abs(energy) < 1e-3,
            "1 s",
        )
    ]


def film(repeats: int) -> list[dict]:
    rows = []
    for separation in (1.0, 1.3):
        exact, errors = catenoids(separation)[0], []
        for links in (50, 100, 200):
            one = SoapFilm(separation, links)
            start = exact.radius(one.heights[1:-1].numpy())
            seconds, _, point = timed(lambda one=one, start=start: critical_point(one, start), repeats)
            errors.append(abs(point.neck - exact.neck))
            rows.append(
                report(
                    f"soap film, {separation:g} apart, {links} links",
                    f"{seconds * 1e3:8.1f} ms, neck error {point.neck - exact.neck:+.1e}",
                )
            )
        order = float(np.log2(errors[0] / errors[2]) / 2)
        rows.append(
            report(f"soap film, {separation:g} apart, order of the neck", f"{order:.3f}", abs(order - 2) < 0.05, "2")
        )
    return rows


def main() -> bool:
    options = race.arguments(__doc__.splitlines()[0], repeats=3)
    torch.set_num_threads(1)
    parts = {
        "cahn_hilliard": cahn_hilliard,
        "steps": steps,
        "circle": circle,
        "condensate": condensate,
        "ritz": ritz,
        "film": film,
    }
    wanted = [name for name in options.only.split(",") if name] or list(parts)
    rows = [row for name in wanted for row in parts[name](options.repeats)]
    if options.json:
        options.json.write_text(json.dumps({"machine": race.machine(), "rows": rows}, indent=1))
    return all(row["holds"] is not False for row in rows)


if __name__ == "__main__":
    race.on_one_core("tests.benchmarks.bench_energy_fields")
    raise SystemExit(0 if main() else 1)
