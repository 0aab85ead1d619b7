"""Checks of a condensate: tabulated ground states, virial identity, and the vortices of a rotating one."""

from __future__ import annotations

from math import exp, pi, sqrt

import numpy as np

from demos.common.progress import Progress
from demos.contract import Check
from demos.physics.condensate.config import CondensateConfig
from demos.physics.condensate.model import GrossPitaevskii
from demos.physics.condensate.observables import angular_momentum, net_count
from demos.physics.condensate.radial import stationary
from demos.physics.condensate.reference import density_correction, feynman_count, lattice_energy, least_energy
from demos.physics.condensate.simulate import CondensateRun

NEAR_REST = 1e-4  # largest ‖Hφ − μφ‖ at which a state is compared with a stationary one
ROUNDING = 1e-12  # relative, of an energy
CORE = 3.0  # factor on e^(−π²/(h√(2μ))); see `core_error`
MANY = 20.0  # least number of vortices by Feynman's rule for counting them; 1.5 times that for the energy of a lattice
CALM = 0.02  # largest ‖Hφ − μφ‖/μ at which the vortices have come to their final places
INNER = np.linspace(0.4, 0.7, 61)  # radii inside which vortices are counted, as fractions of the cloud's radius
RADIAL = "Newton's method on Chebyshev points in one coordinate, for this β"
FEYNMAN = "Feynman 1955; Sheehy & Radzihovsky, Phys. Rev. A 70 (2004) 063620"
LATTICE = "Ho, Phys. Rev. Lett. 87 (2001) 060403; Aftalion, Blanc & Dalibard, Phys. Rev. A 71 (2005) 023611"


def checks(config: CondensateConfig, run: CondensateRun, progress: Progress | None = None) -> list[Check]:
    """All rows, the most informative first: known values of this state, its vortices, the lower bound of the energy."""
    if not run.finite:
        reason = f"the flow ran away: {run.path.status}"
        return [Check("chemical potential", 0.0, None, incomparable=reason)]
    found = stationary_checks(config, run)
    if run.condensate.is_complex:
        found = _vortex_checks(config, run) + found + [_least_energy_check(config, run)]
    if run.condensate.trap == "harmonic" and winding_of(config, run) is not None:
        found.append(virial_check(run, config.multiplier))
    found.append(downhill_check(config, run))
    norm = float(run.condensate.torus.cell * run.end.square().sum())
    return [*found, Check("norm", norm, 1.0, floor=1e-13, source="the constraint", about="code")]


def winding_of(config: CondensateConfig, run: CondensateRun) -> int | None:
    """The winding number of the known state to compare with: 0 for a round cloud, 1 for one vortex; else None."""
    if not run.condensate.is_complex:
        return 0
    charges = run.vortices[-1][1]
    if config.start in ("gaussian", "thomas_fermi"):
        return 0
    if config.start == "turbulent":  # at a slow rotation all vortices leave the cloud
        return 0 if not len(charges) and run.residual < NEAR_REST else None
    return 1 if list(charges) == [1] else None


def unsettled(run: CondensateRun) -> str:
    """Why the end cannot be compared yet; "" where it can."""
    return "" if run.residual < NEAR_REST else f"still settling: ‖Hφ − μφ‖ is {run.residual:.1e}"


def core_error(condensate: GrossPitaevskii, mu: float) -> float:
    """The discretization error of a vortex core of width ξ = 1/√(2μ) on a grid of spacing h, as an error of the virial
    (that of μ, E and the width is smaller): the spectrum beyond the grid's, which falls off exponentially.

    Measured by refinement, β = 200 to 2,000 on 48² to 128² points, it is 0.5 to 1.7 times e^(−π²ξ/h).
    """
    return CORE * exp(-(pi**2) / (condensate.torus.spacings[0] * sqrt(2 * mu))) if mu > 0 else 0.0


def stationary_checks(config: CondensateConfig, run: CondensateRun) -> list[Check]:
    """Rows of μ, E and width against the stationary state of the same β, which Newton's method finds in one coordinate.

    Their floor depends on ‖Hφ − μφ‖ at the end, in two classes, and on the grid's resolution of a vortex's core.
    """
    condensate, winding = run.condensate, winding_of(config, run)
    if winding is None:
        return []
    try:
        exact = stationary(int(config.dimensions), config.beta, condensate.trap == "lattice", winding)
    except ValueError as problem:
        return [Check("chemical potential", float(run.chemical_potentials[-1]), None, why=str(problem).rstrip("."))]
    turned = config.rotation * winding
    away = 1e-7 if run.residual < 1e-7 else NEAR_REST
    core = 0.0 if not winding else core_error(condensate, exact.mu)
    inside = len(run.vortices[-1][1]) if condensate.is_complex else 0
    reason = unsettled(run) if config.multiplier else ""
    if winding == 0 and inside:
        one = "vortex has" if inside == 1 else "vortices have"
        reason = f"{inside} {one} entered the round cloud: it is no longer the state without any"
    elsewhere = "" if config.multiplier else "as steps without μφ rest elsewhere"
    width = float(condensate.width_rms(run.end))
    rows = (
        ("chemical potential", float(run.chemical_potentials[-1]), exact.mu - turned, 4 * (1 + exact.mu) * away + core),
        ("energy", float(run.energies[-1]), exact.energy - turned, 4 * (1 + exact.mu) * away**2 + core),
        ("width", width, exact.width, 4 * (condensate.cloud_radius + 1) ** 2 / exact.width * away + core),
    )
    found = [
        Check(
            name,
            measured,
            truth,
            floor=floor + 1e-8 * max(1.0, truth),
            source=RADIAL,
            incomparable=reason,
            explained=elsewhere,
        )
        for name, measured, truth, floor in rows
    ]
    if condensate.is_complex:
        momentum = Check(
            "angular momentum",
            float(angular_momentum(condensate, run.end)),
            float(winding),
            floor=1e-6 + away + core,
            unit="ħ",
            source="a round cloud has none" if winding == 0 else "one vortex in the middle carries ħ a particle",
            incomparable=reason,
        )
        found.insert(1, momentum)
    return found


