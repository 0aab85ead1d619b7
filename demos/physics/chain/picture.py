"""The picture of a hanging chain: its links coloured by their tension over the exact polygon, and tension by link."""

from __future__ import annotations

import numpy as np
import torch

from demos.physics.bench.endpoint import INSIDE_BOWL
from demos.physics.bench.frames import dissipation_readouts, frame_positions, interpolated
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.panels import span
from demos.physics.chain.model import tensions
from demos.physics.chain.reference import Catenary
from demos.picture import Annotation, Curve, Lines, Mark, Markers, Panel, Picture, Readout
from demos.picture.colors import EXACT

FRAMES = 100
SECONDS = 8.0
PUSHED, PULLED = -0.3, 1.3  # ends of the colour scale and of the axis, relative to the largest exact tension


def picture(run: MethodRun, exact: Catenary, unrest: str) -> Picture:
    """The picture of a run. unrest: why the chain is not at rest in the end, or ""."""
    positions = frame_positions(run, FRAMES)
    states = interpolated(run.states.numpy(), positions)
    links = np.arange(len(exact.tensions))
    pulls = tensions(run.system, torch.from_numpy(states)).numpy()
    largest = float(exact.tensions.max())
    shown = np.clip(np.nan_to_num(pulls), PUSHED * largest, PULLED * largest)
    pieces = np.stack((states[:, :-1], states[:, 1:]), 2).reshape(len(states), -1, 2)
    body = Panel(
        (-0.12, 1.12),
        span(exact.nodes[:, 1], np.clip(states[..., 1], -5, 5)),
        [
            Lines("exact polygon", exact.nodes, dashed=True, color=EXACT, width=2.5),
            *([Lines("the arch at the start", states[0], color=-1, width=1.0)] if (pulls[0] < 0).all() else []),
            Lines(
                "chain",
                pieces,
                starts=2 * links,
                width=3.5,
                dots=3.0 if len(links) <= 30 else 2.0,
                values=shown,
                value_name="tension",
            ),
            Markers("hooks", exact.nodes[[0, -1]], ["", ""], ["ring", "ring"]),
        ],
        x_label="x",
        y_label="y",
        equal=True,
        weight=1.2,
        annotations=_words(states, pulls, exact, unrest),
    )
    profile = Panel(
        span(links + 1.0),
        (PUSHED * largest, PULLED * largest),
        [
            Curve("exact", links + 1.0, exact.tensions, dashed=True, color=EXACT),
            Curve("this chain", links + 1.0, shown, color=-2),
        ],
        title="Tension of each link",
        x_label="link",
        y_label="weights",
        weight=0.8,
    )
    times = interpolated(run.x, positions)
    rests = np.flatnonzero(interpolated(run.forces, positions) > INSIDE_BOWL)
    marks = [] if unrest or not len(rests) else [Mark(float(times[min(rests[-1] + 1, len(times) - 1)]), "at rest")]
    gaps = interpolated(run.energies, positions) - exact.energy
    clock = Readout("iteration" if run.iterates else "t", times)
    readouts = [
        Readout("E above the exact shape", gaps),
        Readout("largest force", interpolated(run.forces, positions)),
        Readout("gradients", np.rint(interpolated(run.work, positions)), digits=6),
        *dissipation_readouts(run, positions),
    ]
    return Picture(
        [body, profile],
        clock,
        readouts,
        seconds=SECONDS,
        alt=f"A chain of {len(links)} rigid links falls into the exact shape; its tensions beside it.",
        marks=marks,
    )


def _words(states: np.ndarray, pulls: np.ndarray, exact: Catenary, unrest: str) -> list[Annotation]:
    """Annotations: at the start of an arch, that every link is compressed; in the end, whether the shape is exact."""
    words, last = [], len(states) - 1
    if (pulls[0] < 0).all():
        pulled = ~(pulls < 0).all(1)
        pushed = int(pulled.argmax()) - 1 if pulled.any() else last
        top = float(states[0, :, 1].max())
        words.append(Annotation("Every link is pushed", 0.5, top + 0.03, (0, pushed), "center"))
    low = float(exact.nodes[:, 1].min())
    end = "Not at rest" if unrest else "Every joint balances"
    words.append(Annotation(end, 0.5, low / 2, (last - last // 5, last), "center"))
    return words
