"""The lines of Python that a page shows build the system that it runs, for every config the page allows."""

from __future__ import annotations

import pytest

from demos.physics.bench.system import System
from demos.physics.code import code
from demos.physics.config import EnergyConfig
from demos.physics.menu import MENU
from demos.physics.run import module_of

CONDENSATE = {"system": "condensate", "method": "normalized", "start": "thomas_fermi"}


@pytest.mark.parametrize(
    "changes",
    [
        *(
            {"system": name, "method": row.methods[0], "start": row.starts[0], **row.defaults}
            for name, row in MENU.items()
            if not hasattr(module_of(name), "DEMO")  # those are tested with their scenes
        ),
        {**CONDENSATE, "dimensions": "1", "rotation": 0.5},
        {**CONDENSATE, "dimensions": "2", "trap": "lattice"},
        {**CONDENSATE, "dimensions": "2", "rotation": 0.8, "start": "turbulent"},
    ],
)
def test_the_lines_build_the_system(changes):
    config, space = EnergyConfig(**changes), {}
    exec(compile(code(config).split("result = run")[0], "code", "exec"), space)
    system = space["system"]
    assert isinstance(system, System) and space["config"] == config
    if config.system == "condensate":
        from demos.physics.condensate.run import condensate_of

        assert system.shape == condensate_of(config).system().shape
        assert tuple(system.start(config.start).shape[1:]) == system.shape
