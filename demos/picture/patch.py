"""Patch: the parts of a picture that change while one of its handles is dragged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from demos.picture.annotations import Annotation
from demos.picture.layers import Layer, Readout


@dataclass(frozen=True)
class Patch:
    """Replacements for parts of a picture. The clock, the ranges of the panels and all other parts stay as they are.

    layers: panel index -> two-dimensional layers; each replaces the layer of the same name and kind, and may have
    another shape; a moving one has the picture's F frames. readouts: each replaces the one with the same label.
    hidden: panel index -> names of layers that are out of date; they are hidden until a later patch replaces them.
    annotations: panel index -> all annotations of that panel.
    """

    layers: Mapping[int, Sequence[Layer]] = field(default_factory=dict)
    readouts: Sequence[Readout] = ()
    hidden: Mapping[int, Sequence[str]] = field(default_factory=dict)
    annotations: Mapping[int, Sequence[Annotation]] = field(default_factory=dict)
