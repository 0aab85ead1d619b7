"""What is computed only when it is asked for."""

from __future__ import annotations

from demos.contract import Study
from demos.descent.config import DescentConfig


def studies(config: DescentConfig) -> tuple[Study, ...]:
    return ()
