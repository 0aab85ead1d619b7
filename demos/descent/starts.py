"""The starts of the paths: one point, several, a line or a grid."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.landscapes import EnergySurface

MOST_PLACES = 20
FARTHEST = 100.0
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_ALLOWED = re.compile(r"[\s,()\[\]]*")


def places_of(text: str) -> list[tuple[float, float]]:
    """The points in a text "x, y; x, y; …". Raises ValueError, with one sentence, for any other text."""
    places = []
    for piece in (piece for piece in text.replace("−", "-").split(";") if piece.strip()):
        numbers = [float(found) for found in _NUMBER.findall(piece)]
        if len(numbers) != 2 or not _ALLOWED.fullmatch(_NUMBER.sub("", piece)):
            raise ValueError(f"places: {piece.strip()[:40]!r} is no pair of numbers; write 'x, y; x, y'.")
        if not all(math.isfinite(number) and abs(number) <= FARTHEST for number in numbers):
            raise ValueError(f"places: ({numbers[0]:g}, {numbers[1]:g}) is out of range; allowed is ±{FARTHEST:g}.")
        places.append((numbers[0], numbers[1]))
    if not 1 <= len(places) <= MOST_PLACES:
        raise ValueError(f"places has {len(places)} pairs of numbers; allowed are 1 to {MOST_PLACES}.")
    return places


def text_of(places: list[tuple[float, float]]) -> str:
    """The text from which `places_of` reads these points."""
    return "; ".join(f"{x:.4g}, {y:.4g}" for x, y in places)


def starts_of(config: Any, surface: EnergySurface) -> Tensor:
    """The starts of a config, (N, 2) float64; for a grid see `grid_of`."""
    match config.start:
        case "point":
            points = np.array([[config.x0, config.y0]])
        case "places":
            points = np.array(config.places_given)
        case "line":
            share = np.linspace(0, 1, config.count)[:, None]
            points = (1 - share) * (config.x0, config.y0) + share * (config.x1, config.y1)
        case _:
            points = grid_of(surface, config.count)
    return torch.from_numpy(np.ascontiguousarray(points, dtype=np.float64))


def grid_of(surface: EnergySurface, count: int) -> np.ndarray:
    """The centres of count × count equal cells of the view, row by row from the bottom: (count², 2)."""
    axes = [low + (high - low) * (np.arange(count) + 0.5) / count for low, high in surface.view]
    return np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
