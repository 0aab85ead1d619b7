"""Checks of a hanging chain against the discrete catenary: its joints and the pull at its hooks; its headline."""

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

CLOSE = 1e-7  # largest distance of a joint from the exact polygon, in spans
SHARP = 1e-6  # largest relative error of the pull


def shape_checks(system: System, end: Endpoint, exact: Catenary, unrest: str) -> list[Check]:
    """The rows of joints and pull at rest against the closed form. unrest: why the chain is not at rest, or ""."""
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
    """The row of the joints' speed over the force, which is 1 for the exact flow. For explicit Euler it is smaller,
    because each step is retracted to rigid links; this is predicted here from the weights alone. Other methods have no
    such row."""
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


def headline(rows: Sequence[Check], joints: Check, pull: Check, arch: bool) -> str:
    """One sentence: whether the chain hangs in the exact polygon, and how hard it pulls. arch: whether every link was
    pushed at the start."""
    apart = number(max(joints.measured, 1e-12), digits=1)
    return trouble(rows) or (
        f"{'The arch fell: every' if arch else 'Every'} joint hangs within {apart} spans of the exact polygon, and "
        f"each hook holds {number(pull.measured)} weights."
    )
