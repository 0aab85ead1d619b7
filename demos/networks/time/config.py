"""What can be changed about gradients through time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demos.common.numbers import counted
from demos.contract import Config, choice, number, whole

CELLS = {"rnn": "RNN, tanh", "linear": "RNN, linear", "gru": "GRU", "lstm": "LSTM"}
GATED = ("gru", "lstm")
RECURRENCES = {"orthogonal": "Orthogonal", "gaussian": "Gaussian"}
BLOCKS = {"rnn": 1, "linear": 1, "gru": 3, "lstm": 4}  # matrices of a cell
COST = 6e8  # most multiplications of all networks together, about a second


@dataclass(frozen=True)
class TimeConfig(Config):
    """Recurrent networks whose gradient is computed from the last step back to the first."""

    cell: str = choice("rnn", "Cell", CELLS, group="main")
    recurrence: str = choice("orthogonal", "Recurrent weights", RECURRENCES, group="main")
    gain: float = number(
        1.0,
        "Gain ρ",
        low=0.0,
        high=2.0,
        step=0.05,
        group="main",
        help="ρ times an orthogonal matrix, or normal numbers of variance ρ²/n. Torch's default is about 0.58.",
    )
    bias: float = number(
        0.0,
        "Forget bias",
        low=-1.0,
        high=8.0,
        step=0.5,
        group="main",
        help="Added in front of the gate that keeps the state: an LSTM's f, a GRU's z.",
    )
    beside: str = choice("none", "Beside it", {"none": "Nothing", **CELLS}, group="main")
    drive: float = number(
        0.5, "Inputs σ_u", low=0.1, high=1.0, step=0.05, help="Standard deviation of what an input adds to a unit."
    )
    steps: int = whole(100, "Time steps T", low=5, high=200)
    width: int = whole(64, "Units n", low=8, high=128, scale="log")
    networks: int = whole(8, "Random networks", low=3, high=16)
    sequences: int = whole(8, "Sequences", low=1, high=32)
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1)

    def check(self) -> None:
        for cell in self.cells:
            if cell not in GATED and self.gain < 0.05:
                raise ValueError(
                    f"{CELLS[cell]} passes nothing on with a gain of {self.gain:g}: at least 0.05 is needed; an LSTM "
                    "or a GRU needs none."
                )
        blocks = sum(BLOCKS[cell] for cell in self.cells)
        work = 3 * blocks * self.steps * self.width**2 * self.sequences * self.networks
        if work > COST:
            raise ValueError(
                f"{counted(self.networks, 'network')} of {self.width} units over {counted(self.steps, 'step')} "
                f"take {work / COST:.1f} times "
                "the work allowed; fewer networks, units or sequences will do."
            )

    @property
    def cells(self) -> tuple[str, ...]:
        """The cell, and the one that it is compared with."""
        return (self.cell,) if self.beside in ("none", self.cell) else (self.cell, self.beside)

    def unused(self) -> frozenset[str]:
        return frozenset() if any(cell in GATED for cell in self.cells) else frozenset({"bias"})

    def marks(self) -> Mapping[str, Sequence[tuple[float, str]]]:
        return {"gain": ((1.0, "1"),)}
