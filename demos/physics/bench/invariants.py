"""Checks of the quantities that every step must conserve; see `System.invariants`."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.contract import Check
from demos.physics.bench.system import System

CHUNK = 2**16  # coordinates measured at once


def invariant_checks(system: System, states: Tensor) -> tuple[Check, ...]:
    """One self-test for each invariant, which methods conserve by construction: its worst value over the frames and
    replicas of states (F, B, *shape)."""
    frames, replicas = states.shape[:2]
    checks = []
    for invariant in system.invariants:
        parts = []
        for chunk in states.reshape(frames * replicas, *system.shape).split(max(1, CHUNK // prod(system.shape))):
            checkpoint()
            parts.append(invariant.measure(chunk))
        values = torch.cat(parts).reshape(frames, replicas)
        exact = values[:1] if invariant.exact is None else torch.full_like(values[:1], invariant.exact)
        worst = (values - exact).abs().nan_to_num(nan=torch.inf).argmax()
        checks.append(
            Check(
                invariant.name,
                float(values.flatten()[worst]),
                float(exact.expand_as(values).flatten()[worst]),
                floor=invariant.floor,
                unit=invariant.unit,
                source=invariant.source,
                about="code",
            )
        )
    return tuple(checks)
