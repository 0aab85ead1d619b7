"""Soap films, as the dashboard, the command line and the shared tests see them."""

from __future__ import annotations

from demos.contract import Demo
from demos.physics.bench.code import code_of
from demos.physics.bench.equations import COLD
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.soap_film.charts import charts
from demos.physics.soap_film.config import FilmConfig
from demos.physics.soap_film.run import run
from demos.physics.soap_film.scenes import SCENES
from demos.physics.soap_film.studies import studies

DEMO = Demo(
    name="film",
    title="Soap film",
    sentence="A film between two rings shrinks to a catenoid, or snaps.",
    equation=COLD,
    formula=r"\int 2\pi r\sqrt{1 + r^{\prime 2}}\,dz",
    config=FilmConfig,
    run=run,
    scenes=SCENES,
    code=code_of(
        run,
        "from demos.physics.soap_film.model import SoapFilm",
        "SoapFilm(config.separation, config.pieces).system(config.film_metric)",
    ),
    charts=charts,
    studies=studies,
    explanation=EXPLANATION,
)
