"""Mean slope φ'(z) and silent units of activation modules, from the arguments of a forward hook.

An in-place activation has overwritten its input, so slopes are computed from the output where that determines them
(ReLU, tanh, sigmoid …). For GELU, SiLU and Softplus they need the input; in-place ones of these are left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

import torch
from torch import Tensor, nn

SlopeFunction = Callable[[nn.Module, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Slope:
    """slope(module, input, output) -> φ' of each element; greatest: the largest possible |φ'|; silent: whether units
    can be exactly 0 for every sample, which blocks the gradient; from_input: whether the input is needed."""

    name: str
    slope: SlopeFunction
    greatest: float = 1.0
    silent: bool = False
    from_input: bool = False


def _step(module: nn.Module, z: Tensor, out: Tensor) -> Tensor:
    return (out > 0).to(out.dtype)


def _left(slope: Callable[[nn.Module, Tensor], Tensor | float]) -> SlopeFunction:
    """The slope function that is 1 right of 0, and the given slope left of it."""
    return lambda module, z, out: torch.where(out > 0, 1.0, slope(module, out))


def _gelu(module: nn.Module, z: Tensor, out: Tensor) -> Tensor:
    return (1 + torch.erf(z / sqrt(2))) / 2 + z * torch.exp(-z * z / 2) / sqrt(2 * pi)


def _silu(module: nn.Module, z: Tensor, out: Tensor) -> Tensor:
    s = torch.sigmoid(z)
    return s * (1 + z * (1 - s))


def _between(low: float, high: float, height: float = 1.0) -> SlopeFunction:
    """The slope function that is constant inside an interval of outputs, and 0 outside."""
    return lambda module, z, out: ((out > low) & (out < high)).to(out.dtype) * height


SLOPES: dict[type[nn.Module], Slope] = {
    nn.ReLU: Slope("relu", _step, silent=True),
    nn.ReLU6: Slope("relu6", _between(0.0, 6.0), silent=True),
    nn.LeakyReLU: Slope("leaky_relu", _left(lambda module, out: module.negative_slope)),
    nn.ELU: Slope("elu", _left(lambda module, out: out + module.alpha)),
    nn.Tanh: Slope("tanh", lambda module, z, out: 1 - out * out),
    nn.Sigmoid: Slope("sigmoid", lambda module, z, out: out * (1 - out), greatest=0.25),
    nn.Hardtanh: Slope("hardtanh", lambda module, z, out: _between(module.min_val, module.max_val)(module, z, out)),
    nn.Hardsigmoid: Slope("hardsigmoid", _between(0.0, 1.0, 1 / 6), greatest=1 / 6),
    nn.Softsign: Slope("softsign", lambda module, z, out: (1 - out.abs()) ** 2),
    nn.GELU: Slope("gelu", _gelu, greatest=1.129, from_input=True),
    nn.SiLU: Slope("silu", _silu, greatest=1.0998, from_input=True),
    nn.Softplus: Slope("softplus", lambda module, z, out: torch.sigmoid(module.beta * z), from_input=True),
}


def usable(module: nn.Module) -> bool:
    """Whether the slope can be computed after the call."""
    slope = SLOPES.get(type(module))
    return slope is not None and not (slope.from_input and getattr(module, "inplace", False))


def mean_slope(module: nn.Module, z: Tensor | None, out: Tensor) -> Tensor | None:
    """Mean of φ' over a batch, a tensor (); None where it cannot be computed."""
    entry = SLOPES.get(type(module))
    if entry is None or not usable(module) or (entry.from_input and z is None):
        return None
    return entry.slope(module, z if z is not None else out, out).mean()


def silent_units(outputs: Tensor) -> Tensor | None:
    """Of several outputs (calls, samples, …) of modules with silent units: (calls, units), true where a unit is 0 for
    every sample of the batch; None without samples.

    Units are channels: dimension 1 of images and volumes (4 or 5 dimensions), otherwise the last.
    """
    if outputs.ndim < 3:
        return None
    unit = 2 if outputs.ndim >= 5 else outputs.ndim - 1
    return outputs.amax([dimension for dimension in range(1, outputs.ndim) if dimension != unit]) <= 0
