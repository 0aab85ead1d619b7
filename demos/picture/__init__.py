"""The moving picture as plain data, and the bytes in which it travels to the browser.

layers      panels, and what is drawn in them
space       layers of panels that look into space
colors      which colour means which method
payload     a picture as bytes
"""

from demos.picture.annotations import Annotation, Mark, frames_within
from demos.picture.layers import (
    Arrows,
    Cells,
    Curve,
    Field,
    Globe,
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

__all__ = [
    "Annotation",
    "Arrows",
    "Cells",
    "Curve",
    "Field",
    "Globe",
    "Layer",
    "Lines",
    "Mark",
    "Markers",
    "Panel",
    "Picture",
    "Points",
    "Readout",
    "Spheres",
    "Surface",
    "frames_within",
]
