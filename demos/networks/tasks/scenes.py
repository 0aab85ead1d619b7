"""Scenes of toy tasks. Their claims hold for any seed: one training's last bits decide nothing."""

from __future__ import annotations

from demos.contract import Claim, Evidence, Result, Scene, State, Try
from demos.networks.bench.evidence import rows
from demos.networks.tasks.checks import RIGHT
from demos.networks.tasks.config import TasksConfig


def right(*ranges: tuple[float, float]) -> Claim:
    """The share of right answers of each variant on fresh examples, and no row that differs."""

    def claim(result: Result) -> Evidence:
        found = rows(result, RIGHT)
        fits = len(found) == len(ranges) and result.verdict.state is not State.DIFFERS
        fits = fits and all(low <= one.measured <= high for one, (low, high) in zip(found, ranges, strict=True))
        return Evidence(fits, "; ".join(f"{one.name}: {one.measured:.2f}, {one.state}" for one in found))

    return claim


LOST, HALF, LEARNT, ALL = (0.0, 0.45), (0.5, 1.0), (0.65, 1.0), (0.95, 1.0)

SCENES = (
    Scene(
        "copy",
        "Post-norm without a warm-up",
        "With large steps from the first on 8 blocks with post-norm stay at chance, 1 in 6; pre-norm copies all.",
        TasksConfig(),
        right(LOST, ALL),
        Try(
            "warmup",
            60,
            "Give it a warm-up of 60 steps.",
            "Steps that begin small are all it needs: both copy the sequence.",
            right(ALL, ALL),
        ),
        label="Copy task",
    ),
    Scene(
        "cnn_task",
        "Four shapes, with and without skips",
        "14 convolutions as torch makes them stay at chance with Adam; with skips h + f(h)/√L most answers are right.",
        TasksConfig(kind="cnn", lr=0.008, blocks=14),
        right(LOST, LEARNT),
        Try(
            "blocks",
            4,
            "Take 4 convolutions.",
            "Few layers lose little: the network without skips learns, too.",
            right(HALF, LEARNT),
        ),
        label="Shapes",
    ),
)
