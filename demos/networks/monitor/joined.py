"""One vector for each layer: copies of its parameters or gradients, measured together.

The vectors of small layers lie in one buffer that is kept from step to step, those of equal size as rows of a block: a
few calls copy and measure all of them, which takes a fraction of the time of a call a tensor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from demos.networks.monitor.layers import Watched
from demos.networks.monitor.measures import LARGE, SMALL, TOGETHER, norm, octaves, wide

PLAIN = (torch.float32, torch.float16, torch.bfloat16)


class Joined:
    """The copies stand until the next call of `copy` or `forget`. Results are by index of the layer."""

    def __init__(self, layers: Sequence[Watched]) -> None:
        small = [x for x in layers if 0 < x.size <= TOGETHER and all(p.dtype in PLAIN for p in x.parameters)]
        self._counts = {layer.index: len(layer.parameters) for layer in small}
        self._members: list[int] = []
        self._parts: list[Tensor] = []  # of the buffer, one a tensor
        self._blocks: list[tuple[list[int], Tensor]] = []  # layers, (layers, size)
        self._others: dict[int, Tensor] = {}
        self._sparse: set[int] = set()  # of the others: only values, whose places may be others in the next step
        self._stands = False

    def forget(self) -> None:
        """Hold no copies (but their memory)."""
        self._stands, self._others = False, {}

    @torch.no_grad()
    def copy(self, groups: Mapping[int, Sequence[Tensor]], keep: bool = True) -> None:
        """Copy all elements of each layer's tensors, at least float32, complex numbers as pairs. keep: whether the
        tensors may change before the next measurement (else a large tensor is not copied)."""
        members, tensors = self._small(groups)
        if members != self._members or not self._fits(tensors):
            self._build(members, groups)
        if tensors:
            torch._foreach_copy_(self._parts, tensors)
        done, self._stands = set(members), True
        self._others = {index: _vector(group, keep) for index, group in groups.items() if index not in done}
        self._sparse = {index for index in self._others if any(tensor.is_sparse for tensor in groups[index])}

    @torch.no_grad()
    def subtract(self, groups: Mapping[int, Sequence[Tensor]]) -> None:
        """Subtract the tensors of the same layers."""
        if self._parts:
            torch._foreach_sub_(self._parts, self._small(groups)[1])
        self._others = {index: old - _vector(groups[index], False) for index, old in self._others.items()}

    def norms(self) -> dict[int, float]:
        """The Euclidean norm of each vector, in float64 where float32 is not enough (squares of 1e-20 underflow)."""
        found: dict[int, float] = {}
        for members, block in self._blocks:
            for row, value in enumerate(torch.linalg.vector_norm(block, dim=1).tolist()):
                found[members[row]] = value if SMALL < value < LARGE else norm(block[row]).item()
        return found | {index: norm(vector).item() for index, vector in self._others.items()}

    def products(self, other: Joined) -> dict[int, float]:
        """The scalar product of each vector with that of `other`, of the layers and sizes that both have."""
        found: dict[int, float] = {}
        if self._stands and other._stands and self._members == other._members and other._fits(self._parts):
            for (members, block), (_, theirs) in zip(self._blocks, other._blocks, strict=True):
                found |= zip(members, (block * theirs).sum(1).tolist(), strict=True)
        for index, vector in self._others.items():
            theirs = other._others.get(index)
            if theirs is not None and theirs.shape == vector.shape and index not in self._sparse | other._sparse:
                found[index] = vector.dot(theirs).item()
        return found

    def octaves(self) -> dict[int, tuple[int, np.ndarray]]:
        """See `measures.octaves`."""
        rows = {index: row for members, block in self._blocks for index, row in zip(members, block, strict=True)}
        return {index: octaves(vector) for index, vector in (rows | self._others).items()}

    def _fits(self, tensors: Sequence[Tensor]) -> bool:
        """Whether the buffer has a part for each of these: a parameter may move, or get another shape."""
        same = [part.shape for part in self._parts] == [tensor.shape for tensor in tensors]
        return same and (not tensors or self._parts[0].device == tensors[0].device)

    def _small(self, groups: Mapping[int, Sequence[Tensor]]) -> tuple[list[int], list[Tensor]]:
        members, tensors, device = [], [], None
        for index, group in groups.items():
            if self._counts.get(index) == len(group) and not any(tensor.is_sparse for tensor in group):
                if device is None or group[0].device == device:
                    device = group[0].device
                    members.append(index)
                    tensors += group
        return members, tensors

    def _build(self, members: list[int], groups: Mapping[int, Sequence[Tensor]]) -> None:
        self._members, self._parts, self._blocks = members, [], []
        if not members:
            return
        sizes = {index: sum(tensor.numel() for tensor in groups[index]) for index in members}
        buffer = torch.empty(sum(sizes.values()), device=groups[members[0]][0].device, dtype=torch.float32)
        vectors: dict[int, Tensor] = {}
        start = 0
        for size in sorted(set(sizes.values())):
            own = [index for index in members if sizes[index] == size]
            block = buffer[start : start + size * len(own)].view(len(own), size)
            start += size * len(own)
            self._blocks.append((own, block))
            vectors |= zip(own, block, strict=True)
        for index in members:
            parts = vectors[index].split([tensor.numel() for tensor in groups[index]])
            self._parts += [part.view(tensor.shape) for part, tensor in zip(parts, groups[index], strict=True)]


def _vector(tensors: Sequence[Tensor], copy: bool) -> Tensor:
    parts = [wide(tensor).flatten() for tensor in tensors]
    return torch.cat(parts) if copy or len(parts) > 1 else parts[0]
