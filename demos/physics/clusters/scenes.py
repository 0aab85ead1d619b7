"""Named presets of clusters."""

from __future__ import annotations

from demos.contract import Result, Scene, State, Try
from demos.contract.scene import Claim, Evidence
from demos.physics.bench.evidence import is_best, row, stuck, that
from demos.physics.bench.flow_checks import CLOCK
from demos.physics.clusters.config import ClusterConfig


def _found_by(least: int, most: int) -> Claim:
    """The claim that between `least` and `most` walks of a search found the best known minimum."""

    def claim(result: Result) -> Evidence:
        found = row(result, "walks that found it")
        return Evidence(least <= found.measured <= most, f"{found.measured:.0f} {found.unit}")

    return claim


def _within(hops: int, walks: int) -> Claim:
    """The claim that all walks found the best known minimum within `hops` minimizations each."""

    def claim(result: Result) -> Evidence:
        table = result.tables["walks"]
        last = float(table[table["share"] == 1.0]["x"].min()) if (table["share"] == 1.0).any() else float("inf")
        found = row(result, "walks that found it").measured
        return Evidence(found == walks and last <= hops, f"{found:.0f} walks, the last after {last:.0f} minimizations")

    return claim


def _freezes(cooled: int, at_once: int) -> Claim:
    """The claim that `cooled` walks end in the best known minimum, and `at_once` without annealing."""

    def claim(result: Result) -> Evidence:
        found = row(result, "runs that froze into it")
        holds = found.measured == cooled and found.note.startswith(f"minimized at once: {at_once} ")
        return Evidence(holds, f"{found.measured:.0f} {found.unit}; {found.note}")

    return claim


def _never_rests(result: Result) -> Evidence:
    clock = row(result, CLOCK)
    holds = result.verdict.state is State.NOT_COMPARABLE and clock.state is State.PREDICTED and clock.measured < -1000
    return Evidence(holds, result.headline)


SCENES = (
    Scene(
        "gather",
        "Downhill leads to a minimum, seldom to the deepest",
        "Thirteen atoms slide downhill and stop in the first hollow met. Of 100 random starts 10 find the deepest.",
        ClusterConfig(),
        stuck(5.81, 5.82),
        Try("seed", 11, "Set the seed to 11.", "This start reaches the deepest minimum, E = −44.33.", is_best),
    ),
    Scene(
        "icosahedron",
        "Hopping from minimum to minimum finds the deepest",
        "Sixteen walks hop over the passes: each finds the icosahedron of 13 atoms within 64 minimizations.",
        ClusterConfig(method="hopping"),
        _within(64, 16),
        Try("hops", 10, "Set the hops to 10.", "With 10 hops only 5 of 16 walks find it.", _found_by(5, 5)),
        label="Hopping",
    ),
    Scene(
        "funnels",
        "Two funnels: the deeper one is harder to find",
        "Shaken, both shapes of 38 atoms slide back. The octahedron is 0.68 deeper; none of 40 random starts finds it.",
        ClusterConfig(count=38, start="funnels"),
        that("how much deeper", lambda check: check.agrees and 0.675 < check.measured < 0.685),
        Try(
            "method",
            "lbfgs",
            "Set the method to L-BFGS.",
            "They slide back here too: both hollows are wide.",
            is_best,
        ),
        label="Two funnels",
    ),
    Scene(
        "optimizer",
        "An optimizer is not the flow",
        "From one start FIRE stops 5.99 above the best known, the true flow 6.73: other steps, another minimum.",
        ClusterConfig(count=38, method="fire", step=0.011, color="neighbours"),
        stuck(5.985, 5.995),
        Try(
            "method",
            "rkc",
            "Set the method to RKC.",
            "The flow itself stops 6.73 above the best known.",
            stuck(6.72, 6.735),
        ),
    ),
    Scene(
        "freezing",
        "Cooled slowly, more droplets freeze into the best shape",
        "Sixteen hot droplets of 13 atoms: cooled slowly, 8 freeze into the icosahedron; minimized at once, 3 do.",
        ClusterConfig(method="annealing", step=0.005, duration=40.0),
        _freezes(8, 3),
        Try("hot", 0.1, "Set the hottest kT to 0.1.", "They never melt: 5 of 16 end so.", _freezes(5, 3)),
    ),
    Scene(
        "past_stability",
        "A step 4 % too large never comes to rest",
        "Explicit Euler past its stability limit 2/L = 0.00337: the icosahedron swells and shrinks, E 0.27 too high.",
        ClusterConfig(method="euler", start="icosahedron", step=0.0035, duration=3.0),
        _never_rests,
        Try("step", 0.0033, "Drag h to 0.0033.", "Below the limit the icosahedron comes to rest, E = −44.33.", is_best),
        label="Too large a step",
    ),
    Scene(
        "sticky",
        "Sticky atoms stay where they first touch",
        "Atoms that attract only within 1/14 of their distance, like C₆₀: 38 stop 17.3 above the best known minimum.",
        ClusterConfig(potential="morse", steepness=14.0, count=38, color="neighbours"),
        stuck(17.3, 17.35),
        Try("steepness", 6.0, "Drag ρ to 6.", "With a longer reach they stop 6.9 above their best.", stuck(6.85, 6.95)),
        label="Sticky atoms",
    ),
)
