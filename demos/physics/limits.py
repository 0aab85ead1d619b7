"""What a config of the energy page may not ask for: what does not go together, or would take too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demos.physics.menu import SEARCHES, STARTS

if TYPE_CHECKING:
    from demos.physics.config import EnergyConfig

MOST_SECONDS = 40.0  # of one core, about; anything over 0.3 shows its progress


def check_config(config: EnergyConfig) -> None:
    """Raise ValueError, in one sentence, where the fields do not go together, the system refuses them, or the run
    would take longer than `MOST_SECONDS`."""
    from demos.physics.clusters.xyz_text import decode_atoms
    from demos.physics.config import METHOD_LABELS, SIZES
    from demos.physics.phase_field.drawing import read_drawing
    from demos.physics.run import module_of, own_config

    row = config.row
    if config.method not in row.methods:
        raise ValueError(
            f"method = {config.method}: {METHOD_LABELS[config.method]} is not for this system; choose "
            f"one of: {', '.join(row.methods)}."
        )
    if config.start not in row.starts:
        raise ValueError(
            f"start = {config.start}: {STARTS[config.start]} is not for this system; choose one of: "
            f"{', '.join(row.starts)}."
        )
    size = SIZES.get(config.start)
    if size is not None and config.count != size:
        raise ValueError(
            f"start = {config.start} has {size} atoms, not {config.count}: set N to {size}, or start at random."
        )
    if config.atoms:  # also where they are not used now: the next file or stroke would begin with them
        decode_atoms(config.atoms)
    if config.drawing:
        read_drawing(config.drawing)
    module = module_of(config.system)
    if hasattr(module, "DEMO"):
        own_config(config)
        return
    module.check(config)
    seconds = module.seconds(config)
    if seconds > MOST_SECONDS:
        raise ValueError(
            f"This would take about {seconds:.0f} s; at most {MOST_SECONDS:.0f} s are allowed: {_advice(config)}."
        )


def _advice(config: EnergyConfig) -> str:
    if config.method in SEARCHES:
        return "take fewer walks or hops, or fewer particles"
    return "take fewer iterations" if config.optimizes else "take a larger step, a shorter time or a smaller system"
