"""A hanging chain beside the discrete catenary: its joints, the pull at its hooks, and what they say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from demos.common.numbers import number
from demos.contract import Check
from demos.physics.bench.endpoint import Endpoint
from demos.physics.bench.method_run import MethodRun
from demos.physics.bench.rods import trouble
from demos.physics.bench.system import System
from demos.physics.chain.model import tensions
from demos.physics.chain.reference import Catenary

CLOSE = 1e-7  # spans: how near the joints must come to the exact polygon
SHARP = 1e-6  # of the pull


def shape_checks(system: System, end: Endpoint, exact: Catenary, unrest: str) -> list[Check]:
    """Joints and pull at rest beside the closed form. unrest: why the chain is not at rest, or ""."""
    distance = float(np.linalg.norm(end.state.numpy() - exact.nodes, axis=1).max())
    pull = float(tensions(system, end.state[None])[0, -1])
    return [
        Check(
            "farthest joint from the exact polygon",
            distance,
            0.0,
            floor=CLOSE,
            unit="spans",
            source="the discrete catenary: tan θᵢ = (i − (N − 1)/2)/H",
            incomparable=unrest,
        ),
        Check(
            "pull at a hook",
            pull,
            float(exact.tensions[-1]),
            floor=SHARP * float(exact.tensions[-1]),
            unit="weights",
            source="the discrete catenary: H/cos θ of its last link",
            incomparable=unrest,
        ),
    ]


def step_checks(system: System, run: MethodRun) -> list[Check]:
    """How fast the joints go, in units of the force: 1 on the flow. Explicit Euler's step is bent back to rigid links,
    which shortens it by what is computed here from the weights alone. Nothing for other methods."""
    project, x = system.project, run.states
    single = torch.from_numpy(np.isclose(run.path.times.diff().numpy(), run.step, rtol=1e-6))
    if run.method != "euler" or project is None or run.status.diverged or not single.any():
        return []
    before, after = x[:-1][single], x[1:][single]
    weights = torch.zeros_like(before)
    weights[:, 1:-1, 1] = -1.0
    fall = project.tangent(before, weights)
    there = project.retract(before + run.step * fall)
    scale = run.step * float(fall.square().sum())
    return [
        Check(
            "speed of the joints, in units of the force",
            float(((after - before) * fall).sum()) / scale,
            1.0,
            predicted=float(((there - before) * fall).sum()) / scale,
            predicted_by="this step",
            floor=1e-6,
            source="dx/dt = −∇E",
            note="rigid links shorten a straight step",
        )
    ]


def headline(rows: Sequence[Check], joints: Check, pull: Check) -> str:
    """One sentence: whether the chain hangs in the exact polygon, and how hard it pulls."""
    apart = number(max(joints.measured, 1e-12), digits=1)
    return trouble(rows) or (
        f"Every joint hangs within {apart} spans of the exact polygon, and each hook holds "
        f"{number(pull.measured)} weights."
    )
