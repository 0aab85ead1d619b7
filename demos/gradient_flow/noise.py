"""Random numbers of one call: seeded by the call, drawn in blocks, never from a global generator."""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from torch import Tensor

PIECE = 2**15  # numbers made at once: with their temporaries they stay in the second-level cache


@runtime_checkable
class NoiseSource(Protocol):
    """Where a run's random numbers come from, a block of steps at a time. `solve` makes a `Noise` of its seed."""

    def refill(self, normals: int, uniforms: int) -> None:
        """Make ready what the next block asks for at most; called before the block, also for none."""
        ...

    def rewind(self) -> None:
        """Give the same block again: that is how the step at which a replica diverged is found."""
        ...

    def normal(self) -> Tensor:
        """The next standard normals, like the states. Read only, and until the next refill: a block may be replayed."""
        ...

    def uniform(self) -> Tensor:
        """The next uniforms on [0, 1), (N,), under the same terms."""
        ...


class NoNoise:
    """The source of a flow without temperature: nobody may draw from it."""

    def refill(self, normals: int, uniforms: int) -> None:
        pass

    def rewind(self) -> None:
        pass

    def normal(self) -> Tensor:
        raise ValueError("A method drew noise for a flow without temperature: its step must ask problem.noisy first.")

    uniform = normal


class Noise:
    """Standard normals, and uniforms on [0, 1), for blocks of steps; exact to rounding, |R| ≤ 6.76 in float32.

    The n-th normal of a seed is the same for every method, however it is asked for, so methods can be compared on
    the same noise; uniforms (acceptance) have a stream of their own.
    """

    def __init__(self, like: Tensor, seed: int):
        # the N coordinates of one component lie side by side, as in the states (see `component_major`)
        self._turned = is_cloud(like)
        shape = tuple(reversed(like.shape)) if self._turned else tuple(like.shape)
        of_normals, of_uniforms = np.random.SeedSequence(seed).spawn(2)
        self._normals = _Block(_normal_stream(like, of_normals), shape, like, self._turned)
        self._uniforms = _Block(_uniform_stream(like, of_uniforms), like.shape[:1], like)
        self.rewind()

    def refill(self, normals: int, uniforms: int) -> None:
        """Draw what the next block of steps needs, over what the last one had."""
        self._normals.refill(normals)
        self._uniforms.refill(uniforms)
        self.rewind()

    def rewind(self) -> None:
        """Give the same block again."""
        self._next_normal, self._next_uniform = iter(self._normals.drawn), iter(self._uniforms.drawn)

    def normal(self) -> Tensor:
        """The next standard normals, like the states; read only."""
        try:
            return next(self._next_normal)
        except StopIteration:
            raise ValueError("A step drew more normals than `normals` of its Method says.") from None

    def uniform(self) -> Tensor:
        """The next uniforms, (N,); read only."""
        try:
            return next(self._next_uniform)
        except StopIteration:
            raise ValueError("A step drew more uniforms than `uniforms` of its Method says.") from None


class _Block:
    """The next numbers of a stream, `drawn` as tensors of one shape, in memory that every refill uses again."""

    def __init__(self, stream: _Stream | _TorchStream, shape: tuple[int, ...], like: Tensor, turned: bool = False):
        self._stream, self._shape, self._like, self._turned = stream, shape, like, turned
        self.drawn: list[Tensor] = []
        self._rows: list[Tensor] = []

    def refill(self, count: int) -> None:
        if count > len(self._rows):
            self._memory = torch.empty((count, *self._shape), dtype=self._like.dtype, device=self._like.device)
            self._rows = [row.T if self._turned else row for row in self._memory]
        if count:
            self._stream.fill(self._memory[:count].view(-1))
        self.drawn = self._rows[:count]


