"""The methods on the menu of this page, and their properties."""

from __future__ import annotations

from demos.gradient_flow import METHODS, Method

SAMPLERS: dict[str, Method] = {
    name: row for name, row in METHODS.items() if row.stochastic != "never" and row.family != "diffusion"
}
METHOD_LABELS = {name: row.label for name, row in SAMPLERS.items()}
UNBIASED = ("mala", "hmc")  # their stationary distribution is Boltzmann's at every step size
TIMELESS = ("hmc",)  # its steps are proposals, not time
OVERDAMPED = ("euler", "heun", "leimkuhler_matthews", "implicit_euler", "mala")


def has_momentum(method: str) -> bool:
    """Whether a method follows underdamped dynamics."""
    return SAMPLERS[method].momentum is not None


def has_unknown_cost(method: str) -> bool:
    """Whether a method's gradient evaluations per step depend on the problem; costs are then only about equal."""
    return SAMPLERS[method].evaluations is None
