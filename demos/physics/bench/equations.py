"""LaTeX of the equation of motion of a run: without noise, or with a temperature."""

from __future__ import annotations

from typing import Any

COLD = r"dx = -M\,\nabla E(x)\,dt \quad x \in C \qquad T = 0"
WARM = r"dx = -M\,\nabla E(x)\,dt + \sqrt{2\,kT\,M}\;dW"
UNDERDAMPED = r"dq = p\,dt \quad dp = -\nabla E(q)\,dt - p\,dt + \sqrt{2\,kT}\;dW"


def two_lines(first: str, second: str) -> str:
    return rf"\begin{{gathered}} {first} \\ {second} \end{{gathered}}"


def cooled(config: Any, moves: str) -> str:
    """`moves` at a temperature that falls from config.hot to config.cold."""
    return two_lines(moves, rf"T = kT:\ {config.hot:g} \to {config.cold:g}")
