"""Validation of `solve`'s arguments; every ValueError names the argument, its value and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.flow import GradientFlow
from demos.gradient_flow.method import Method
from demos.gradient_flow.methods import METHODS, method_called
from demos.gradient_flow.noise import component_major
from demos.gradient_flow.shapes import check_left_alone, checked_like, is_number, kind
from demos.gradient_flow.signatures import has_methods, takes
from demos.gradient_flow.status import longest_step

MOST_NUMBERS = 2**30  # the most numbers in the frames of one path: 4 GiB in single precision
MOST_FRAMES = 10_000_000
SHORT = 2**16  # a range of at most this many times is converted to a list


def resolve(given: str | Method, flow: GradientFlow) -> Method:
    """The method, given itself or by name. Raises ValueError if it is unknown or cannot solve this flow."""
    if not isinstance(flow, GradientFlow):
        raise ValueError(f"flow = {kind(flow)} must be a GradientFlow.")
    if not isinstance(given, (Method, str)):
        raise ValueError(f"method = {kind(given)} must be a Method, a name in METHODS, or a word over V, R, O.")
    method = method_called(given) if isinstance(given, str) else given
    name = method.name
    if "energy" in method.needs and flow.energy is None:
        raise ValueError(f"method = {name!r} compares energies, and this flow has only a gradient.")
    if "hessian" in method.needs and flow.hessian is None:
        raise ValueError(f"method = {name!r} needs a Hessian: give the flow an energy or a hessian.")
    if "noise_level" in method.needs and flow.noise_level is None:
        raise ValueError(f"method = {name!r} is a sampler of diffusion: it needs a flow that knows its noise_level(t).")
    if "stiff" in method.needs and flow.stiff is None:
        raise ValueError(f"method = {name!r} solves the stiff linear part of a flow exactly, and this flow names none.")
    if "project" in method.needs and flow.project is None:
        raise ValueError(f"method = {name!r} moves on a sphere, and this flow has no constraint set.")
    if method.stochastic == "never" and flow.is_stochastic:
        noisy = ", ".join(n for n, m in METHODS.items() if m.stochastic != "never")
        raise ValueError(f"method = {name!r} has no noise, but the flow has a temperature; use one of {noisy}.")
    if method.stochastic == "must" and not flow.is_stochastic:
        raise ValueError(f"method = {name!r} samples at a temperature, but this flow's temperature is 0.")
    for part in ("mobility", "project"):
        if getattr(flow, part) is not None and part not in method.supports:
            able = ", ".join(n for n, m in METHODS.items() if part in m.supports)
            raise ValueError(f"method = {name!r} cannot use the flow's {part}; these can: {able}.")
    return method


def checked_start(start: Any, flow: GradientFlow) -> Tensor:
    """The start, moved onto the constraint set. Raises ValueError if it is not usable."""
    dense = isinstance(start, Tensor) and start.layout == torch.strided and start.device.type != "meta"
    if not dense or start.ndim < 2 or start.numel() == 0 or start.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"start is {kind(start)}; it must be a float32 or float64 tensor of shape (N, d) or (N, ...).")
    if not torch.isfinite(start).all():
        raise ValueError(f"start has {int((~torch.isfinite(start)).sum())} entries that are not finite numbers.")
    if flow.project is None:
        return start.detach()
    x = start.detach().clone()
    on_set = checked_like("project.retract(start)", flow.project.retract(x), start).clone()
    check_left_alone("project.retract(x)", start, x)
    if not torch.isfinite(on_set).all():
        raise ValueError("start has points that project.retract cannot bring to the constraint set (not finite).")
    x, v = on_set.clone(), _different_numbers(start)
    checked_like("project.tangent(start, v)", flow.project.tangent(x, v), start)
    check_left_alone("project.tangent(x, v)", on_set, x)
    check_left_alone("project.tangent(x, v)", _different_numbers(start), v, "v")
    return on_set


def _different_numbers(like: Tensor) -> Tensor:
    """Numbers from 1 to 2, with which a part of a flow is tried: a part that writes into them changes them."""
    return torch.linspace(1, 2, like.numel(), dtype=like.dtype, device=like.device).reshape(like.shape)


def checked_momenta(momenta: Any, method: Method, x: Tensor) -> Tensor | None:
    if momenta is None:
        return None
    if method.momentum is None:
        raise ValueError(f"momenta were given, but {method.name} has none; use an underdamped method such as baoab.")
    if not isinstance(momenta, Tensor) or momenta.shape != x.shape:
        raise ValueError(f"momenta is {kind(momenta)}; it must be a tensor of the shape of start, {tuple(x.shape)}.")
    if momenta.is_complex() or not torch.isfinite(momenta).all():
        raise ValueError("momenta must be finite real numbers.")
    return component_major(momenta.to(x))


def check_mobility(flow: GradientFlow, x: Tensor, t: float) -> None:
    """Raise ValueError unless the mobility maps a vector to a new one of the same shape, dtype and device."""
    if flow.mobility is None:
        return
    try:
        for name in ("apply", "root") if flow.is_stochastic else ("apply",):
            v = _different_numbers(x)
            checked_like(f"mobility.{name}(v, t)", getattr(flow.mobility, name)(v, t), x)
            check_left_alone(f"mobility.{name}(v, t)", _different_numbers(x), v, "v")
    except (RuntimeError, TypeError) as error:
        raise ValueError(f"mobility does not go with a start of shape {tuple(x.shape)}: {error}") from error


class _FloatRange(Sequence):
    """A `range` whose items are floats."""

    def __init__(self, given: range):
        self._given = given

    def __len__(self) -> int:
        return len(self._given)

    def __getitem__(self, index: Any) -> Any:
        return float(self._given[index])


def checked_times(times: Any, method: Method, flow: GradientFlow, dtype: torch.dtype) -> Sequence[float]:
    """The time grid as floats: a list, or a `_FloatRange`. Raises ValueError if the method cannot use it."""
    if isinstance(times, range) and _is_long(times):
        grid: Sequence[float] = _FloatRange(times)
        points = torch.tensor([grid[0], grid[1], grid[-1]], dtype=torch.float64)
    else:
        points = _points("times", times, 2)
        grid = points.tolist()
    steps = points.diff()
    rising, falling = bool((steps > 0).all()), bool((steps < 0).all())
    if not torch.isfinite(points).all() or not (rising or falling):
        first = ", ".join(f"{t:g}" for t in points[:6]) + (", …" if len(points) > 6 else "")
        raise ValueError(f"times = [{first}] must be finite and strictly rising or strictly falling.")
    farthest, largest = float(points.abs().max()), torch.finfo(dtype).max ** 0.5  # so that t² does not overflow
    if farthest > largest:
        precision = str(dtype).removeprefix("torch.")
        raise ValueError(f"times reach {farthest:.3g}; in {precision} they must stay within ±{largest:.2g}.")
    if falling and (method.backward == "never" or (method.backward == "cold" and flow.is_stochastic)):
        why = "" if method.backward == "never" else " with a temperature"
        raise ValueError(
            f"times fall from {points[0]:g} to {points[-1]:g}; for method = {method.name!r}{why} they must rise."
        )
    return grid


def _is_long(times: range) -> bool:
    """Whether a range has more than SHORT entries. Raises ValueError if they cannot be counted, or are no floats."""
    try:
        float(times.start), float(times.stop)
        return len(times) > SHORT
    except OverflowError:
        raise ValueError(f"times = {kind(times)} has more entries than can be counted, or too large ones.") from None


def _points(name: str, given: Any, least: int) -> Tensor:
    """Times as a 1-D float64 tensor on the CPU, without grad. Raises ValueError unless there are `least` of them."""
    if isinstance(given, Tensor) and given.is_meta:
        raise ValueError(f"{name} = a tensor on the device meta, which holds no numbers: it must be on another one.")
    try:
        if isinstance(given, Tensor):
            given = given.detach().cpu()
        if given.is_complex() if isinstance(given, Tensor) else np.iscomplexobj(given):
            raise TypeError  # torch would drop the imaginary part and only warn
        points = torch.as_tensor(given, dtype=torch.float64, device="cpu")
    except (TypeError, ValueError, RuntimeError, OverflowError):
        raise ValueError(f"{name} = {str(given)[:40]!r} must be a 1-D tensor or list of numbers.") from None
    if points.ndim != 1 or len(points) < least:
        entries = "two entries" if least == 2 else "one entry"
        raise ValueError(f"{name} has shape {tuple(points.shape)}; it must be 1-D with at least {entries}.")
    return points


def check_mass(flow: GradientFlow, grid: Sequence[float], dtype: torch.dtype) -> None:
    """Raise ValueError if h/m overflows in the run's precision: a drift step multiplies the momentum by it."""
    longest, largest = longest_step(grid), torch.finfo(dtype).max
    if flow.mass * largest < longest:
        raise ValueError(f"mass = {flow.mass!r} must be at least {longest / largest:.2g} for a step of {longest:.3g}.")


