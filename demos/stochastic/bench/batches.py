"""The batches of a run: which examples every chain sees at every step, drawn from the run's own seed.

The gradient of a flow must give the same value again where the solver asks again (it replays the block in which a run
diverged). So a batch is a function of the seed and of the step: a block of steps has a generator of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.common.random_streams import seed_sequence

BLOCK = 2**20  # numbers made at once, a few megabytes

Draw = Callable[[np.random.Generator, int], np.ndarray]
"""(generator, steps) -> (steps, ...) what every step draws"""


class Draws:
    """What each step of a run draws: `draws[step]`, a tensor; the same step gives the same numbers again.

    draw(generator, steps) gives those of a block of `steps` steps, (steps, ...). numbers: how many one step draws.
    whole: blocks hold a multiple of so many steps (an epoch, whose batches depend on each other).
    """

    def __init__(self, seed: int, name: str, draw: Draw, numbers: int, whole: int = 1):
        self._seed, self._name, self._draw = seed, name, draw
        self._steps = whole * max(1, min(256, BLOCK // max(1, numbers)) // whole)
        self._block, self._drawn = -1, torch.empty(0)

    def __getitem__(self, step: int) -> Tensor:
        block, place = divmod(step, self._steps)
        if block != self._block:
            checkpoint()
            bits = np.random.SFC64(seed_sequence(self._seed, f"{self._name}, block {block}"))
            self._drawn = torch.from_numpy(self._draw(np.random.Generator(bits), self._steps))
            self._block = block
        return self._drawn[place]


SAMPLINGS = {
    "replacement": "With replacement",
    "without": "Without replacement",
    "epochs": "Reshuffled each epoch",
}


def batch_means(
    examples: np.ndarray, batch: int, chains: int, sampling: str = "replacement", dtype: type = np.float32
) -> Draw:
    """Means of batches of `batch` of the examples (N, d), for every chain its own: (steps, chains, d).

    sampling: "replacement"; "without": within a batch no example occurs twice; "epochs": batches go through all
    examples in an order that is drawn anew for each epoch, N // batch of them, and the rest is left out. A block must
    hold whole epochs then. Raises ValueError for a batch that is larger than the data set.
    """
    count, width = examples.shape
    if not 1 <= batch <= count:
        raise ValueError(f"batch = {batch} must be from 1 to the {count} examples of the data set.")
    # two numbers of single precision are gathered as one complex number: half the reads from memory
    paired = width == 2 and dtype is np.float32
    if paired:
        columns = [np.ascontiguousarray(examples, dtype=dtype).view(np.complex64)[:, 0]]
    else:
        columns = [np.ascontiguousarray(column, dtype=dtype) for column in examples.T]
    scale = dtype(1 / batch)

    def mean_of(choose: Callable[[], np.ndarray], out: np.ndarray) -> None:
        """Add up the examples that `choose` names, `batch` times, shaped like out[..., 0]."""
        sums = [np.zeros(out.shape[1:], column.dtype) for column in columns]
        taken = np.empty(out.shape[1:], columns[0].dtype)
        for _ in range(batch):
            chosen = choose()
            for column, total in zip(columns, sums, strict=True):
                np.take(column, chosen, out=taken, mode="clip")  # without a copy to check the bounds
                total += taken
        for i, total in enumerate((sums[0].real, sums[0].imag) if paired else sums):
            np.multiply(total, scale, out=out[i])

    def drawn(generator: np.random.Generator, steps: int) -> np.ndarray:
        out = np.empty((width, steps, chains), dtype)
        if sampling == "replacement":
            mean_of(lambda: generator.integers(0, count, (steps, chains), dtype=np.int32), out)
        else:
            epoch = count // batch if sampling == "epochs" else 1
            shuffle = _Shuffle(generator, count, chains)
            for step in range(steps):
                if step % epoch == 0:
                    shuffle.again()
                mean_of(shuffle.next, out[:, step])
        return out.transpose(1, 2, 0)

    return drawn


class _Shuffle:
    """Fisher and Yates's shuffle, for every chain its own, one place at a time."""

    def __init__(self, generator: np.random.Generator, count: int, chains: int):
        self._generator, self._count = generator, count
        self._rows = np.arange(chains)
        self._order = np.repeat(np.arange(count, dtype=np.int32)[:, None], chains, 1)
        self._place = 0

    def again(self) -> None:
        """Begin anew: any order is as good a start as another."""
        self._place = 0

    def next(self) -> np.ndarray:
        """(chains,) an example that no earlier call since `again` has given."""
        first, order = self._place, self._order
        other = self._generator.integers(first, self._count, len(self._rows), dtype=np.int32)
        chosen = order[other, self._rows]
        order[other, self._rows] = order[first]
        order[first] = chosen
        self._place += 1
        return chosen


def normals(shape: tuple[int, ...], scale: float = 1.0, dtype: type = np.float32) -> Draw:
    """Standard normals times `scale`, (steps, *shape): the mean of a batch of fresh normal examples has this law."""

    def drawn(generator: np.random.Generator, steps: int) -> np.ndarray:
        out = generator.standard_normal((steps, *shape), dtype=dtype)
        out *= dtype(scale)
        return out

    return drawn
