"""The moving picture as plain data, and the bytes in which it travels to the browser.

layers      panels, and what is drawn in them
space       layers of panels that look into space
handles     points that the visitor may drag; patch: what changes meanwhile
colors      which colour means which method
payload     a picture as bytes
player      what plays those bytes in a browser
"""

from demos.picture.annotations import Annotation, Mark, frames_within
from demos.picture.layers import (
    Arrows,
    Cells,
    Curve,
    Field,
    Globe,
    Handles,
    Layer,
    Lines,
    Markers,
    Panel,
    Picture,
    Points,
    Readout,
    Spheres,
    Surface,
)
from demos.picture.patch import Patch

__all__ = [
    "Annotation",
    "Arrows",
    "Cells",
    "Curve",
    "Field",
    "Globe",
    "Handles",
    "Layer",
    "Lines",
    "Mark",
    "Markers",
    "Panel",
    "Patch",
    "Picture",
    "Points",
    "Readout",
    "Spheres",
    "Surface",
    "frames_within",
]
