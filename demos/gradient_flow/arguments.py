"""What a call of `solve` may hold: each refusal names the argument, its value and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.flow import GradientFlow
from demos.gradient_flow.method import Method
from demos.gradient_flow.methods import METHODS
from demos.gradient_flow.methods.splitting import splitting
from demos.gradient_flow.noise import component_major
from demos.gradient_flow.shapes import checked_like, kind
from demos.gradient_flow.signatures import takes

MOST_NUMBERS = 2**30  # kept in the frames of one path: 4 GiB in single precision


def resolve(name: str, flow: GradientFlow) -> Method:
    """The method's row, if it can serve this flow."""
    if not isinstance(flow, GradientFlow):
        raise ValueError(f"flow = {flow!r} must be a GradientFlow.")
    row = METHODS.get(name) if isinstance(name, str) else None
    if row is None and isinstance(name, str) and name and set(name) <= set("VRO"):
        row = splitting(name)
    if row is None:
        raise ValueError(f"method = {name!r} is unknown; known are {', '.join(METHODS)}, and words over V, R, O.")
    if "energy" in row.needs and flow.energy is None:
        raise ValueError(f"method = {name!r} compares energies, and this flow has only a gradient.")
    if "hessian" in row.needs and flow.hessian is None:
        raise ValueError(f"method = {name!r} needs a Hessian: give the flow an energy or a hessian.")
    if "level" in row.needs and getattr(flow, "level", None) is None:
        raise ValueError(f"method = {name!r} is a sampler of diffusion: it needs a flow that knows its noise level(t).")
    if "stiff" in row.needs and flow.stiff is None:
        raise ValueError(f"method = {name!r} solves the stiff linear part of a flow exactly, and this flow names none.")
    if "project" in row.needs and flow.project is None:
        raise ValueError(f"method = {name!r} moves on a sphere, and this flow has no constraint set.")
    if row.stochastic == "never" and flow.is_stochastic:
        noisy = ", ".join(n for n, m in METHODS.items() if m.stochastic != "never")
        raise ValueError(f"method = {name!r} has no noise, but the flow has a temperature; use one of {noisy}.")
    if row.stochastic == "must" and not flow.is_stochastic:
        raise ValueError(f"method = {name!r} samples at a temperature, but this flow's temperature is 0.")
    for part in ("mobility", "project"):
        if getattr(flow, part) is not None and part not in row.supports:
            able = ", ".join(n for n, m in METHODS.items() if part in m.supports)
            raise ValueError(f"method = {name!r} cannot use the flow's {part}; these can: {able}.")
    return row


def checked_start(start: Any, flow: GradientFlow) -> Tensor:
    """The start as a tensor on the constraint set."""
    dense = isinstance(start, Tensor) and start.layout == torch.strided and start.device.type != "meta"
    if not dense or start.ndim < 2 or start.numel() == 0 or start.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"start is {kind(start)}; it must be a float32 or float64 tensor of shape (N, d) or (N, ...).")
    if not torch.isfinite(start).all():
        raise ValueError(f"start has {int((~torch.isfinite(start)).sum())} entries that are not finite numbers.")
    if flow.project is None:
        return start.detach()
    on_set = checked_like("project.retract(start)", flow.project.retract(start.detach()), start)
    if not torch.isfinite(on_set).all():
        raise ValueError("start has points that project.retract cannot bring to the constraint set (not finite).")
    return on_set


def checked_momenta(momenta: Any, row: Method, x: Tensor) -> Tensor | None:
    if momenta is None:
        return None
    if row.momentum is None:
        raise ValueError(f"momenta were given, but {row.name} has none; use an underdamped method such as baoab.")
    if not isinstance(momenta, Tensor) or momenta.shape != x.shape:
        raise ValueError(f"momenta is {kind(momenta)}; it must be a tensor of the shape of start, {tuple(x.shape)}.")
    if momenta.is_complex() or not torch.isfinite(momenta).all():
        raise ValueError("momenta must be finite real numbers.")
    return component_major(momenta.to(x))