def downhill_check(config: CondensateConfig, run: CondensateRun) -> Check:
    """The row of the largest rise of the energy between two frames, as a share of its total fall."""
    fall = float(run.energies[0] - run.energies.min())
    rise = float(np.diff(run.energies).max(initial=0.0))
    size = abs(float(run.energies[0]))
    fell = fall > 1e-6 * size
    still = "" if fell or rise <= ROUNDING * size else "the energy hardly fell"  # no rise is no share of any fall
    return Check(
        "largest rise of the energy between two pictures",
        100 * max(rise, 0.0) / fall if fell else 0.0,
        0.0,
        floor=2.0,
        unit="% of the fall",
        source="the flow goes downhill",
        incomparable=still,
        explained="" if config.multiplier else "as steps without μφ may climb",
    )


def virial_check(run: CondensateRun, multiplier: bool) -> Check:
    """The row of the virial, which is 0 where stretching φ does not change E to first order. Its floor depends on the
    distance from rest and on the grid's resolution of a vortex's core."""
    condensate = run.condensate
    reach = float(condensate.width_rms(run.end)) * condensate.width  # Hφ − μφ against r·∇φ
    edge = condensate.width**4 * float(condensate.density(run.end)[..., 0].max())  # V|φ|² along the sides of the box
    away = 1e-7 if run.residual < 1e-7 else NEAR_REST
    core = core_error(condensate, condensate.thomas_fermi) if condensate.is_complex else 0.0
    floor = 1e-8 + 2 * reach * away + edge + core
    return Check(
        "virial",
        float(condensate.virial(run.end)),
        0.0,
        floor=floor,
        source="E cannot gain by stretching φ: 2 kinetic − 2 trap + d interaction = 0",
        incomparable=unsettled(run) if multiplier else "",
        explained="" if multiplier else "as steps without μφ rest elsewhere",
    )


def _least_energy_check(config: CondensateConfig, run: CondensateRun) -> Check:
    source = "Ω + ⅔√((1 − Ω²)β/π): no flow in a smooth cloud"
    least = least_energy(GrossPitaevskii(2, config.beta, rotation=config.rotation))
    return Check("energy, at least the smallest possible", float(run.energies[-1]), least, bound="lower", source=source)


def _vortex_checks(config: CondensateConfig, run: CondensateRun) -> list[Check]:
    """Rows of a rotating cloud: the number of vortices inside a radius, and the energy of a lattice of many.

    The number of lattice points in a disc differs from its expectation N by about N^(1/4), nearly at random.
    """
    condensate = run.condensate
    laws = GrossPitaevskii(2, config.beta, rotation=config.rotation)  # with the config's β and Ω
    many = feynman_count(laws, 1.0)
    if config.start != "turbulent" or winding_of(config, run) == 0:
        return []
    calm = run.residual < CALM * max(condensate.thomas_fermi, 1.0)
    moving = "" if calm else f"vortices still look for their places: ‖Hφ − μφ‖ is {run.residual:.1e}"
    few = f"only {many:.1f} vortices fit by Feynman's rule, which counts many" if many < MANY else ""
    exact = float((feynman_count(laws, INNER) - density_correction(laws, INNER)).mean())
    measured = float(net_count(condensate, run.vortices[-1], INNER).mean())
    other = int((run.vortices[-1][1] < 0).sum())
    found = [
        Check(
            "vortices inside 0.4 to 0.7 radii",
            measured,
            max(exact, 0.0),
            uncertainty=0.2 * max(exact, 1.0) ** 0.25,
            source=FEYNMAN,
            note="Ωr² of a rigid body, less what the falling density takes",
            incomparable=few or moving,
        ),
        Check(
            "vortices that turn the other way",
            other,
            0,
            source="all turn with the trap, once they have found their places",
            incomparable=moving,
        ),
    ]
    rigid = condensate.rotation * float(condensate.width_rms(run.end)) ** 2
    momentum = float(angular_momentum(condensate, run.end))
    few = f"only {many:.0f} vortices fit: the law of a lattice holds for many" if many < 1.5 * MANY else ""
    most = lattice_energy(laws)
    found.append(
        Check(
            "energy, at most that of a lattice",
            float(run.energies[-1]),
            most,
            source=LATTICE,
            bound="upper",
            floor=1e-3 * most,
            incomparable=few or moving,
        )
    )
    found.append(
        Check(
            "angular momentum",
            momentum,
            rigid,
            bound="upper",
            floor=1e-6,
            unit="ħ",
            source="Ω⟨r²⟩ of a solid body turning with the trap",
            incomparable=moving,
        )
    )
    return found
