"""Ways in which the engine of rescaling can be wrong."""

from __future__ import annotations

import pytest
import torch

from demos.stochastic.rescaling import network
from tests.verdicts.harness import Mutation, replace_everywhere
from tests.verdicts.stochastic import FRAMES, GRADIENT


def uneven(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second layer is divided by a little too much."""
    original = network.rescaled

    def broken(weights: torch.Tensor, factor: float) -> torch.Tensor:
        given = original(weights, factor)
        hidden = weights.shape[1] // 3
        return torch.cat((given[:, : 2 * hidden], 0.999 * given[:, 2 * hidden :]), 1)

    assert replace_everywhere(monkeypatch, original, broken)


def other_curvature(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measured Hessian is that of the network before rescaling."""
    measured = network.Network.measured_hessian
    monkeypatch.setattr(network.Network, "measured_hessian", lambda self, factor: measured(self, 1.0001 * factor))


MUTATIONS = (
    *GRADIENT,
    *(mutation for mutation in FRAMES if mutation.name != "all at one point"),  # there is one chain
    Mutation("the layers do not make up for each other", uneven),
    Mutation("curvature of another factor", other_curvature),
)
