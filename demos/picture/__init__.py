"""The moving picture as plain data, its encoding as bytes, and the player that draws it in a browser.

layers       panels and the layers drawn in them
space        the layers of three-dimensional panels
annotations  text at features of a panel, and marks on the timeline
handles      points that the visitor may drag; patch: the parts of a picture that change during a drag
panels       computations for panels of several demos
colors       the colour of each method
theme        the colours of exported files
payload      a picture as bytes
player       the JavaScript that plays those bytes, and Python code that runs it
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
    Scale,
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
    "Scale",
    "Spheres",
    "Surface",
    "frames_within",
]
