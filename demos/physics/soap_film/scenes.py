"""Named presets of soap films: each makes one point, which is computed from its run."""

from __future__ import annotations

from demos.contract import Result, Scene
from demos.contract.scene import Evidence, Try
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.reference import CRITICAL_NECK, CRITICAL_SEPARATION, catenoids, goldschmidt_separation

ITERATIONS = 2_000  # no scene uses an optimizer, but earlier links to the scenes hold this value


def _measured(result: Result, name: str) -> float:
    return next((row.measured for row in result.checks if row.name == name), float("nan"))


def _holds(result: Result) -> Evidence:
    """The claim that the catenoid at 1.312 R has more area than two discs, and that the film stays on it."""
    neck, area = _measured(result, "neck at the end"), _measured(result, "area at the end")
    apart = 1.312 / CRITICAL_SEPARATION
    holds = neck > 0.6 and area > 1.15 * 6.2832 and 1.312 > goldschmidt_separation() and round(apart, 2) == 0.99
    return Evidence(holds, f"neck {neck:.4f}, area {area:.4f} against 6.2832, {apart:.3f} of the critical distance")


def _snaps(result: Result) -> Evidence:
    """The claim that the film stays near the critical neck for half of its life, and closes at 5.9."""
    closes = _measured(result, "time when it closes")
    clock = result.picture.clock.values
    necks = next(one.values for one in result.picture.readouts if one.label == "neck")
    near = clock[abs(necks - CRITICAL_NECK) < 0.1]
    waits = float(near[-1] - near[0]) if len(near) else 0.0
    holds = abs(closes - 5.9) < 0.05 and waits > 0.5 * closes
    return Evidence(holds, f"closes at {closes:.3f}; within 0.1 of {CRITICAL_NECK:.3f} R for {waits:.2f}")


def _closes(result: Result) -> Evidence:
    closes = _measured(result, "time when it closes")
    stable, unstable = catenoids(1.0)
    holds = abs(closes - 0.21) < 0.01 and stable.area < 6.2832 < unstable.area
    return Evidence(holds, f"closes at {closes:.4f}; areas {stable.area:.4f} and {unstable.area:.4f}, two discs 6.2832")


def _rests(result: Result) -> Evidence:
    neck = _measured(result, "neck at the end")
    return Evidence(abs(neck - 0.8483) < 1e-3, f"neck {neck:.4f}")


def _faster(result: Result) -> Evidence:
    closes = _measured(result, "time when it closes")
    return Evidence(abs(closes - 1.4) < 0.05, f"closes at {closes:.3f}")


SCENES = (
    Scene(
        "film_holds",
        "A film that holds, although two discs would be smaller",
        "Rings at 99 % of the largest distance: two discs have 16 % less area, but a barrier keeps the film open.",
        FilmConfig(separation=1.312, duration=20.0, iterations=ITERATIONS),
        claim=_holds,
        tries=Try("separation", 1.339, "Drag the rings to 1.339 R.", "The film snaps at t = 5.9.", _snaps),
        label="It holds",
    ),
    Scene(
        "film_snaps",
        "One percent too far apart, a film waits and then snaps",
        "No film spans rings beyond 1.3255 R. At 1.339 R it waits near the last neck, 0.55 R, and snaps at 5.9.",
        FilmConfig(separation=1.339, duration=20.0, iterations=ITERATIONS),
        claim=_snaps,
        tries=Try("separation", 1.5, "Drag the rings to 1.5 R.", "Less waiting: it snaps at t = 1.4.", _faster),
        label="It snaps",
    ),
    Scene(
        "film_pass",
        "A push of a hundredth decides: this film closes",
        "It starts 0.01 R thinner than the unstable film and closes at t = 0.21; the stable film has the least area.",
        FilmConfig(separation=1.0, start="below", iterations=ITERATIONS),
        claim=_closes,
        tries=Try("start", "above", "Choose the start “Just above the pass”.", "It opens to the neck 0.848 R.", _rests),
        label="On the pass",
    ),
)
