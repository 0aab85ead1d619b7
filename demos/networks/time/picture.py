"""The picture: the gradient backward through time, and the eigenvalues or gates that determine it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from demos.common.numbers import counted
from demos.networks.time.config import CELLS, GATED, TimeConfig
from demos.networks.time.law import Law
from demos.networks.time.measure import Measured, Network
from demos.picture import Field, Layer, Lines, Panel, Picture, Readout
from demos.picture.colors import EXACT

HOLD = 4  # repetitions of the last frame
COLORS = (0, 1)


@dataclass(frozen=True)
class Kind:
    """One cell on the picture."""

    cell: str
    network: Network
    measured: Measured
    law: Law | None

    @property
    def known(self) -> tuple[int, np.ndarray, str]:
        """The reference profile: its first step (from 0), log10 from there on, and its name. For a gated cell it is the
        product of the gates, averaged over networks, which is exact without recurrent weights."""
        if self.cell not in GATED:
            assert self.law is not None
            return self.law.first, self.law.profile[self.law.first :], "theory"
        gates, last = self.measured.gates, self.measured.gradients[-1]
        with np.errstate(divide="ignore"):
            logs = np.log10(gates[1:])[::-1].cumsum(0)[::-1] + np.log10(np.abs(last))  # (T − 1, K, B, n)
        logs = np.concatenate((logs, np.log10(np.abs(last))[None]))
        logs = logs.reshape(*logs.shape[:2], -1)
        largest = logs.max(-1, keepdims=True)
        size = largest[..., 0] + 0.5 * np.log10((10 ** (2 * (logs - largest))).sum(-1))
        return 0, (size - size[-1]).mean(1), "Π of the gates"


def picture(config: TimeConfig, kinds: list[Kind]) -> Picture:
    T = config.steps
    reached = np.concatenate((np.arange(T - 1, -1, -1), [0] * HOLD))  # the step (from 0) that the gradient is at
    panels = [profiles(config, kinds, reached)]
    for kind, color in zip(kinds, COLORS, strict=False):
        panels.append(
            gates(kind, reached, color) if kind.cell in GATED else eigenvalues(config, kind, len(reached), color)
        )
    names = " beside ".join(CELLS[kind.cell] for kind in kinds)
    ends = ", ".join(f"{kind.measured.profile[0].mean():.1f}" for kind in kinds)
    return Picture(
        panels,
        Readout("steps back", (T - 1 - reached).astype(float)),
        [Readout(f"log₁₀ |∂ℒ/∂s| · {CELLS[kind.cell]}", kind.measured.profile.mean(1)[reached]) for kind in kinds],
        seconds=6.0,
        alt=f"Gradients through {counted(T, 'step')} of time, {names}: log₁₀ of the first over the last is {ends}.",
    )


def profiles(config: TimeConfig, kinds: list[Kind], reached: np.ndarray) -> Panel:
    """The panel of log10 |∂L/∂s_t| of each network, back to the current step, with the reference profile."""
    T = config.steps
    t = np.arange(1, T + 1, dtype=float)
    seen = t[None] - 1 >= reached[:, None]  # (F, T)
    lines = [np.stack((t, one), -1) for kind in kinds for one in kind.measured.profile.T]
    moving = np.where(np.tile(seen, (1, len(lines)))[:, :, None], np.concatenate(lines)[None], np.nan)
    known = [kind.known for kind in kinds]
    layers: list[Layer] = [
        Lines(
            "networks",
            moving,
            starts=T * np.arange(len(lines)),
            width=1.2,
            labels=np.repeat(np.arange(len(kinds)), config.networks).astype(np.uint8),
            label_names=[CELLS[kind.cell] for kind in kinds],
            label_colors=COLORS[: len(kinds)],
        )
    ]
    for kind, (first, profile, name) in zip(kinds, known, strict=True):
        name = f"{name} · {CELLS[kind.cell]}" if len(kinds) > 1 else name
        exact = EXACT if kind.law is not None else -1
        layers.append(Lines(name, np.stack((t[first:], profile), -1), dashed=True, color=exact, width=2.5))
    heights = np.concatenate([line[:, 1] for line in lines] + [profile for _, profile, _ in known])
    heights = heights[np.isfinite(heights)]
    low, high = min(float(heights.min()), -0.5), max(float(heights.max()), 0.5)
    room = 0.05 * (high - low)
    return Panel(
        (1.0, float(T)),
        (low - room, high + room),
        layers,
        title="Back through time",
        subtitle="dashed: " + ", ".join(dict.fromkeys(name for _, _, name in known)),
        x_label="time step t",
        y_label="|∂ℒ/∂s_t| over the last",
        y_scale="log",
        weight=1.4,
    )


def eigenvalues(config: TimeConfig, kind: Kind, frames: int, color: int) -> Panel:
    """The panel of the eigenvalues of all networks' recurrent matrices, with the unit circle."""
    values = np.linalg.eigvals(kind.network.weights[:, 0].numpy()).ravel()
    angle = np.linspace(0, 2 * np.pi, 97)
    reach = 1.15 * max(1.0, float(np.abs(values).max()))
    dots = np.stack((values.real, values.imag), -1)
    layers: list[Layer] = [
        Lines("|λ| = 1", np.stack((np.cos(angle), np.sin(angle)), -1), dashed=True, color=EXACT),
        Lines("eigenvalues of W", dots, starts=np.arange(len(dots)), dots=2.0, color=color),
    ]
    return Panel(
        (-reach, reach),
        (-reach, reach),
        layers,
        title="Eigenvalues of W",
        subtitle="line: |λ| = 1",
        x_label="real",
        y_label="imaginary",
        equal=True,
        weight=0.9,
    )


def gates(kind: Kind, reached: np.ndarray, color: int) -> Panel:
    """The panel of the gates of each unit and step, for one sequence of one network; a line marks the current step."""
    values = kind.measured.gates[:, 0, 0].T  # (n, T)
    T = values.shape[1]
    at = reached + 1.0
    line = np.stack((np.stack((at, at), -1), np.tile([0.0, float(len(values))], (len(at), 1))), -1)
    letter = "f, the forget gate" if kind.cell == "lstm" else "z, the update gate"
    return Panel(
        (1.0, float(T)),
        (0.0, float(len(values))),
        [Field(letter, values, limits=(0.0, 1.0), crisp=True), Lines("gradient", line, color=-1)],
        title=f"{CELLS[kind.cell]}: {letter}",
        x_label="time step t",
        y_label="unit",
        color=color,
        weight=0.9,
    )
