"""Until every system has a DEMO in its own folder: the others as demos made from EnergyConfig. To be deleted."""

from __future__ import annotations

import dataclasses
from importlib import import_module

from demos.contract import Demo, Scene
from demos.physics.bench.equations import COLD, WARM, two_lines
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.code import code
from demos.physics.config import EnergyConfig
from demos.physics.menu import MENU
from demos.physics.run import FOLDERS, charts_of, run, studies_of
from demos.physics.scenes import SCENES


def member(system: str) -> Demo:
    """The system's own DEMO, or one that is made from the old tables."""
    module = import_module(f"demos.physics.{FOLDERS[system]}.demo")
    if hasattr(module, "DEMO"):
        return module.DEMO
    defaults = EnergyConfig.complete({"system": system})
    made = type(f"{system.title()}Config", (EnergyConfig,), {
        "__annotations__": {f.name: f.type for f in dataclasses.fields(EnergyConfig)},
        **{f.name: dataclasses.field(default=defaults[f.name], metadata=dict(f.metadata))
           for f in dataclasses.fields(EnergyConfig)},
        "controls": classmethod(lambda cls: {n: c for n, c in EnergyConfig.controls().items() if n != "system"}),
        "adapt": classmethod(lambda cls, before, values: EnergyConfig.adapt(before, values)),
    })  # fmt: skip
    made = dataclasses.dataclass(frozen=True)(made)

    def plain(config):
        return EnergyConfig(**{f.name: getattr(config, f.name) for f in dataclasses.fields(EnergyConfig)})

    return Demo(
        name=system,
        title=MENU[system].title,
        sentence=MENU[system].title,
        equation=lambda c: two_lines(WARM, f"T = kT = {c.kT:g}") if c.kT > 0 else COLD,
        formula=MENU[system].formula,
        config=made,
        run=run,
        scenes=tuple(
            Scene(s.name, s.title, s.sentence, made(**dataclasses.asdict(s.config)))
            for s in SCENES
            if s.config.system == system
        ),
        code=lambda c: code(plain(c)),
        charts=charts_of,
        studies=studies_of,
        explanation=EXPLANATION,
    )
