"""The gradient-flow solver: one equation, one loop, many methods.

dx = −M ∇E(x, t) dt + √(2 T(t) M) dW        x on a set C

flow = GradientFlow(energy=U, temperature=0.25)
path = solve(flow, start, times, method="leimkuhler_matthews", seed=0, record=120)

`solve` takes a name of METHODS, which `python -m demos methods` prints, or a `Method` of one's own; `solve_together`
several of them, from the same starts.
"""

from demos.gradient_flow.control import StepControl
from demos.gradient_flow.derivatives import NoGraphError, autograd_gradient, autograd_hessian, largest_curvature
from demos.gradient_flow.flow import CurvedProjection, Energy, GradientFlow, Projection, VectorField
from demos.gradient_flow.loop import solve
from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.methods import METHODS
from demos.gradient_flow.methods.splitting import splitting
from demos.gradient_flow.mobility import Diagonal, Matrix, Mobility, as_mobility
from demos.gradient_flow.noise import Noise, NoiseSource
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.restarts import Restart, Restarter
from demos.gradient_flow.steppers import AdaptiveStepper
from demos.gradient_flow.stiff import Stiff, Transform
from demos.gradient_flow.together import Run, solve_together
from demos.gradient_flow.trajectory import Status, Trajectory

__all__ = [
    "METHODS",
    "AdaptiveStepper",
    "CurvedProjection",
    "Diagonal",
    "Energy",
    "GradientFlow",
    "Matrix",
    "Method",
    "Mobility",
    "NoGraphError",
    "Noise",
    "NoiseSource",
    "Option",
    "Order",
    "Problem",
    "Projection",
    "Restart",
    "Restarter",
    "Run",
    "Status",
    "StepControl",
    "Stiff",
    "Trajectory",
    "Transform",
    "VectorField",
    "as_mobility",
    "autograd_gradient",
    "autograd_hessian",
    "largest_curvature",
    "solve",
    "solve_together",
    "splitting",
]
