"""The methods on the menu of this page, and what separates them."""

from __future__ import annotations

from demos.gradient_flow import METHODS, Method

LABELS = {
    "euler": "Gradient descent",
    "heavy_ball": "Heavy ball",
    "nesterov": "Nesterov",
    "adagrad": "AdaGrad",
    "rmsprop": "RMSProp",
    "adam": "Adam",
    "adamw": "AdamW",
    "lion": "Lion",
    "normalized_descent": "Normalized descent",
    "newton": "Newton flow",
    "implicit_euler": "Implicit Euler",
    "lbfgs": "L-BFGS",
}
OPTIMIZERS: dict[str, Method] = {name: METHODS[name] for name in LABELS}
LINEAR = ("euler", "heavy_ball", "nesterov", "newton", "implicit_euler")
"""On a quadratic each of these is a linear recursion in every eigen-direction: everything about it is known."""
MOMENTUM = ("heavy_ball", "nesterov")
"""Of these, the ones whose recursion goes back two steps."""
GRADIENT_STEPS = ("euler", "heavy_ball", "nesterov", "implicit_euler")
"""Their rate multiplies the gradient itself; the others divide by a size of it, or by the curvature."""
FLOW_STEPS = ("euler", "implicit_euler")
"""Discretisations of the gradient flow itself: their distance from it is predicted by backward error analysis."""
WEIGHTS = {"implicit_euler": 30.0, "newton": 3.0, "lbfgs": 4.0}
"""The time of one step, in steps of gradient descent."""
DASHED = ("lbfgs", "adamw", "lion", "normalized_descent", "newton")
"""Those that share their colour with another one: dashed beside it."""
