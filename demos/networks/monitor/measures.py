"""Measurements of tensors: norms without underflow or overflow, moments, histograms over powers of two."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, sqrt

import numpy as np
import torch
from torch import Tensor

SMALL, LARGE = 1e-15, 1e15  # range of norms whose squares are normal numbers of float32
CANCELS = 1e-3  # least variance over Σx²/n for the difference of both to keep four of float32's seven digits
TOGETHER = 65_536  # most elements of a tensor that is kept, or joined with others to measure all in one call
BLOCK = 65_536  # elements whose squares are summed in one go
OCTAVES = 256  # bins of a histogram: the exponents of float32


def real(tensor: Tensor) -> Tensor:
    """The detached tensor; complex numbers as pairs, a sparse tensor as its values."""
    if tensor.requires_grad:  # gradients do not, and detaching all of them was a quarter of a measured step
        tensor = tensor.detach()
    if tensor.dtype is torch.float32 and tensor.layout is torch.strided:
        return tensor
    if tensor.is_sparse:
        tensor = tensor.coalesce().values()
    return torch.view_as_real(tensor) if tensor.is_complex() else tensor


def wide(tensor: Tensor) -> Tensor:
    """The real tensor in at least float32."""
    tensor = real(tensor)
    if tensor.dtype is torch.float32:
        return tensor
    return tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor


def norm(tensor: Tensor) -> Tensor:
    """The Euclidean norm as a float64 tensor ()."""
    return torch.linalg.vector_norm(real(tensor), dtype=torch.float64)


def numbers(tensors: Sequence[Tensor | float]) -> list[float]:
    """Scalars as Python floats, with one transfer from a device."""
    if all(each.__class__ is float or each.is_cpu for each in tensors):
        return [each if each.__class__ is float else each.item() for each in tensors]  # faster on the CPU
    on_device = [each for each in tensors if isinstance(each, Tensor)]
    if len({tensor.device for tensor in on_device}) > 1:
        return [float(each) for each in tensors]
    found = iter(torch.stack([tensor.double() for tensor in on_device]).tolist())
    return [next(found) if isinstance(each, Tensor) else each for each in tensors]


def joint_norms(groups: Sequence[Sequence[Tensor]]) -> list[float]:
    """The Euclidean norm of each group's tensors together, in one call for all of them; 0 for an empty group. Computed
    in float64 only where the tensors' precision is not enough (squares of 1e-20 underflow)."""
    tensors = [wide(tensor) for group in groups for tensor in group]
    if not tensors:
        return [0.0] * len(groups)
    norms = torch._foreach_norm(tensors)
    found = torch.stack(norms).tolist() if all([each.is_cpu for each in norms]) else numbers(norms)
    for position, value in enumerate(found):
        if not SMALL < value < LARGE:  # also true for nan
            found[position] = float(norm(tensors[position]))
    if len(found) == len(groups):
        return found
    each = iter(found)
    return [sqrt(sum(next(each) ** 2 for _ in group)) for group in groups]


def quick_norm(tensor: Tensor) -> Tensor | float:
    """The same for one tensor. On another device than the CPU it is a tensor () computed in float64, because reading
    the value would wait for the device."""
    if not tensor.is_cpu:
        return norm(tensor)
    found = torch.linalg.vector_norm(wide(tensor)).item()
    return found if SMALL < found < LARGE else norm(tensor).item()


def means_and_variances(rows: Tensor) -> tuple[list[float] | Tensor, list[float] | Tensor]:
    """Mean and variance (N,) of each row of (N, M). On the CPU from Σx and Σx² unless they cancel, which takes a tenth
    of the time of torch.var_mean."""
    mean = rows.mean(1)
    if not rows.is_cpu:
        return mean, (rows - mean[:, None]).square_().mean(1)
    means, variances, count = mean.tolist(), [], rows.shape[1]
    for row, (first, length) in enumerate(zip(means, _norms(rows).tolist(), strict=True)):
        second = length * length / count
        variance = second - first * first
        if not (SMALL < variance < LARGE and variance > CANCELS * second):  # also true for nan
            variance = (rows[row] - first).square_().mean().item()
        variances.append(variance)
    return means, variances


def _norms(rows: Tensor) -> Tensor:
    """The Euclidean norm (N,) of each row of (N, M), of long ones block by block: a sum of millions of squares in one
    go loses digits."""
    blocks = rows.shape[1] // BLOCK
    if blocks < 2:
        return torch.linalg.vector_norm(rows, dim=1)
    parts = torch.linalg.vector_norm(rows[:, : blocks * BLOCK].unflatten(1, (blocks, BLOCK)), dim=2)
    rest = torch.linalg.vector_norm(rows[:, blocks * BLOCK :], dim=1, keepdim=True)
    return torch.linalg.vector_norm(torch.cat((parts, rest), dim=1), dim=1)


def exponents(numbers: Tensor) -> np.ndarray:
    """The exponents of numbers as float32, k for 2^(k − 127) ≤ |g| < 2^(k − 126), 0 for zeros and |g| < 2^-126, 255 for
    infinities and nan: read from their bits, without logarithms."""
    bits = numbers.float().cpu().numpy().view(np.int32) >> 23
    bits &= 255
    return bits


def counted(exponents: np.ndarray) -> tuple[int, np.ndarray]:
    """A histogram of exponents: (first, counts), from the first to the last bin that is not empty."""
    if not len(exponents):
        return 0, np.zeros(1, dtype=np.int64)
    counts = np.bincount(exponents)
    first = int((counts != 0).argmax())
    return first, counts[first:]


def is_finite(tensor: Tensor) -> Tensor:
    """A boolean tensor (): whether all numbers are finite."""
    return torch.isfinite(real(tensor)).all()


def version(tensor: Tensor) -> int:
    """The number of changes in place so far; 0 for a tensor that does not count them."""
    return 0 if tensor.is_inference() else tensor._version


def kept(tensor: Tensor) -> Tensor:
    """What shows later whether the tensor is finite: itself (detached) if it is small, else its sum."""
    return tensor.detach() if tensor.numel() <= TOGETHER else wide(tensor).sum()


def are_finite(tensors: Sequence[Tensor]) -> bool:
    """Whether all numbers are finite; also False where their sum overflows."""
    return all(isfinite(value) for value in numbers([wide(tensor).sum() for tensor in tensors]))
