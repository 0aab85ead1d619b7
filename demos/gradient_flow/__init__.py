"""The gradient-flow solver: one equation, one loop, many methods.

dx = −M ∇E(x, t) dt + √(2 T(t) M) dW        x on a set C

flow = GradientFlow(energy=U, temperature=0.25)
path = solve(flow, start, times, method="leimkuhler_matthews", seed=0, record=120)
"""

from demos.gradient_flow.derivatives import autograd_gradient, autograd_hessian, largest_curvature
from demos.gradient_flow.flow import GradientFlow
from demos.gradient_flow.method import Method, Option, Order
from demos.gradient_flow.methods import METHODS
from demos.gradient_flow.methods.splitting import splitting
from demos.gradient_flow.mobility import Diagonal, Matrix
from demos.gradient_flow.solve import solve
from demos.gradient_flow.stiff import Stiff
from demos.gradient_flow.trajectory import Status, Trajectory

__all__ = [
    "METHODS",
    "Diagonal",
    "GradientFlow",
    "Matrix",
    "Method",
    "Option",
    "Order",
    "Status",
    "Stiff",
    "Trajectory",
    "autograd_gradient",
    "autograd_hessian",
    "largest_curvature",
    "solve",
    "splitting",
]
