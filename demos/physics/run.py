"""One run of the energy demo: from a config to what its system shows. Pure: same config, same bytes."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from demos.common.progress import Progress
from demos.contract import Result
from demos.contract.charts import Chart, Study
from demos.contract.running import demo_run
from demos.physics.config import EnergyConfig

FOLDERS = {
    "cluster": "clusters",
    "thomson": "charges",
    "film": "soap_film",
    "phase": "phase_field",
    "spins": "xy_magnet",
    "condensate": "condensate",
    "chain": "chain",
    "column": "column",
    "ritz": "deep_ritz",
}


@demo_run
def run(config: EnergyConfig, progress: Progress | None = None) -> Result:
    """The energy demo as a function of its config. Raises ValueError in one sentence where it cannot be run."""
    module = module_of(config.system)
    if hasattr(module, "DEMO"):
        return module.DEMO.run(own_config(config), progress)
    result = module.show(config, progress)
    if progress is not None:
        progress(1.0)
    return result


def charts_of(config: EnergyConfig) -> tuple[Chart, ...]:
    """The charts that stand under the picture of this config."""
    module = module_of(config.system)
    return module.DEMO.charts(own_config(config)) if hasattr(module, "DEMO") else module.charts(config)


def studies_of(config: EnergyConfig) -> tuple[Study, ...]:
    """What can be computed beside the run of this config, when it is asked for."""
    module = module_of(config.system)
    if hasattr(module, "DEMO"):
        return module.DEMO.studies(own_config(config))
    return module.studies(config) if hasattr(module, "studies") else ()


def module_of(system: str) -> ModuleType:
    """The system's module, imported when it is asked for: show(config, progress), charts(config) …"""
    return import_module(f"demos.physics.{FOLDERS[system]}.demo")


def own_config(config: EnergyConfig):
    """The system's own config with the same values: until nothing uses EnergyConfig."""
    made = module_of(config.system).DEMO.config
    return made(**{name: getattr(config, name) for name in made.controls()})
