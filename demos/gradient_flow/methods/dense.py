"""The limit of methods whose matrices are dense: D × D numbers for each replica of D coordinates."""

from __future__ import annotations

from torch import Tensor

MOST_COORDINATES = 512


def is_small(x: Tensor) -> bool:
    """Whether a replica of x (N, ...) has at most MOST_COORDINATES coordinates."""
    return x[0].numel() <= MOST_COORDINATES


def check_small(method: str, x: Tensor, why: str) -> None:
    """Raise ValueError, naming the method and why, if the replicas are too large for it."""
    if not is_small(x):
        size = x[0].numel()
        raise ValueError(
            f"method = {method!r} takes at most {MOST_COORDINATES} coordinates a replica, not {size}: {why}."
        )
