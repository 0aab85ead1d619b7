"""What a condensate must be, beside what it is: its tables, its virial, and the vortices of a stirred one."""

from __future__ import annotations

from math import log, sqrt

import numpy as np

from demos.common.progress import Progress
from demos.contract import Check
from demos.physics.condensate.descent import angular_momentum, ground_state, ground_state_checks
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.condensate.run import FINDING, FOLLOWING, Followed, settled
from demos.physics.config import EnergyConfig

ABRIKOSOV = 1.1595953  # ⟨|φ|⁴⟩/⟨|φ|²⟩² of the triangular lattice
MANY = 20.0  # vortices by Feynman's rule, from which they are counted; half as many more, and a lattice has its energy
CALM = 0.02  # ‖Hφ − μφ‖ over μ, below which vortices have found their places
NEAR = 0.05  # ‖Hφ − μφ‖, a tenth of the lowest excitation of the traps here
INNER = np.linspace(0.4, 0.7, 61)  # radii, in those of the cloud, inside which vortices are counted
FEYNMAN = "Feynman 1955; Sheehy & Radzihovsky, Phys. Rev. A 70 (2004) 063620"
LATTICE = "Ho, Phys. Rev. Lett. 87 (2001) 060403; Aftalion, Blanc & Dalibard, Phys. Rev. A 71 (2005) 023611"


def checks(config: EnergyConfig, run: Followed, progress: Progress | None = None) -> list[Check]:
    if not settled(run.run):
        return []
    found = list(ground_state_checks(run.condensate, run.run.end))
    if not run.condensate.is_complex:
        return found
    energy, lowest = float(run.run.energies[-1]), least_energy(run.condensate)
    found.insert(
        0,
        Check(
            "energy below the least possible",
            max(0.0, lowest - energy),
            0.0,
            floor=1e-9,
            source="Ω + ⅔√((1 − Ω²)β/π): no flow in a smooth cloud",
        ),
    )
    if config.start in ("gaussian", "thomas_fermi"):
        return found + _without_vortices(run, energy, progress)
    calm = run.residual < CALM * run.condensate.thomas_fermi
    if calm and config.start == "turbulent" and feynman(run.condensate, 1.0) >= MANY:
        most = lattice_energy(run.condensate)
        if feynman(run.condensate, 1.0) >= 1.5 * MANY:
            found.insert(
                0,
                Check(
                    "energy, at most that of a lattice",
                    energy,
                    most,
                    source=LATTICE,
                    bound=True,
                    floor=1e-3 * most + 2 * run.residual**2,
                ),
            )
        found.insert(0, _inside(run))
    return found


def least_energy(condensate: GrossPitaevskii) -> float:
    """In the rotating frame ½|(−i∇ − Ω × r)φ|² is at least Ω|φ|² in the mean, and what is left is a Thomas–Fermi cloud
    in the trap ½(1 − Ω²)r²."""
    return abs(condensate.rotation) + 2 / 3 * condensate.thomas_fermi


def lattice_energy(condensate: GrossPitaevskii) -> float:
    """Of the triangular lattice in the lowest Landau level, for many vortices: β is times Abrikosov's number."""
    return abs(condensate.rotation) + 2 / 3 * condensate.thomas_fermi * sqrt(ABRIKOSOV)


def feynman(condensate: GrossPitaevskii, share: float | np.ndarray) -> float | np.ndarray:
    """Ωr²: vortices inside a share of the cloud's radius, as a rigid body would have them."""
    return abs(condensate.rotation) * (share * condensate.cloud_radius) ** 2


def fewer(condensate: GrossPitaevskii, share: np.ndarray) -> np.ndarray:
    """What the falling density takes from Feynman's count: ½ ln(1/(eΩξ²)) (R²/(R² − r²) − 1), ξ² = 1/2μ."""
    room = log(max(2 * condensate.thomas_fermi / abs(condensate.rotation), 1e-300)) - 1
    return 0.5 * max(room, 0.0) * (1 / (1 - share**2) - 1)


def counted(run: Followed, frame: int, share: np.ndarray) -> np.ndarray:
    """Vortices less antivortices inside shares of the cloud's radius"""
    places, charges = run.found[frame]
    radii = np.hypot(*places.T) / max(run.condensate.cloud_radius, 1e-300)
    return ((radii[None] < share[:, None]) * charges[None]).sum(1).astype(float)


def _inside(run: Followed) -> Check:
    """A disc's count of lattice points differs from its area by about the fourth root of it, more or less at random."""
    exact = float((feynman(run.condensate, INNER) - fewer(run.condensate, INNER)).mean())
    measured = float(counted(run, -1, INNER).mean())
    sign = np.sign(run.condensate.rotation)
    return Check(
        "vortices inside 0.4 to 0.7 radii",
        sign * measured,
        exact,
        uncertainty=0.2 * exact**0.25,
        source=FEYNMAN,
        note="Ωr² of a rigid body, less what the falling density takes",
    )


