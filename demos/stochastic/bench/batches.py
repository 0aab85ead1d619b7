"""The batches of a run: the examples that every chain uses at every step, drawn from the run's seed.

The solver may evaluate the gradient of a step twice (it repeats the block of steps in which a run diverged) and must
then get the same value. Therefore a batch is a function of the seed and of the step: each block of steps has its own
generator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import checkpoint
from demos.common.random_streams import seed_sequence

BLOCK = 2**20  # random numbers drawn at once, a few megabytes

Draw = Callable[[np.random.Generator, int], np.ndarray]
"""(generator, steps) -> (steps, ...) what every step draws"""


class Draws:
    """The random numbers of each step of a run: `draws[step]`, a tensor, the same at every access.

    draw(generator, steps) draws those of a block of `steps` steps, (steps, ...). numbers: how many one step needs.
    whole: blocks hold a multiple of this number of steps (for epochs, whose batches depend on each other).
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
    """Means (steps, chains, d) of batches of `batch` examples out of examples (N, d), independent for every chain.

    sampling: "replacement"; "without": no example occurs twice in a batch; "epochs": the N // batch batches of an epoch
    go through the examples in a new random order, and the remaining examples are left out; a block must then hold whole
    epochs. Raises ValueError for a batch that is larger than the data set.
    """
    count, width = examples.shape
    if not 1 <= batch <= count:
        raise ValueError(f"batch = {batch} must be from 1 to the {count} examples of the data set.")
    # two numbers of single precision are gathered as one complex number, which halves the memory reads
    paired = width == 2 and dtype is np.float32
    if paired:
        columns = [np.ascontiguousarray(examples, dtype=dtype).view(np.complex64)[:, 0]]
    else:
        columns = [np.ascontiguousarray(column, dtype=dtype) for column in examples.T]
    scale = dtype(1 / batch)

    def mean_of(choose: Callable[[], np.ndarray], out: np.ndarray) -> None:
        """Add up the examples whose indices `choose` returns, `batch` times, shaped like out[..., 0]."""
        sums = [np.zeros(out.shape[1:], column.dtype) for column in columns]
        taken = np.empty(out.shape[1:], columns[0].dtype)
        for _ in range(batch):
            chosen = choose()
            for column, total in zip(columns, sums, strict=True):
                np.take(column, chosen, out=taken, mode="clip")  # "clip" avoids the copy of the bounds check
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
    """Fisher–Yates shuffles, independent for every chain, one position per call of `next`."""

    def __init__(self, generator: np.random.Generator, count: int, chains: int):
        self._generator, self._count = generator, count
        self._rows = np.arange(chains)
        self._order = np.repeat(np.arange(count, dtype=np.int32)[:, None], chains, 1)
        self._place = 0

    def again(self) -> None:
        """Start a new shuffle, from the current order."""
        self._place = 0

    def next(self) -> np.ndarray:
        """(chains,) the indices of examples that no earlier call since `again` has returned."""
        first, order = self._place, self._order
        other = self._generator.integers(first, self._count, len(self._rows), dtype=np.int32)
        chosen = order[other, self._rows]
        order[other, self._rows] = order[first]
        order[first] = chosen
        self._place += 1
        return chosen


def normals(shape: tuple[int, ...], scale: float = 1.0, dtype: type = np.float32) -> Draw:
    """Normal numbers of standard deviation `scale`, (steps, *shape): the noise of batches of fresh normal examples."""

    def drawn(generator: np.random.Generator, steps: int) -> np.ndarray:
        out = generator.standard_normal((steps, *shape), dtype=dtype)
        out *= dtype(scale)
        return out

    return drawn
