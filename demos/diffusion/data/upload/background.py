"""The background of a picture: one colour, or paper under uneven light; a frame around a picture is no part of it."""

from __future__ import annotations

import numpy as np

NOISE = 32  # differences from the background (of 255) that count as the noise of a scan
FAINT, TIMES = 8, 5  # least difference of faint ink, and in deviations of the background, where nothing is darker
UNIFORM = 0.9  # share of an edge that has one colour, or follows one light, where it is background
FRAME = 0.02  # thickest frame, as a fraction of the shorter side
NARROWING = (128, 96, 64, 48, NOISE)  # what is like the paper, in each round of the fit of its light
COARSE = 160  # pixels along a side that the fit looks at


def framed(colors: np.ndarray) -> int:
    """The thickness in pixels of a frame around colors (H, W, 3): a thin border of one colour around another one that
    is uniform too. 0 where there is none, or nothing within it."""
    outer = _edge(colors, 0)
    around = np.median(outer, axis=0)
    if (_apart(outer, around) < NOISE).mean() < UNIFORM:
        return 0
    for depth in range(1, 2 + int(FRAME * min(colors.shape[:2]))):
        inner = _edge(colors, depth)
        paper = np.median(inner, axis=0)
        if _apart(paper, around) >= NOISE and (_apart(inner, paper) < NOISE).mean() >= UNIFORM:
            within = colors[depth:-depth, depth:-depth]
            return depth if (_apart(within, paper) >= NOISE).any() else 0
    return 0


def difference(colors: np.ndarray, border: np.ndarray) -> np.ndarray:
    """How much each pixel of colors (H, W, 3) differs from the background, (H, W); 0 where that is noise.

    border (H, W): the pixels that are taken as background, most of which are."""
    away = _apart(colors, np.median(colors[border], axis=0))
    same = (away[border] < NOISE / 2).mean()
    if same < UNIFORM:
        lit = _apart(colors, _light(colors, border))
        away = lit if (lit[border] < NOISE / 2).mean() > same else away
    if (away >= NOISE).any():
        return np.where(away >= NOISE, away, 0.0)
    return np.where(away >= max(FAINT, TIMES * float(away[border].std())), away, 0.0)


def _light(colors: np.ndarray, border: np.ndarray) -> np.ndarray:
    """The paper under uneven light, (H, W, 3): a quadratic function of the place, fitted to what is like the paper, on
    the border first and then everywhere."""
    height, width = border.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).astype(np.float32)
    step = max(1, max(border.shape) // COARSE)
    everywhere = border.copy()
    everywhere[::step, ::step] = True
    paper = np.broadcast_to(np.median(colors[border], axis=0), colors.shape)
    for tolerance, where in [(t, border) for t in NARROWING] + [(NOISE, everywhere)] * 2:
        inside = where & (_apart(colors, paper) < tolerance)
        if inside.sum() < 4 * terms.shape[-1]:
            break
        factors, *_ = np.linalg.lstsq(terms[inside], colors[inside], rcond=None)
        paper = terms @ factors
    return paper


def _edge(colors: np.ndarray, depth: int) -> np.ndarray:
    """The pixels (n, 3) of the ring `depth` pixels from the edge."""
    part = colors[depth : len(colors) - depth, depth : colors.shape[1] - depth]
    return np.concatenate([part[0], part[-1], part[:, 0], part[:, -1]])


def _apart(colors: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The largest difference over the three channels."""
    return np.abs(colors - other).max(axis=-1)
