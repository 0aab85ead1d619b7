"""Small images of shapes: discs, squares, crosses and triangles at random places."""

from __future__ import annotations

import numpy as np

SIDE = 12
SHAPES = ("disc", "square", "cross", "triangle")


def images(count: int, random: np.random.Generator) -> np.ndarray:
    """(count, SIDE, SIDE), 0 or 1: shapes in turn, of random size and place, wholly inside."""
    y, x = np.mgrid[:SIDE, :SIDE].astype(float)
    made = []
    for index in range(count):
        size = random.uniform(2.0, 3.5)
        cx, cy = random.uniform(size, SIDE - 1 - size, 2)
        u, v = (x - cx) / size, (y - cy) / size
        match SHAPES[index % len(SHAPES)]:
            case "disc":
                inside = u**2 + v**2 <= 1
            case "square":
                inside = np.maximum(abs(u), abs(v)) <= 0.85
            case "cross":
                inside = (np.minimum(abs(u), abs(v)) <= 0.3) & (np.maximum(abs(u), abs(v)) <= 1)
            case _:
                inside = (v >= -0.8) & (v <= 0.9 - 2 * abs(u) + 0.8)
        made.append(inside.astype(float))
    return np.array(made)
