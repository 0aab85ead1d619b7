"""What a condensate must be, beside what it is: its tables, its virial, and the vortices of a rotating one."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from demos.common.progress import Progress, part
from demos.contract import Check
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.condensate.observables import angular_momentum, net_count
from demos.physics.condensate.reference import density_correction, feynman_count, lattice_energy, least_energy
from demos.physics.condensate.simulate import FOUND, CondensateRun, ground_state

MOST_FLOOR = 0.01  # share of a number that a comparison with it may allow
MANY = 20.0  # vortices by Feynman's rule, from which they are counted; half as many more, and a lattice has its energy
CALM = 0.02  # ‖Hφ − μφ‖ over μ, below which vortices have found their places
INNER = np.linspace(0.4, 0.7, 61)  # radii, in those of the cloud, inside which vortices are counted
FEYNMAN = "Feynman 1955; Sheehy & Radzihovsky, Phys. Rev. A 70 (2004) 063620"
LATTICE = "Ho, Phys. Rev. Lett. 87 (2001) 060403; Aftalion, Blanc & Dalibard, Phys. Rev. A 71 (2005) 023611"


def checks(config: CondensateConfig, run: CondensateRun, progress: Progress | None = None) -> list[Check]:
    """None for a run that ran away."""
    if not run.finite:
        return []
    found = list(ground_state_checks(run.condensate, run.end))
    if not run.condensate.is_complex:
        return found
    found.insert(0, _least_energy_check(run))
    if config.start in ("gaussian", "thomas_fermi"):
        return found + _vortex_free_checks(run, part(progress, FOUND, 1, 1 - FOUND))
    calm = run.residual < CALM * run.condensate.thomas_fermi
    return _lattice_checks(run) + found if calm and config.start == "turbulent" else found


def ground_state_checks(condensate: GrossPitaevskii, x: Tensor) -> tuple[Check, ...]:
    """Measured beside exact for one state (1, …): the tables' numbers where they have this β, the virial, the norm.

    The floors grow with ‖Hφ − μφ‖; what would allow more than a `MOST_FLOOR` share of itself (of E, for the virial) is
    left out: a state that is still far from rest says nothing there.
    """
    residual, energy = float(condensate.residual(x)), float(condensate.energy(x))
    away = 2 * residual  # from the stationary state, in norm: the lowest excitation of the traps here costs ½ or more
    peak, width = condensate.beta * float(condensate.density(x).max()), float(condensate.width_rms(x))
    measured = {"energy": energy, "chemical potential": condensate.chemical_potential(x), "width": width}
    floors = {
        "energy": residual * away,
        "chemical potential": 2 * peak * away,
        "width": (condensate.cloud_radius + 1) ** 2 / width * away,
    }
    found = [
        Check(r.name, float(measured[r.name]), r.value, floor=r.floor + floors[r.name], source=r.source)
        for r in condensate.system().references
        if floors[r.name] <= MOST_FLOOR * r.value
    ]
    if condensate.trap == "harmonic":
        reach = width * condensate.width  # Hφ − μφ against r·∇φ
        edge = condensate.width**4 * float(condensate.density(x)[..., 0].max())  # V|φ|² along the sides of the box
        floor = 1e-9 + reach * residual + edge
        if floor <= MOST_FLOOR * energy:
            source = "E cannot gain by stretching φ: 2 kinetic − 2 trap + d interaction = 0"
            found.append(Check("virial", float(condensate.virial(x)), 0.0, floor=floor, source=source))
    norm = float(condensate.torus.cell * x.square().sum())
    found.append(Check("norm", norm, 1.0, floor=1e-13, source="the constraint"))
    return tuple(found)


def _least_energy_check(run: CondensateRun) -> Check:
    missing = max(0.0, least_energy(run.condensate) - float(run.energies[-1]))
    source = "Ω + ⅔√((1 − Ω²)β/π): no flow in a smooth cloud"
    return Check("energy below the least possible", missing, 0.0, floor=1e-9, source=source)


def _lattice_checks(run: CondensateRun) -> list[Check]:
    """Of a cloud with many vortices that have found their places: their number, and the energy of a lattice.

    A disc's count of lattice points differs from its area by about the fourth root of it, more or less at random.
    """
    condensate, found = run.condensate, []
    many = feynman_count(condensate, 1.0)
    if many < MANY:
        return found
    exact = float((feynman_count(condensate, INNER) - density_correction(condensate, INNER)).mean())
    measured = float(net_count(condensate, run.vortices[-1], INNER).mean())
    found.append(
        Check(
            "vortices inside 0.4 to 0.7 radii",
            np.sign(condensate.rotation) * measured,
            exact,
            uncertainty=0.2 * exact**0.25,
            source=FEYNMAN,
            note="Ωr² of a rigid body, less what the falling density takes",
        )
    )
    if many >= 1.5 * MANY:
        most = lattice_energy(condensate)
        found.append(
            Check(
                "energy, at most that of a lattice",
                float(run.energies[-1]),
                most,
                source=LATTICE,
                bound="upper",
                floor=1e-3 * most + 2 * run.residual**2,
            )
        )
    return found


def _vortex_free_checks(run: CondensateRun, progress: Progress | None) -> list[Check]:
    """A round cloud has no angular momentum, and its energy is that without rotation."""
    rotating = run.condensate
    still = GrossPitaevskii(2, rotating.beta, points=rotating.points, width=rotating.width)
    rest = ground_state(still, still.system().start("thomas_fermi"), frames=2, progress=progress)
    return [
        Check(
            "energy, as without rotation",
            float(run.energies[-1]),
            float(rest.energies[-1]),
            floor=1e-6 + 2 * run.residual**2,
            source="a round cloud does not feel the rotation",
        ),
        Check(
            "angular momentum",
            float(angular_momentum(rotating, run.end)),
            0.0,
            floor=1e-6 + run.residual,
            source="a round cloud has none",
            unit="ħ",
        ),
    ]