def check_mobility(flow: GradientFlow, x: Tensor, t: float) -> None:
    """The mobility must take a state and give one like it."""
    if flow.mobility is None:
        return
    try:
        checked_like("mobility.apply(x, t)", flow.mobility.apply(x, t), x)
        if flow.is_stochastic:
            checked_like("mobility.root(x, t)", flow.mobility.root(x, t), x)
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"mobility does not go with a start of shape {tuple(x.shape)}: {error}") from error


def checked_times(times: Any, row: Method, dtype: torch.dtype) -> list[float]:
    try:
        if np.iscomplexobj(times):  # torch would drop the imaginary part and only warn
            raise TypeError
        grid = torch.as_tensor(times, dtype=torch.float64).detach()
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise ValueError(f"times = {str(times)[:40]!r} must be a 1-D tensor or list of numbers.") from None
    if grid.ndim != 1 or len(grid) < 2:
        raise ValueError(f"times has shape {tuple(grid.shape)}; it must be 1-D with at least two entries.")
    steps = grid.diff()
    rising, falling = bool((steps > 0).all()), bool((steps < 0).all())
    if not torch.isfinite(grid).all() or not (rising or falling):
        first = ", ".join(f"{t:g}" for t in grid[:6]) + (", …" if len(grid) > 6 else "")
        raise ValueError(f"times = [{first}] must be finite and strictly rising or strictly falling.")
    farthest, largest = float(grid.abs().max()), torch.finfo(dtype).max ** 0.5  # so that a product of two is a number
    if farthest > largest:
        precision = str(dtype).removeprefix("torch.")
        raise ValueError(f"times reach {farthest:.3g}; in {precision} they must stay within ±{largest:.2g}.")
    if falling and row.proposes:
        raise ValueError(f"times fall from {grid[0]:g} to {grid[-1]:g}; for method = {row.name!r} they must rise.")
    return grid.tolist()


def check_mass(flow: GradientFlow, grid: list[float], dtype: torch.dtype) -> None:
    """A drift moves by h/m times the momentum, which must be a number of the run's precision."""
    longest, largest = float(np.abs(np.diff(grid)).max()), torch.finfo(dtype).max
    if flow.mass * largest < longest:
        raise ValueError(f"mass = {flow.mass!r} must be at least {longest / largest:.2g} for a step of {longest:.3g}.")


def checked_options(row: Method, options: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in options.items():
        if name not in row.options:
            known = ", ".join(row.options) or "none"
            raise ValueError(f"{name} = {value!r} is not an option of {row.name}; its options: {known}.")
    return {name: o.read(row.name, name, options.get(name, o.default)) for name, o in row.options.items()}


def positive(name: str, value: Any) -> float:
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 < value < math.inf:
        raise ValueError(f"{name} = {value!r} must be a finite number > 0.")
    return float(value)


def function(name: str, value: Any, *arguments: str) -> Any:
    """None, or a function that takes these arguments."""
    if value is not None and not takes(value, len(arguments)):
        raise ValueError(f"{name} = {kind(value)} must be a function of ({', '.join(arguments)}) or None.")
    return value


def frames(record: Any, row: Method, grid: list[float], observe: Any) -> int:
    """The number of frames; 0: one after every step of an adaptive method."""
    if record != "steps":
        return whole("record", record, 2, 10_000_000)
    if row.adaptive is None:
        return len(grid)
    if observe is None:
        raise ValueError(f"record = 'steps' needs observe with {row.name}: its number of steps is not known.")
    return 0


def check_memory(record: int, row: Method, grid: list[float], x: Tensor) -> None:
    """The frames of a path are kept in one piece."""
    kept = record if row.adaptive is not None else min(record, len(grid))
    if kept * x.numel() > MOST_NUMBERS:
        raise ValueError(
            f"record = {record} frames of {x.numel():,} numbers are more than {MOST_NUMBERS:,} in all; "
            "record fewer, or give observe, which keeps statistics instead."
        )


def whole(name: str, value: Any, low: int, high: int) -> int:
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or value != int(value):
        raise ValueError(f"{name} = {value!r} must be a whole number from {low:,} to {high:,}.")
    if not low <= value <= high:
        raise ValueError(f"{name} = {value} must be from {low:,} to {high:,}.")
    return int(value)