def check_noise(noise: Any) -> None:
    if noise is not None and not has_methods(noise, "refill", "rewind", "normal", "uniform"):
        raise ValueError(f"noise = {kind(noise)} must have refill, rewind, normal and uniform, or be None.")


def checked_options(method: Method, options: Mapping[str, Any]) -> dict[str, Any]:
    for name, value in options.items():
        if name not in method.options:
            known = ", ".join(method.options) or "none"
            raise ValueError(f"{name} = {kind(value)} is not an option of {method.name}; its options: {known}.")
    return {name: o.read(method.name, name, options.get(name, o.default)) for name, o in method.options.items()}


def positive(name: str, value: Any) -> float:
    if not is_number(value) or not value > 0:
        raise ValueError(f"{name} = {kind(value)} must be a finite number > 0.")
    return float(value)


def function(name: str, value: Any, *arguments: str) -> Any:
    """`value`, if it is None or a function that takes these arguments. Raises ValueError otherwise."""
    if value is not None and not takes(value, len(arguments)):
        raise ValueError(f"{name} = {kind(value)} must be a function of ({', '.join(arguments)}) or None.")
    return value


def checked_record(record: Any, method: Method, grid: Sequence[float], observe: Any) -> int | list[float]:
    """The number of frames (0: one after every step of an adaptive method), or a list of their times."""
    if isinstance(record, str) and record == "steps":
        if method.adaptive is None:
            if len(grid) > MOST_FRAMES:
                raise ValueError(f"record = 'steps' asks for {len(grid):,} frames; at most {MOST_FRAMES:,} are kept.")
            return len(grid)
        if observe is None:
            raise ValueError(f"record = 'steps' needs observe with {method.name}: its number of steps is not known.")
        return 0
    if isinstance(record, (Tensor, np.ndarray, range, list, tuple)) and np.ndim(record) > 0:
        points = _points("record", record, 1)
        if not torch.isfinite(points).all():
            raise ValueError("record has times that are not finite numbers.")
        return points.tolist()
    if not is_number(record):
        allowed = f"a whole number from 2 to {MOST_FRAMES:,}, 'steps', or a list of times"
        raise ValueError(f"record = {kind(record)} must be {allowed}.")
    return whole("record", record, 2, MOST_FRAMES)


def check_memory(frames: int, x: Tensor) -> None:
    """Raise ValueError if the frames of the path, which are stored in one tensor, would be too large."""
    if frames * x.numel() > MOST_NUMBERS:
        raise ValueError(
            f"record = {frames} frames of {x.numel():,} numbers are more than {MOST_NUMBERS:,} in all; "
            "record fewer, or give observe, which keeps statistics instead."
        )


def whole(name: str, value: Any, low: int, high: int) -> int:
    if not is_number(value) or value != int(value):
        raise ValueError(f"{name} = {kind(value)} must be a whole number from {low:,} to {high:,}.")
    if not low <= value <= high:
        raise ValueError(f"{name} = {value} must be from {low:,} to {high:,}.")
    return int(value)
