"""A network beside the exact solution: its energy as a distance, and its value in the middle of the square."""

from __future__ import annotations

from math import log, pi, sqrt

from demos.contract import Check
from demos.physics.deep_ritz.learning import Learning
from demos.physics.deep_ritz.model import DeepRitz
from demos.physics.deep_ritz.reference import SOURCE, exact_centre, exact_energy

FINE = 40  # Gauss points a side of the check: against 64 they change the distance by less than 1e-7 of it


def checks(run: Learning) -> tuple[Check, ...]:
    """Checks of the network of lowest energy."""
    best, fine = run.weights[run.best : run.best + 1], DeepRitz(run.model.width, FINE)
    gap, distance = float(fine.energy(best)) - exact_energy(), float(fine.distance(best))
    results = [
        Check(
            "E − E*",
            gap,
            distance,
            floor=1e-5 * distance + 1e-12,
            source="½∫|∇(u − u*)|², Green's identity",
            note="holds for every network: the lower the energy, the nearer the solution",
        )
    ]
    bound = centre_bound(distance)
    if bound < exact_centre():  # else the energy does not even tell the sign of the value
        results.append(Check("centre value", float(fine.centre(best)), exact_centre(), floor=bound, source=SOURCE))
    return tuple(results)


def centre_bound(distance: float) -> float:
    """The largest error at a point of a network whose error e has no detail finer than δ = 1/FINE.

    |e| ≤ ‖∇e‖ √(ln(1/δ)/2π) in the plane, and ‖∇e‖² is twice the distance ½∫|∇e|².
    """
    return sqrt(2 * distance * log(FINE) / (2 * pi))
