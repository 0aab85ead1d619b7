"""Named presets of fields, films and condensates: each teaches one thing in one sentence."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.config import EnergyConfig


def phase(**changes) -> EnergyConfig:
    return EnergyConfig(**({"system": "phase", "method": "etdrk2_adaptive", "duration": 150.0} | changes))


def film(**changes) -> EnergyConfig:
    return EnergyConfig(**({"system": "film", "method": "rkc", "start": "cylinder", "duration": 20.0} | changes))


def condensate(**changes) -> EnergyConfig:
    return EnergyConfig(
        **(
            {"system": "condensate", "method": "normalized", "start": "gaussian", "step": 1.0, "iterations": 1_000}
            | changes
        )
    )


SCENES = (
    Scene(
        "spinodal",
        "Spinodal decomposition",
        "Every wave of the mixture grows at its own rate; the fastest sets the pattern, which then coarsens as ∛t.",
        phase(start="spinodal"),
    ),
    Scene(
        "nucleation",
        "Nucleation",
        "Outside the spinodal small drops dissolve and only large ones grow: a barrier, where a mixture had none.",
        phase(start="nucleation", duration=300.0),
    ),
    Scene(
        "two_metrics",
        "One energy, two metrics",
        "The same energy and start: in L² walls vanish and the mean drifts, in H⁻¹ the mass stays, drops must grow.",
        phase(start="spinodal", metric="both", duration=80.0),
    ),
    Scene(
        "disc",
        "A disc shrinks",
        "In L² a wall moves by its curvature: R² falls at −2γ, on a straight line, until the disc is gone.",
        phase(start="disc", metric="L2", gamma=4.0, duration=220.0),
    ),
    Scene(
        "slow_clock",
        "Monotone is not accurate",
        "A large stable step: the energy falls at every step, yet the disc is 3.4 times too slow.",
        phase(start="disc", metric="L2", method="semi_implicit", step=1.0, stabilizer=2.0, gamma=4.0, duration=220.0),
    ),
    Scene(
        "ripening",
        "Ostwald ripening",
        "In H⁻¹ mass flows from the small drop, where the curvature is higher, to the large one, until it is gone.",
        phase(start="two_discs", gamma=8.0, duration=6_000.0),
    ),
    Scene(
        "film_holds",
        "A film that holds",
        "Rings at 0.99 of the critical distance: two discs would have less area, but a barrier keeps the catenoid.",
        film(separation=1.312),
    ),
    Scene(
        "film_snaps",
        "A film that snaps",
        "One percent past the critical distance: the film lingers at the ghost of the catenoid, then snaps.",
        film(separation=1.339),
    ),
    Scene(
        "film_pass",
        "Just below the pass",
        "A hundredth thinner than the unstable catenoid, the film closes although the stable one is the least area.",
        film(separation=1.0, start="below", duration=4.0),
    ),
    Scene(
        "ground_state",
        "Ground state",
        "From a Gaussian to the ground state: E and μ agree with the table to eight digits, and the virial vanishes.",
        condensate(),
    ),
    Scene(
        "optical_lattice",
        "Atoms in a lattice",
        "A trap with a lattice in one dimension: atoms spill over the barriers until every well has the same μ.",
        condensate(dimensions="1", trap="lattice", beta=250.0, iterations=2_000),
    ),
    Scene(
        "vortex_lattice",
        "Vortex lattice",
        "Stirred, a condensate turns only by vortices: all of one sign, as many inside r as Feynman's rule says.",
        condensate(start="turbulent", beta=500.0, rotation=0.8, iterations=2_500),
    ),
)