def _without_vortices(run: Followed, energy: float, progress: Progress | None) -> list[Check]:
    """A round cloud has no angular momentum, and its energy is that without rotation."""
    still = GrossPitaevskii(2, run.condensate.beta, points=run.condensate.points, width=run.condensate.width)
    begun = FOLLOWING + FINDING
    share = None if progress is None else lambda done: progress(begun + (1 - begun) * done)
    rest = ground_state(still, still.system().start("thomas_fermi"), frames=2, progress=share)
    return [
        Check(
            "energy, as without rotation",
            energy,
            float(rest.energies[-1]),
            floor=1e-6 + 2 * run.residual**2,
            source="a round cloud does not feel the rotation",
        ),
        Check(
            "angular momentum",
            float(angular_momentum(run.condensate, run.run.end)),
            0.0,
            floor=1e-6 + run.residual,
            source="a round cloud has none",
            unit="ħ",
        ),
    ]


def notes(config: EnergyConfig, run: Followed) -> list[str]:
    path, found = run.run.path, []
    if not settled(run.run):
        return found
    if not config.multiplier:
        found.append(f"Shown are {path.steps:,} steps without the multiplier.")
    elif run.at_rest:
        found.append(f"At rest after {path.steps:,} steps: no component of Hφ − μφ exceeds 1e-9.")
    else:
        found.append(f"Still settling after {path.steps:,} steps: ‖Hφ − μφ‖ = {run.residual:.1e}; {_falling(run)}.")
    mu = float(run.run.chemical_potentials[-1])
    cloud = f"; Thomas–Fermi, without kinetic energy, has μ = {run.condensate.thomas_fermi:.4g}"
    known = run.condensate.beta > 0 and run.condensate.trap == "harmonic"
    found.append(f"E = {run.run.energies[-1]:.8g}, μ = {mu:.8g}{cloud if known else ''}.")
    if run.condensate.is_complex:
        found += _vortex_notes(config, run)
    return found


def _falling(run: Followed) -> str:
    """How far E still is from its end. Near a state at rest it is ‖Hφ − μφ‖² over the gap, at least ½ here; vortices
    that move past each other change hardly anything at a time, and tell nothing of how far they have to go."""
    if not run.condensate.is_complex and run.residual < NEAR:
        return "E is right to about its square"
    steps, energies = run.run.steps, run.run.energies
    back = max(int(np.searchsorted(steps, steps[-1] - 100, side="right")) - 1, 0)
    return f"E fell by {energies[back] - energies[-1]:.2g} in the last {steps[-1] - steps[back]:,} of them"


def reference_energy(run: Followed) -> float:
    """What the chart's gap is counted from: the table's ground state; of a stirred cloud what no state falls below;
    else the end of the run, less what it may still fall."""
    if run.condensate.is_complex:
        return least_energy(run.condensate)
    known = next((r.value for r in run.condensate.system().references if r.name == "energy"), None)
    return float(run.run.energies[-1]) - 2 * run.residual**2 if known is None else known


def _vortex_notes(config: EnergyConfig, run: Followed) -> list[str]:
    _, charges = run.found[-1]
    up, down = int((charges > 0).sum()), int((charges < 0).sum())
    if not up + down:
        closed = ", and a round start lets none in" if config.start in ("gaussian", "thomas_fermi") else ""
        pays = first_vortex(run.condensate)
        return [f"No vortex: one pays from about Ω = {pays:.2g} on{closed}." if pays < 1 else "No vortex: none pays."]
    momentum = float(angular_momentum(run.condensate, run.run.end))
    rigid = run.condensate.rotation * float(run.condensate.width_rms(run.run.end)) ** 2
    other = f", {down} of the other sign" if down else ", all of one sign"
    return [
        f"{up} {'vortices' if up != 1 else 'vortex'}{other if up > 1 or down else ''}; angular momentum "
        f"{momentum:.3g} ħ a particle, {momentum / rigid:.1%} of a rigid body's."
    ]


def first_vortex(condensate: GrossPitaevskii) -> float:
    """Ω from which one vortex lowers the energy, of a large cloud: (2/R²) ln(0.89 R/ξ), with R and μ at rest."""
    still = GrossPitaevskii(2, condensate.beta, points=64)
    radius, healing = still.cloud_radius, 1 / sqrt(2 * max(still.thomas_fermi, 1e-300))
    return 2 / radius**2 * log(max(0.89 * radius / healing, 1.0)) if radius > 0 else 1.0


def warnings(config: EnergyConfig, run: Followed) -> list[str]:
    if not settled(run.run):
        return [f"The flow ran away: {run.run.path.status}."]
    found = []
    if not config.multiplier:
        mu = float(run.run.chemical_potentials[-1])
        exact = next((r.value for r in run.condensate.system().references if r.name == "chemical potential"), None)
        words = f", {mu - exact:+.2g} from the exact {exact:.8g}" if exact is not None else ""
        found.append(
            f"Without μφ in the step the flow rests elsewhere, at ‖Hφ − μφ‖ = {run.residual:.1e}: μ = {mu:.7g}"
            f"{words}; another step size gives another state."
        )
    return found
