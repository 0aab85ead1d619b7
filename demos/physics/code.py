"""The lines of Python that give a page's very picture from a plain prompt."""

from __future__ import annotations

from demos.physics.config import EnergyConfig

BUILD = {
    "cluster": ("from demos.physics.clusters.demo import system_of", "system_of(config)"),
    "thomson": ("from demos.physics.charges.model import thomson", "thomson(config.count)"),
    "film": (
        "from demos.physics.soap_film.model import SoapFilm",
        "SoapFilm(config.separation, config.pieces).system()",
    ),
    "phase": (
        "from demos.physics.phase_field.model import PhaseField",
        "PhaseField(int(config.grid), config.gamma, 'L2' if config.metric == 'L2' else 'H-1').system()",
    ),
    "condensate": ("from demos.physics.condensate.run import condensate_of", "condensate_of(config).system()"),
    "chain": ("from demos.physics.chain.model import hanging_chain", "hanging_chain(config.links, config.length)"),
    "column": ("from demos.physics.column.demo import system_of", "system_of(config)"),
    "spins": ("from demos.physics.xy_magnet.model import XYModel", "XYModel(config.side).system()"),
    "ritz": ("from demos.physics.deep_ritz.model import DeepRitz", "DeepRitz(config.width).system()"),
}


def code(config: EnergyConfig) -> str:
    """First the system and its energy, to be used as one likes; then the same through the demo, with its checks."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in config.changed().items())
    lines, built = BUILD[config.system]
    return f"""{lines}
from demos.physics.config import EnergyConfig
from demos.physics.run import run

config = EnergyConfig({arguments})
system = {built}  # energy, gradient, metric, constraint set, starts, references
flow = system.flow()  # for demos.gradient_flow.solve
print(system.title, *system.references, sep="\\n")

result = run(config)  # the picture of the page, with its checks
for check in result.checks:
    print(check.name, check.measured, check.exact, check.agrees)
"""
