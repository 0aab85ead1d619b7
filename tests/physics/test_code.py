"""The lines of Python that a page shows build the system that it runs, for every config the page allows."""

from __future__ import annotations

import pytest

from demos.physics.bench.system import System
from demos.physics.code import code
from demos.physics.config import EnergyConfig
from demos.physics.menu import MENU


@pytest.mark.parametrize(
    "changes",
    [
        *(
            {"system": name, "method": row.methods[0], "start": row.starts[0], **row.defaults}
            for name, row in MENU.items()
            if name != "condensate"  # it has its own test
        ),
    ],
)
def test_the_lines_build_the_system(changes):
    config, space = EnergyConfig(**changes), {}
    exec(compile(code(config).split("result = run")[0], "code", "exec"), space)
    system = space["system"]
    assert isinstance(system, System) and space["config"] == config
    if config.system == "column":
        assert system.references  # bent or straight, its exact energy is known
