"""Scenes of the XY magnet."""

from __future__ import annotations

from demos.contract import Check, Evidence, Result, Scene, Try
from demos.physics.xy_magnet.config import WARM, XYMagnetConfig


def warm(kT: float) -> XYMagnetConfig:
    return XYMagnetConfig(method=WARM, step=XYMagnetConfig.STEPS[WARM], start="aligned", kT=kT, duration=100.0)


def row(result: Result, name: str) -> Check:
    """The first row whose name begins with `name`."""
    return next(check for check in result.checks if check.name.startswith(name))


def pairs(result: Result) -> tuple[int, int]:
    """The number of pairs at the start and in the end."""
    counts = result.tables["vortices"]["pairs"]
    return int(counts.iloc[0]), int(counts.iloc[-1])


def meets(result: Result) -> Evidence:
    """The claim that the pair has met at t = 48, within a frame, and has vanished."""
    met = row(result, "the pair meets")
    holds = met.agrees and 47 < met.measured < 50 and pairs(result) == (1, 0)
    return Evidence(holds, f"met at t = {met.measured:.4g}, independent solution {met.truth:.4g}")


def finds_partners(result: Result) -> Evidence:
    """The claim that of more than 300 pairs at most 15 are left."""
    first, last = pairs(result)
    return Evidence(first > 300 and 0 < last <= 15 and row(result, "energy lost").agrees, f"{first} pairs, then {last}")


def fewer(result: Result) -> Evidence:
    """The claim that at the end at most 8 pairs are left, fewer than at t = 60."""
    first, last = pairs(result)
    return Evidence(first > 300 and last <= 7, f"{first} pairs, then {last}")


def stays_twisted(result: Result) -> Evidence:
    """The claim that the energy is that of two turns, above that of parallel spins."""
    energy = row(result, "energy at the end")
    above = energy.measured + 2 * 24**2
    return Evidence(energy.agrees and 76 < above < 78, f"{energy.measured:.6g} J, {above:.3g} J above all parallel")


def are_bound(result: Result) -> Evidence:
    """The claim that there are two to five pairs, and less than one with partners over two sites apart, both as in
    Monte Carlo."""
    found, far, agree = pairs_and_far(result)
    return Evidence(agree and 2 < found < 5 and far < 1, f"{found:.2g} pairs, {far:.2g} far apart")


def are_free(result: Result) -> Evidence:
    """The claim that there are more than 60 pairs, and more than 12 have partners over two sites apart."""
    found, far, agree = pairs_and_far(result)
    return Evidence(agree and found > 60 and far > 12, f"{found:.3g} pairs, {far:.3g} far apart")


def pairs_and_far(result: Result) -> tuple[float, float, bool]:
    """The mean number of pairs and of those over two sites apart on 48² spins, and whether both are as in Monte
    Carlo."""
    far, found = row(result, "pairs farther"), row(result, "pairs for 100")
    return found.measured * 48**2 / 100, far.measured * 48**2 / 100, far.agrees and found.agrees


SCENES = (
    Scene(
        "annihilation",
        "A vortex and an antivortex vanish together",
        "A vortex and an antivortex ten sites apart attract each other, meet at t = 48 and are gone.",
        XYMagnetConfig(start="pair", side=32, duration=80.0),
        claim=meets,
        tries=Try(
            "side",
            64,
            "Set the spins a side to 64.",
            "With more room around them the pair takes longer: it meets at t = 70.",
            lambda result: Evidence(
                row(result, "the pair meets").agrees and 69 < row(result, "the pair meets").measured < 72,
                f"met at t = {row(result, 'the pair meets').measured:.4g}",
            ),
        ),
    ),
    Scene(
        "spin_quench",
        "Cooled at once, vortices find their partners",
        "From infinite temperature more than 300 pairs of vortices find each other; by t = 60 at most 15 are left.",
        XYMagnetConfig(),
        claim=finds_partners,
        tries=Try("duration", 200.0, "Set the time to 200.", "Ever more slowly: at most 7 pairs are left then.", fewer),
        label="Quench",
    ),
    Scene(
        "twist",
        "A twist that stays",
        "Two whole turns cannot undo themselves: a minimum 77 J above all spins parallel, at exactly its known energy.",
        XYMagnetConfig(start="twisted", side=24),
        claim=stays_twisted,
        tries=Try(
            "seed",
            1,
            "Set the seed to 1.",
            "Another noise at the start, the same twist in the end, 77 J above all parallel.",
            stays_twisted,
        ),
    ),
    Scene(
        "bound_pairs",
        "Warm: vortices stay beside their partners",
        "Below kT = 0.893 heat makes two to five pairs at a time; on average less than one is over two sites apart.",
        warm(0.8),
        claim=are_bound,
        tries=Try(
            "kT",
            1.2,
            "Drag kT to 1.2.",
            "More than 60 pairs, more than 12 of them farther than two sites apart.",
            are_free,
        ),
    ),
    Scene(
        "free_vortices",
        "Hot: vortices leave their partners",
        "Above kT = 0.893 heat makes more than 60 pairs, and more than 12 of them are over two sites apart.",
        warm(1.2),
        claim=are_free,
        tries=Try(
            "kT",
            0.8,
            "Drag kT to 0.8.",
            "Two to five pairs are left, and on average less than one is over two sites apart.",
            are_bound,
        ),
    ),
)