class _Stream:
    """Numbers one after the other. They are made in pieces of one size and handed out in any: that changes nothing."""

    def __init__(self, make: Callable[[np.ndarray], object], dtype: torch.dtype):
        self._make = make
        self._left = np.empty(PIECE, np.float64 if dtype == torch.float64 else np.float32)
        self._taken = PIECE  # of the piece in `_left`

    def fill(self, out: Tensor) -> None:
        numbers, at = out.numpy(), 0
        while at < len(numbers):
            if self._taken == PIECE and len(numbers) - at >= PIECE:
                self._make(numbers[at : at + PIECE])
                at += PIECE
                continue
            if self._taken == PIECE:
                self._make(self._left)
                self._taken = 0
            count = min(PIECE - self._taken, len(numbers) - at)
            numbers[at : at + count] = self._left[self._taken : self._taken + count]
            at, self._taken = at + count, self._taken + count


class _TorchStream:
    """The same from torch's own generator, on devices that NumPy does not reach."""

    def __init__(self, seed: np.random.SeedSequence, device: torch.device, normal: bool):
        state = int(seed.generate_state(1, np.uint64)[0] >> 1)
        self._normal, self._generator = normal, torch.Generator(device=device).manual_seed(state)

    def fill(self, out: Tensor) -> None:
        out.normal_(generator=self._generator) if self._normal else out.uniform_(generator=self._generator)


def _normal_stream(like: Tensor, seed: np.random.SeedSequence) -> _Stream | _TorchStream:
    if like.device.type != "cpu":
        return _TorchStream(seed, like.device, normal=True)
    bits = np.random.SFC64(seed)
    if like.dtype == torch.float64:  # the ziggurat: float64 sines are slow
        generator = np.random.Generator(bits)
        return _Stream(lambda out: generator.standard_normal(out=out), like.dtype)
    return _Stream(lambda out: box_muller(_words(bits, len(out), np.uint32), out), like.dtype)


def _uniform_stream(like: Tensor, seed: np.random.SeedSequence) -> _Stream | _TorchStream:
    if like.device.type != "cpu":
        return _TorchStream(seed, like.device, normal=False)
    bits, word = np.random.SFC64(seed), np.uint64 if like.dtype == torch.float64 else np.uint32
    return _Stream(lambda out: uniforms(_words(bits, len(out), word), out), like.dtype)


def _words(bits: np.random.BitGenerator, count: int, dtype: type) -> np.ndarray:
    return bits.random_raw(count * np.dtype(dtype).itemsize // 8).view(dtype)


def uniforms(words: np.ndarray, out: np.ndarray) -> None:
    """Multiples of 2⁻²⁴ (float32) or 2⁻⁵³ (float64) on [0, 1), into out (n,), from n random words of its size."""
    digits = 24 if out.dtype == np.float32 else 53
    np.copyto(out, np.right_shift(words, 8 * words.itemsize - digits, out=words), casting="unsafe")
    np.multiply(out, 2.0**-digits, out=out)


def box_muller(words: np.ndarray, out: np.ndarray) -> None:
    """Normals r cos θ, r sin θ with r² = −2 ln u, into out (n,), n even, from n random 32-bit words.

    Box & Muller, Ann. Math. Statist. 29 (1958) 610; u in (0, 1], θ in [−π, π]. In float32 NumPy's logarithm and sines
    are vectorized, which makes this faster than torch's `normal_`, and its tail longer: 6.76 against 5.77.
    """
    radius, angle = out[: len(out) // 2], out[len(out) // 2 :]
    np.copyto(radius, words[: len(radius)], casting="unsafe")
    np.log(np.multiply(np.add(radius, 1, out=radius), 2.0**-32, out=radius), out=radius)
    np.sqrt(np.multiply(radius, -2, out=radius), out=radius)
    np.copyto(angle, words[len(radius) :].view(np.int32), casting="unsafe")
    np.multiply(angle, pi / 2**31, out=angle)
    sine = np.sin(angle)
    np.multiply(np.cos(angle, out=angle), radius, out=angle)
    np.multiply(radius, sine, out=radius)


def is_cloud(x: Tensor) -> bool:
    """Points in a few dimensions, (N, d): stored component by component, so that x[:, i] is contiguous."""
    return x.ndim == 2 and x.shape[1] <= 8


def component_major(x: Tensor) -> Tensor:
    """A copy of x, laid out as the solver keeps states."""
    if not is_cloud(x):
        return x.detach().clone(memory_format=torch.contiguous_format)
    return x.detach().T.clone(memory_format=torch.contiguous_format).T
