"""Named presets of soap films: each teaches one thing in one sentence."""

from __future__ import annotations

from demos.contract import Scene
from demos.physics.soap_film.config import FilmConfig

ITERATIONS = 2_000  # of an optimizer, which no scene uses: earlier links to the scenes hold it

SCENES = (
    Scene(
        "film_holds",
        "A film that holds",
        "Rings at 0.99 of the critical distance: two discs would have less area, but a barrier keeps the catenoid.",
        FilmConfig(separation=1.312, duration=20.0, iterations=ITERATIONS),
    ),
    Scene(
        "film_snaps",
        "A film that snaps",
        "One percent past the critical distance: the film lingers at the ghost of the catenoid, then snaps.",
        FilmConfig(separation=1.339, duration=20.0, iterations=ITERATIONS),
    ),
    Scene(
        "film_pass",
        "Just below the pass",
        "A hundredth thinner than the unstable catenoid, the film closes although the stable one is the least area.",
        FilmConfig(separation=1.0, start="below", iterations=ITERATIONS),
    ),
)
