"""Measurements of tensors: norms without underflow or overflow, moments, histograms over powers of two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

SMALL, LARGE = 1e-15, 1e15  # range of norms whose squares are normal numbers of float32
CANCELS = 1e-3  # least variance over Σx²/n for the difference of both to keep four of float32's seven digits
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
    if any(isinstance(each, float) for each in tensors):
        return [float(each) for each in tensors]
    if all(tensor.is_cpu for tensor in tensors) or len({tensor.device for tensor in tensors}) > 1:
        return [tensor.item() for tensor in tensors]  # faster on the CPU
    return torch.stack([tensor.double() for tensor in tensors]).tolist()


def quick_norms(tensors: Sequence[Tensor]) -> list[float]:
    """Euclidean norms, in float64 only where the tensors' precision is not enough (squares of 1e-20 underflow)."""
    tensors = [wide(tensor) for tensor in tensors]
    found = numbers([torch.linalg.vector_norm(tensor) for tensor in tensors])
    for position, value in enumerate(found):
        if not SMALL < value < LARGE:  # also true for nan
            found[position] = float(norm(tensors[position]))
    return found


def quick_norm(tensor: Tensor) -> Tensor | float:
    """The same for one tensor. On another device than the CPU it is a tensor () computed in float64, because reading
    the value would wait for the device."""
    if not tensor.is_cpu:
        return norm(tensor)
    found = torch.linalg.vector_norm(wide(tensor)).item()
    return found if SMALL < found < LARGE else norm(tensor).item()


def mean_and_variance(tensor: Tensor) -> tuple[Tensor | float, Tensor | float]:
    """Mean and variance of all elements. On the CPU as floats, from Σx and Σx² unless they cancel, which takes a tenth
    of the time of torch.var_mean; on other devices as tensors ()."""
    if tensor.is_cpu:
        row, count = tensor.reshape(-1), tensor.numel()
        mean, square = row.sum().item() / count, row.dot(row).item() / count
        variance = square - mean * mean
        if SMALL < variance < LARGE and variance > CANCELS * square:
            return mean, variance
    mean = tensor.mean()
    return mean, (tensor - mean).square_().mean()


def vector(tensors: Sequence[Tensor]) -> Tensor:
    """All elements of the tensors in one vector."""
    parts = [wide(tensor).flatten() for tensor in tensors]
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def octaves(numbers: Tensor) -> tuple[int, np.ndarray]:
    """A histogram of the exponents of a vector: (first, counts), from the first to the last bin that is not empty.

    Bin k holds 2^(k − 127) ≤ |g| < 2^(k − 126), bin 0 zeros and |g| < 2^-126, bin 255 infinities and nan. The exponent
    is read from the bits of a float32, without logarithms.
    """
    bits = numbers.float().cpu().numpy().view(np.int32)
    counts = np.bincount((bits >> 23) & 255)
    first = int((counts != 0).argmax()) if len(counts) else 0
    return first, counts[first:] if len(counts) else np.zeros(1, dtype=np.int64)


def is_finite(tensor: Tensor) -> Tensor:
    """A boolean tensor (): whether all numbers are finite."""
    return torch.isfinite(real(tensor)).all()
