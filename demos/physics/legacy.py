"""Until every system has a DEMO in its own folder: the others as demos made from EnergyConfig. To be deleted."""

from __future__ import annotations

import dataclasses
from importlib import import_module

from demos.contract import Demo, Scene
from demos.physics.bench.config import SystemConfig
from demos.physics.bench.equations import COLD, UNDERDAMPED, WARM, cooled, two_lines
from demos.physics.bench.explanation import EXPLANATION
from demos.physics.code import code
from demos.physics.config import EnergyConfig
from demos.physics.menu import MENU
from demos.physics.run import FOLDERS, charts_of, run, studies_of
from demos.physics.scenes import SCENES

OWN = frozenset(name for row in MENU.values() for name in row.controls)
POTENTIAL = {"steepness": "morse", "repulsion": "power_law", "attraction": "power_law"}
SEARCH = {"walks": ("hopping", "starts"), "hops": ("hopping",), "hot": ("annealing",), "cold": ("annealing",)}


def control_of(field, system):
    control = field.metadata["control"]
    main = MENU[system].controls[: MENU[system].main]
    if field.name in ("method", "start"):
        names = getattr(MENU[system], field.name + "s")
        control = dataclasses.replace(control, options={name: control.options[name] for name in names})
    return dataclasses.replace(control, group="main") if field.name in main else control


def unused(config):
    hidden = (OWN - set(config.row.controls)) | {"atoms", "drawing"}
    hidden |= {name for name, potential in POTENTIAL.items() if config.potential != potential}
    hidden |= {name for name, methods in SEARCH.items() if config.method not in methods}
    hidden |= {"stabilizer"} if config.method not in ("etdrk2", "semi_implicit") else set()
    hidden |= {"mean"} if config.start != "spinodal" else set()
    hidden |= {"film_metric"} if config.optimizes else set()
    hidden |= {"rotation"} if config.dimensions == "1" else {"trap"}
    hidden |= {"start"} if len(config.row.starts) == 1 else set()
    hidden |= {"color"} if config.system != "cluster" else set()
    timed = config.method == "annealing" or not (config.optimizes or config.searches)
    hidden |= {"iterations"} if timed or config.searches else set()
    hidden |= {"duration"} if not timed else set()
    hidden |= {"tolerance"} if not config.adapts else set()
    hidden |= {"step"} if config.adapts or config.method in ("hopping", "starts") else set()
    return frozenset(hidden)


def adapt(cls, before, values):
    adapted = EnergyConfig.adapt(before, {"system": before.system, **values})
    return {name: adapted[name] for name in values}


def equation(config):
    if config.kT > 0:
        return two_lines(WARM, f"T = kT = {config.kT:g}")
    return cooled(config, UNDERDAMPED) if config.method == "annealing" else COLD


def member(system: str) -> Demo:
    """The system's own DEMO, or one that is made from the old tables."""
    module = import_module(f"demos.physics.{FOLDERS[system]}.demo")
    if hasattr(module, "DEMO"):
        return module.DEMO
    defaults = EnergyConfig.complete({"system": system})
    made = type(f"{system.title()}Config", (EnergyConfig,), {
        "__annotations__": {f.name: f.type for f in dataclasses.fields(EnergyConfig)},
        **{f.name: dataclasses.field(default=defaults[f.name], metadata={"control": control_of(f, system)})
           for f in dataclasses.fields(EnergyConfig)},
        "unused": unused,
        "step_label": property(SystemConfig.step_label.fget),
        "controls": classmethod(lambda cls: {
            f.name: f.metadata["control"] for f in dataclasses.fields(cls) if f.name != "system"}),
        "adapt": classmethod(adapt),
    })  # fmt: skip
    made = dataclasses.dataclass(frozen=True)(made)

    def plain(config):
        return EnergyConfig(**{f.name: getattr(config, f.name) for f in dataclasses.fields(EnergyConfig)})

    return Demo(
        name=system,
        title=MENU[system].title,
        sentence=MENU[system].title,
        equation=equation,
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
