"""Named presets of charges on a sphere."""

from __future__ import annotations

from demos.contract import Result, Scene, State, Try
from demos.contract.scene import Claim, Evidence
from demos.physics.bench.evidence import is_best, row
from demos.physics.charges.config import ChargesConfig


def _found_by(hits: int, starts: int) -> Claim:
    """The claim that `hits` of `starts` starts found the best known minimum, as often as in the stored count."""

    def claim(result: Result) -> Evidence:
        found = row(result, "starts that found it")
        holds = found.note == f"{hits} of {starts}" and found.state is not State.DIFFERS
        return Evidence(holds, f"{found.note}; others: {found.truth} %")

    return claim


def _five_sides(result: Result) -> Evidence:
    """The claim that the best known minimum is reached, and every cell has five sides."""
    best, caption = is_best(result), result.picture.panels[0].captions[-1]
    return Evidence(best.holds and caption == "12 fives", f"{best.numbers}; {caption}")


def _five_minima(result: Result) -> Evidence:
    """The claim that 11 of 64 starts found the best of five minima, whose cells have six sides, but for twelve."""
    found, caption = _found_by(11, 64)(result), result.picture.panels[0].captions[-1]
    holds = found.holds and len(result.tables["minima"]) == 5 and caption == "12 fives"
    return Evidence(holds, f"{found.numbers}; {len(result.tables['minima'])} minima; {caption}")


SCENES = (
    Scene(
        "thomson_12",
        "Twelve charges find the icosahedron",
        "Twelve equal charges push each other apart on a sphere until every cell has five sides: the icosahedron.",
        ChargesConfig(count=12),
        _five_sides,
        Try("seed", 1, "Set the seed to 1.", "Another start, the same shape: E = 49.1653.", _five_sides),
        label="12 charges",
    ),
    Scene(
        "thomson_37",
        "37 charges: about one start in five finds the best",
        "Of 64 random starts 12 find the best known minimum of 37 charges; the others miss it by one part in 60,000.",
        ChargesConfig(count=37, method="starts", walks=64),
        _found_by(12, 64),
        Try("count", 36, "Set N to 36.", "One charge fewer, and all 64 starts find the best.", _found_by(64, 64)),
        label="37 charges",
    ),
    Scene(
        "thomson_46",
        "46 charges end in five different minima",
        "Of 64 random starts 11 find the best known minimum. Its cells have six sides, but for twelve with five.",
        ChargesConfig(count=46, method="starts", walks=64),
        _five_minima,
        Try("count", 45, "Set N to 45.", "One charge fewer, and all 64 starts find the best.", _found_by(64, 64)),
        label="46 charges",
    ),
)
