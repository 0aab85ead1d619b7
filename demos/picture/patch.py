"""What changes in a picture while one of its handles is dragged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from demos.picture.annotations import Annotation
from demos.picture.layers import Layer, Readout


@dataclass(frozen=True)
class Patch:
    """Parts that replace those of a picture; the clock, the panels' ranges and all that is not named stay.

    layers: panel -> layers of the plane; each replaces the one of the same name and kind, in any shape; one that moves
    has the picture's F frames. readouts: each replaces the one of the same label. hidden: panel -> names of layers that
    are not drawn until a later patch brings them: what belongs to the place before. annotations: panel -> all words of
    that panel.
    """

    layers: Mapping[int, Sequence[Layer]] = field(default_factory=dict)
    readouts: Sequence[Readout] = ()
    hidden: Mapping[int, Sequence[str]] = field(default_factory=dict)
    annotations: Mapping[int, Sequence[Annotation]] = field(default_factory=dict)
