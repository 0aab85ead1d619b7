"""The methods of this page, and their classification."""

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
"""On a quadratic each of these is a linear recursion along every eigenvector, so that its behaviour is known."""
MOMENTUM = ("heavy_ball", "nesterov")
"""Linear methods whose recursion uses the last two steps."""
GRADIENT_STEPS = ("euler", "heavy_ball", "nesterov", "implicit_euler")
"""Methods whose move is proportional to the gradient; the others divide it by its size or by the curvature."""
FLOW_STEPS = ("euler", "implicit_euler")
"""Discretizations of the gradient flow, whose distance from it is predicted by backward error analysis."""
WEIGHTS = {"implicit_euler": 30.0, "newton": 3.0, "lbfgs": 4.0}
"""The time of a step in units of a step of gradient descent; 1 for the others."""
