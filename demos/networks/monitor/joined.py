"""One vector for each layer: copies of its parameters or gradients, measured together.

The vectors of small layers lie in memory that is kept from step to step, those of about equal size as rows of a block,
with zeros behind the shorter ones: a few calls copy and measure all of them, which takes a fraction of the time of a
call a tensor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from demos.networks.monitor.measures import LARGE, SMALL, TOGETHER, counted, exponents, norm, wide

WASTE = 1.25  # most memory of a block, over that of its rows without the zeros
PLAIN = (torch.float32, torch.float16, torch.bfloat16)
Kind = tuple[list[int], list[torch.Size], list[torch.dtype]]


class Joined:
    """The copies stand until the next call of `copy` or `forget`. rows (N,): the layers' indices, in the order of all
    results."""

    def __init__(self) -> None:
        self.rows = np.zeros(0, dtype=int)
        self._kind: Kind | None = None  # of the tensors that the buffer was made for
        self._places: list[int] = []  # of the tensors in the buffer
        self._parts: list[Tensor] = []  # of the buffer, one a tensor
        self._blocks: list[Tensor] = []  # (layers, largest size)
        self._sizes: list[int] = []  # of the layers in the blocks
        self._others: dict[int, list[int]] = {}  # large, complex or sparse layers: the places of their tensors
        self._vectors: dict[int, Tensor] = {}  # of these
        self._sparse: set[int] = set()  # of the others: only values, whose places may be others in the next step
        self._stands = False

    def forget(self) -> None:
        """Hold no copies (but their memory)."""
        self._stands = False
        self._vectors.clear()

    @torch.no_grad()
    def copy(self, owners: list[int], tensors: list[Tensor], keep: bool = True) -> None:
        """Copy all elements of the tensors, at least float32, complex numbers as pairs. owners: the index of each
        tensor's layer; keep: whether the tensors may change before the next measurement (else a large tensor is not
        copied)."""
        kind = _kind(owners, tensors)
        if kind != self._kind:
            self._build(kind, tensors)
        if self._parts:
            try:
                torch._foreach_copy_(self._parts, self._small(tensors))
            except RuntimeError:  # a gradient that has become sparse, which is as rare as to look for it is slow
                self._build(kind, tensors)
                torch._foreach_copy_(self._parts, self._small(tensors))
        self._vectors = {index: _vector([tensors[i] for i in own], keep) for index, own in self._others.items()}
        self._stands = True

    @torch.no_grad()
    def subtract(self, owners: list[int], tensors: list[Tensor]) -> bool:
        """Subtract tensors of the same kind on the same devices; False, with nothing done, if they are not."""
        if not self._stands or _kind(owners, tensors) != self._kind:
            return False
        if self._parts and any(each.device != self._parts[0].device for each in self._small(tensors)):
            return False
        if self._parts:
            torch._foreach_sub_(self._parts, self._small(tensors))
        for index, old in self._vectors.items():
            self._vectors[index] = old - _vector([tensors[i] for i in self._others[index]], False)
        return True

    def norms(self) -> list[float]:
        """The Euclidean norm of each vector, in float64 where float32 is not enough (squares of 1e-20 underflow)."""
        found: list[float] = []
        for block in self._blocks:
            values = torch.linalg.vector_norm(block, dim=1).tolist()
            for row, value in enumerate(values):
                if not SMALL < value < LARGE:  # also true for nan
                    values[row] = norm(block[row]).item()
            found += values
        return found + [norm(vector).item() for vector in self._vectors.values()]

    def products(self, other: Joined) -> tuple[list[int], list[float]]:
        """The layers, and the scalar product of the vector of each with that of `other`; of layers and sizes that both
        have."""
        rows: list[int] = []
        found: list[float] = []
        if self._stands and other._stands and self._kind is not None and self._kind == other._kind:
            rows = self.rows[: len(self.rows) - len(self._others)].tolist()
            for block, theirs in zip(self._blocks, other._blocks, strict=True):
                found += (block * theirs).sum(1).tolist()
        for index, vector in self._vectors.items():
            theirs = other._vectors.get(index)
            if theirs is not None and theirs.shape == vector.shape and index not in self._sparse | other._sparse:
                rows.append(index)
                found.append(vector.dot(theirs).item())
        return rows, found

    def octaves(self) -> dict[int, tuple[int, np.ndarray]]:
        """See `measures.counted`."""
        rows = [row for block in self._blocks for row in exponents(block)]
        found = [counted(row[:size]) for row, size in zip(rows, self._sizes, strict=True)]
        found += [counted(exponents(vector)) for vector in self._vectors.values()]
        return dict(zip(self.rows.tolist(), found, strict=True))

    def _small(self, tensors: list[Tensor]) -> list[Tensor]:
        return tensors if len(self._places) == len(tensors) else [tensors[i] for i in self._places]

    def _build(self, kind: Kind, tensors: list[Tensor]) -> None:
        """Make the buffer for tensors of this kind."""
        owners, _, types = kind
        layouts, devices = [tensor.layout for tensor in tensors], [tensor.device for tensor in tensors]
        places: dict[int, list[int]] = {}
        for place, index in enumerate(owners):
            places.setdefault(index, []).append(place)
        plain = [
            one in PLAIN and layout is torch.strided and device == devices[0]
            for one, layout, device in zip(types, layouts, devices, strict=True)
        ]
        sizes = {index: sum(tensors[i].numel() for i in own) for index, own in places.items()}
        small = [index for index, own in places.items() if sizes[index] <= TOGETHER and all(plain[i] for i in own)]
        self._kind, self._places, self._parts, self._blocks, self._sizes = kind, [], [], [], []
        self._others = {index: own for index, own in places.items() if index not in small}
        self._sparse = {index for index, own in self._others.items() if any(tensors[i].is_sparse for i in own)}
        order: list[int] = []
        for members in _blocks(sizes, small):
            block = torch.zeros(len(members), sizes[members[0]], device=devices[0], dtype=torch.float32)
            self._blocks.append(block)
            order += members
            for index, row in zip(members, block, strict=True):
                self._sizes.append(sizes[index])
                self._places += places[index]
                parts = row[: sizes[index]].split([tensors[i].numel() for i in places[index]])
                self._parts += [part.view(tensors[i].shape) for part, i in zip(parts, places[index], strict=True)]
        if len(self._places) == len(owners):  # in the order of the tensors, which then need no choice
            self._parts = [self._parts[i] for i in np.argsort(self._places)]
        self.rows = np.array(order + list(self._others), dtype=int)


def _blocks(sizes: dict[int, int], members: list[int]) -> list[list[int]]:
    """The members in blocks, each with the largest first."""
    found: list[list[int]] = []
    total = 0
    for index in sorted(members, key=lambda each: -sizes[each]):
        total += sizes[index]
        if found and sizes[found[-1][0]] * (len(found[-1]) + 1) <= WASTE * total:
            found[-1].append(index)
        else:
            found.append([index])
            total = sizes[index]
    return found


def _kind(owners: list[int], tensors: Sequence[Tensor]) -> Kind:
    return owners, [tensor.shape for tensor in tensors], [tensor.dtype for tensor in tensors]


def _vector(tensors: Sequence[Tensor], copy: bool) -> Tensor:
    parts = [wide(tensor).flatten() for tensor in tensors]
    return torch.cat(parts) if copy or len(parts) > 1 else parts[0]
