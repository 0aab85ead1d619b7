"""A hanging chain at rest beside the discrete catenary: its joints and its tensions."""

from __future__ import annotations

import numpy as np

from demos.contract import Check
from demos.physics.bench.endpoint import Endpoint
from demos.physics.bench.system import System
from demos.physics.chain.model import tensions
from demos.physics.chain.reference import Catenary

CLOSE = 1e-7  # spans: how near the joints must come to the exact polygon


def shape_checks(system: System, end: Endpoint, exact: Catenary) -> list[Check]:
    """Joints and tensions beside the closed form; nothing where the chain still moves."""
    if end.certificate is None:
        return []
    distance = np.linalg.norm(end.state.numpy() - exact.nodes, axis=1).max()
    pulls = tensions(system, end.state[None])[0].numpy()
    worst = int(np.abs(pulls - exact.tensions).argmax())
    return [
        Check(
            "joints off the exact polygon",
            float(distance),
            0.0,
            floor=CLOSE,
            unit="spans",
            source="tan θᵢ = (i − (N − 1)/2)/H",
        ),
        Check(
            "tension, at the worst link",
            float(pulls[worst]),
            float(exact.tensions[worst]),
            floor=1e-6 * float(exact.tensions[worst]),
            unit="weights",
            source="multiplier beside H/cos θᵢ",
        ),
    ]
