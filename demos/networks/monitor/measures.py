"""Numbers of tensors: norms that neither underflow nor overflow, moments, histograms over powers of two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

SMALL, LARGE = 1e-15, 1e15  # beyond these, squares leave the normal numbers of float32
OCTAVES = 256  # bins of a histogram: the exponents of float32


def real(tensor: Tensor) -> Tensor:
    """Detached; complex numbers as pairs, sparse ones as their values."""
    tensor = tensor.detach()
    if tensor.is_sparse:
        tensor = tensor.coalesce().values()
    return torch.view_as_real(tensor) if tensor.is_complex() else tensor


def wide(tensor: Tensor) -> Tensor:
    """Real, and at least float32."""
    tensor = real(tensor)
    return tensor.float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor


def norm(tensor: Tensor) -> Tensor:
    """Euclidean norm, float64 ()."""
    return torch.linalg.vector_norm(real(tensor), dtype=torch.float64)


def numbers(tensors: Sequence[Tensor]) -> list[float]:
    """Scalars as Python floats, with one transfer from each device."""
    if not tensors:
        return []
    if len({tensor.device for tensor in tensors}) > 1:
        return [float(tensor) for tensor in tensors]
    return torch.stack([tensor.double() for tensor in tensors]).tolist()


def quick_norms(tensors: Sequence[Tensor]) -> list[float]:
    """Euclidean norms, in the tensors' own precision where that is enough: float32 squares of 1e-20 are 0."""
    tensors = [wide(tensor) for tensor in tensors]
    found = numbers([torch.linalg.vector_norm(tensor) for tensor in tensors])
    for position, value in enumerate(found):
        if not SMALL < value < LARGE:  # also for nan
            found[position] = float(norm(tensors[position]))
    return found


def quick_norm(tensor: Tensor) -> Tensor:
    """The same for one tensor, a tensor (); elsewhere than on the CPU, where a look at the value would wait for the
    device, in float64."""
    if not tensor.is_cpu:
        return norm(tensor)
    found = torch.linalg.vector_norm(wide(tensor))
    return found if SMALL < found.item() < LARGE else norm(tensor)


def mean_and_variance(tensor: Tensor) -> tuple[Tensor, Tensor]:
    """Of all numbers, two tensors (). (torch.var_mean takes ten times as long.)"""
    mean = tensor.mean()
    return mean, (tensor - mean).square_().mean()


def octaves(tensors: Sequence[Tensor]) -> tuple[int, np.ndarray]:
    """How many numbers have which exponent: (first, counts), the bins from the first to the last that is not empty.

    Bin k holds 2^(k − 127) ≤ |g| < 2^(k − 126), bin 0 zeros and what is smaller than 2^-126, bin 255 infinities and
    nan. The bits of a float32 say it: no logarithm is taken.
    """
    counts = np.zeros(OCTAVES, dtype=np.int64)
    for tensor in tensors:
        bits = real(tensor).float().contiguous().view(torch.int32)
        counts += np.bincount(((bits >> 23) & 255).flatten().cpu().numpy(), minlength=OCTAVES)
    used = np.flatnonzero(counts)
    return (int(used[0]), counts[used[0] : used[-1] + 1]) if len(used) else (0, counts[:1])


def is_finite(tensor: Tensor) -> Tensor:
    """A boolean tensor (): whether all numbers are finite."""
    return torch.isfinite(real(tensor)).all()
