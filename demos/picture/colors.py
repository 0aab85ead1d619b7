"""The colour of each method, as an index into the categorical map: the same in every picture and chart.

The map has eight colours (blue, vermilion, bluish green, reddish purple, orange, sky blue, yellow, black). Methods that
seldom appear in one picture share a colour, for example a deterministic one and an optimizer.
"""

from __future__ import annotations

CATEGORIES = 8
EXACT = 7  # exact results: black in Okabe and Ito's map, grey in ours

METHOD_COLORS = {
    # sampling, overdamped
    "euler": 0,
    "leimkuhler_matthews": 1,
    "mala": 2,
    "hmc": 3,
    "heun": 4,
    # sampling, underdamped
    "baoab": 5,
    "aboba": 6,
    "obabo": 3,
    "lfmiddle": 4,
    # deterministic
    "rk4": 1,
    "dopri5": 2,
    "rkc": 3,
    "rodas3": 5,
    "implicit_euler": 1,
    "bdf": 4,
    "lsoda": 6,
    "radau": 1,
    # optimizers
    "heavy_ball": 1,
    "nesterov": 2,
    "adam": 3,
    "rmsprop": 4,
    "adagrad": 6,
    "adamw": 3,
    "lion": 4,
    "normalized_descent": 6,
    "newton": 2,
    "lbfgs": 5,
    "fire": 2,
    # fields
    "etdrk2_adaptive": 3,
    "etdrk2": 5,
    "semi_implicit": 1,
    "normalized": 2,
}


def method_color(name: str) -> int:
    """The colour index of a method; a splitting word that is not in the table has that of BAOAB."""
    return METHOD_COLORS.get(name, METHOD_COLORS["baoab"])
