"""What can be changed about the XY magnet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demos.contract import number, whole
from demos.physics.bench.config import (
    SystemConfig,
    duration_field,
    method_field,
    method_label,
    seed_field,
    start_field,
    step_field,
    tolerance_field,
)
from demos.physics.xy_magnet.model import XYModel

COLD, WARM = "dopri5", "leimkuhler_matthews"  # methods: without noise, and the one that has it


@dataclass(frozen=True)
class XYMagnetConfig(SystemConfig):
    """One run; see `demos.contract.Config`."""

    method: str = method_field((COLD, "euler", WARM))
    start: str = start_field(
        {
            "random": "Random",
            "pair": "Vortex and antivortex",
            "crystal": "Eight vortices",
            "twisted": "Twisted",
            "aligned": "Aligned",
        }
    )
    seed: int = seed_field()
    duration: float = duration_field(60.0)
    step: float = step_field(1e-3)
    tolerance: float = tolerance_field()
    kT: float = number(
        0.0,
        "Temperature kT",
        low=0.0,
        high=2.0,
        step=0.01,
        unit="J",
        group="main",
        help="Vortices unbind at 0.893.",
    )
    side: int = whole(48, "Spins a side", low=8, high=128, step=4, group="main")

    STEPS = {"euler": 0.1, WARM: 0.05}

    @classmethod
    def adapt(cls, before: Any, values: dict[str, Any]) -> dict[str, Any]:
        """Spins at a temperature need the one method with noise, and it needs a temperature: the last choice wins."""
        if (values["kT"] > 0) != (values["method"] == WARM):
            if values["method"] != before.method:
                values = values | {"kT": 0.7 if values["method"] == WARM else 0.0}
            else:
                values = values | {"method": WARM if values["kT"] > 0 else COLD}
        return super().adapt(before, values)

    def check(self) -> None:
        XYModel(self.side)
        label = method_label(self.method)
        if self.kT > 0 and self.method != WARM:
            raise ValueError(
                f"kT = {self.kT:g} needs noise, and {label} has none here: take {method_label(WARM)}, or kT = 0."
            )
        if self.kT == 0 and self.method == WARM:
            raise ValueError(f"kT = 0 has no noise for {label}: take {method_label(COLD)}, or a kT above 0.")
        if self.start == "twisted" and self.side <= 8:
            raise ValueError(
                f"start = twisted: two turns over {self.side} spins are no minimum; take more than 8 a side."
            )
        super().check()

    def seconds(self) -> float:
        """About how long a run takes on one core, as it was measured."""
        evaluation = 3e-5 + 1.1e-8 * self.side**2
        frames = 0.03 + 1.1e-5 * self.side**2
        if self.adapts:
            steps = 40 + 2.5 * self.duration + (3 * self.duration if self.start == "random" else 0)
            return frames + steps * (8 * evaluation + 1e-4)
        return frames + self.duration / self.step * ((3 if self.kT > 0 else 2) * evaluation + 1e-4)
