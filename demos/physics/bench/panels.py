"""The small panel beside a picture: quantities over time with their exact values, and a dot at the current frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from demos.picture import Curve, Layer, Markers, Panel, Readout, Scale
from demos.picture.colors import EXACT

MARGIN = 0.06  # room above and below the data, as a share of their range


def time_panel(
    title: str,
    x: np.ndarray,
    curves: Mapping[str, np.ndarray],
    *,
    exact: Mapping[str, float | np.ndarray] = {},
    x_label: str = "",
    x_scale: Scale = "",
    y_label: str = "",
    y: tuple[float, float] | None = None,
    captions: Sequence[str] = (),
    weight: float = 0.8,
) -> Panel:
    """A panel of curves over x (F,), one value per frame, with a dot on each at the current frame.

    exact: known values, one number for all frames or (F,), drawn dashed. Values that are not finite are left out.
    """
    known = {name: np.broadcast_to(np.asarray(value, dtype=float), x.shape) for name, value in exact.items()}
    layers: list[Layer] = [Curve(name, x, values, dashed=True, color=EXACT) for name, values in known.items()]
    layers += [Curve(name, x, values, color=-2 if i == 0 else i) for i, (name, values) in enumerate(curves.items())]
    places = np.stack([np.stack((x, values), -1) for values in curves.values()], axis=1).astype(float)
    layers.append(Markers("now", places, [""] * len(curves), ["dot"] * len(curves)))
    return Panel(
        span(x),
        y or span(*curves.values(), *known.values()),
        layers,
        title=title,
        x_label=x_label,
        x_scale=x_scale,
        y_label=y_label,
        captions=captions,
        weight=weight,
    )


def dissipation_readout(share: np.ndarray, title: str = "") -> Readout:
    """The readout of the residual of the energy balance up to each frame, share (F,) of the energy that fell."""
    share = np.nan_to_num(share, posinf=0.0, neginf=0.0)
    name = f"energy not dissipated ({title})" if title else "energy not dissipated"
    return Readout(name, np.round(100 * share, 4) + 0.0, unit="%", digits=2)


def span(*values: np.ndarray, margin: float = MARGIN) -> tuple[float, float]:
    """The limits of an axis that holds all finite values with a margin; never of zero length."""
    every = np.concatenate([np.ravel(part) for part in values])
    every = every[np.isfinite(every)]
    low, high = (float(every.min()), float(every.max())) if every.size else (0.0, 1.0)
    room = margin * (high - low) or max(0.5, 1e-3 * abs(high))
    return low - room, high + room
