"""Statistics of displacements ("moves") between frames: size, component along the force, random part, dimensionless."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.landscapes import Landscape

NAMES = ("kicks", "size", "pull", "x", "y", "x against y", "after the one before")
KICKS, SIZE, PULL, X, Y, X_AGAINST_Y, AFTER = range(len(NAMES))
REPLICAS = 4  # replays of each move: two give its deterministic part, two the distribution of its random part
CLIP = 4.0  # larger moves, in units of the typical one, are clipped, so that no single one dominates
MANY = 20  # least number of moves of a frame for a scale of its own
BLOCK = 8_192  # moves processed at once: the statistics of all would take 100 MB


def numbers_of(
    landscape: Landscape, begin: Tensor, before: Tensor, ends: list[Tensor], known: Tensor, groups: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Block by block: the statistics (1 + REPLICAS, M, S) of the recorded moves and of each replay, in units of their
    frame; and (M,) the difference of the kicks (random parts) of two replays, which is pure noise."""
    size = len(begin) // groups
    moves = torch.stack([end - begin for end in ends])
    of_frame = moves[1:].square().sum(2).mean(0).reshape(groups, size)
    scales = _scales(of_frame, known.reshape(groups, size)).repeat_interleave(size)[:, None]
    checkpoint()
    last = scale_of(before.square().sum(1).reshape(groups, size))
    unit = last.repeat_interleave(size)[:, None]
    apart = (moves[1] - moves[2]).square().sum(1).reshape(groups, size)
    random = scale_of(apart).repeat_interleave(size)[:, None]
    middle = (moves[1] + moves[2]) / 2
    checkpoint()
    lean, before = lean_of(landscape, begin).t(), before / unit
    for here in known.nonzero().flatten().split(BLOCK):
        some = moves[:, here]
        kicks = ((some - middle[here]) / random[here]).clamp(-CLIP, CLIP).square().sum(2)  # (1 + REPLICAS, M)
        numbers = _statistics(some / scales[here], lean[here].expand(some.shape), before[here].expand(some.shape))
        numbers[:, :, KICKS] = kicks
        numbers[1:3, :, KICKS] = kicks[3]  # these two replays give the deterministic part
        yield numbers.numpy(), (kicks[4] - kicks[3]).numpy()


def _statistics(moves: Tensor, lean: Tensor, before: Tensor) -> Tensor:
    """The statistics (K, M, S) of each move, from moves, lean (the unit force) and the moves before, (K, M, 2); that of
    the kicks is left 0."""
    moves, before = moves.clamp(-CLIP, CLIP), before.clamp(-CLIP, CLIP)
    numbers = [
        torch.zeros_like(moves[..., 0]),
        moves.square().sum(2) / 2,
        (moves * lean).sum(2),
        moves[..., 0],
        moves[..., 1],
        moves[..., 0] * moves[..., 1],
        (moves * before).sum(2),
    ]
    return torch.stack(numbers, dim=2).to(torch.float64)


def squares_of(moves: Tensor, dim: int = -1) -> Tensor:
    """|move|² of moves whose components are along the axis `dim`."""
    x, y = moves.unbind(dim)
    return x * x + y * y


def finite_in(path: Tensor) -> Tensor:
    """(N,) true for the particles of a path (2, F, N) that are finite in every frame."""
    if bool(torch.isfinite(path.sum())):  # true in nearly all runs, and cheaper than to test each number
        return torch.ones(path.shape[2], dtype=torch.bool)
    return torch.isfinite(path).all(1).all(0)


def _scales(squares: Tensor, known: Tensor) -> Tensor:
    """The typical size of a component in each frame, (groups,), from |move|² (groups, size). Frames with few known
    moves share one scale, because a scale of few moves would depend too much on the moves that it measures."""
    counts = known.sum(1)
    sparse = counts < MANY
    common = scale_of(squares[sparse][known[sparse]])
    own = [common if few else scale_of(row[here]) for row, here, few in zip(squares, known, sparse, strict=True)]
    return torch.stack(own)


def scale_of(squares: Tensor) -> Tensor:
    """The typical size (...,) of a component, from |move|² (..., M); 1 where nothing moves. Values that are not finite
    are left out."""
    if not squares.shape[-1]:
        return torch.ones(squares.shape[:-1])
    if bool(torch.isfinite(squares.sum())):  # as torch's median, whose sorting takes ten times as long
        middle = torch.from_numpy(np.sort(squares.numpy(), axis=-1)[..., (squares.shape[-1] - 1) // 2, None])
    else:
        squares = squares.masked_fill(~torch.isfinite(squares), torch.nan)
        middle = squares.nanmedian(dim=-1, keepdim=True).values
    typical = torch.where(middle > 0, squares.minimum(20 * middle), squares).nanmean(dim=-1)
    return torch.where(typical > 0, typical / 2, 1.0).sqrt()


def lean_of(landscape: Landscape, x: Tensor, unit: Tensor | None = None) -> Tensor:
    """−∇U (2, M) at x (M, 2) in units of `unit`, clipped to length 1: the vector on which moves are projected."""
    force = force_of(landscape, x)
    unit = typical_of(force) if unit is None else unit
    columns = force.t().contiguous()
    return columns.div_(squares_of(columns, dim=0).sqrt_().maximum(unit))


def force_of(landscape: Landscape, x: Tensor) -> Tensor:
    return (-landscape.gradient(x)).nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)


def typical_of(force: Tensor) -> Tensor:
    return 2 * squares_of(force).sqrt_().median().clamp(min=1e-30)
