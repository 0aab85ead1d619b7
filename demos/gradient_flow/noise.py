"""Random numbers of one call of `solve`: from its seed, drawn in blocks, never from a global generator."""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from demos.gradient_flow.shapes import checked_like

PIECE = 2**15  # numbers generated at once: with their temporaries they fit in the second-level cache


class NoiseSource(Protocol):
    """The source of a run's random numbers, for one block of steps at a time. By default `solve` makes a `Noise`."""

    def refill(self, normals: int, uniforms: int) -> None:
        """Provide the numbers of the next block: at most so many tensors of each kind. Called before every block."""
        ...

    def rewind(self) -> None:
        """Go back to the first numbers of the block, which is replayed to find the step at which a replica diverged."""
        ...

    def normal(self) -> Tensor:
        """The next standard normals, like the states. Do not write into them; they are valid until the next refill."""
        ...

    def uniform(self) -> Tensor:
        """The next uniform numbers on [0, 1), (N,). Do not write into them; they are valid until the next refill."""
        ...


class NoNoise:
    """The noise source of a flow at T = 0: raises ValueError if a method draws from it."""

    def refill(self, normals: int, uniforms: int) -> None:
        pass

    def rewind(self) -> None:
        pass

    def normal(self) -> Tensor:
        raise ValueError("A method drew noise for a flow without temperature: its step must ask problem.noisy first.")

    uniform = normal


class CheckedNoise:
    """A caller's noise source. Raises ValueError for numbers that are not like the states (they would be broadcast)."""

    def __init__(self, given: NoiseSource, like: Tensor):
        self._given, self._like, self._of_replicas = given, like, like.flatten(1)[:, 0]
        self.refill, self.rewind = given.refill, given.rewind

    def normal(self) -> Tensor:
        return checked_like("noise.normal()", self._given.normal(), self._like)

    def uniform(self) -> Tensor:
        return checked_like("noise.uniform()", self._given.uniform(), self._of_replicas, "one for each replica, ")


class Noise:
    """Standard normals and uniform numbers on [0, 1) for blocks of steps. In float32, normals have |R| ≤ 6.76.

    The n-th normal of a seed is the same for every method and every block size, so that methods can be compared on
    the same noise. The uniform numbers (for acceptance) are a separate stream.
    """

    def __init__(self, like: Tensor, seed: int):
        # stored component by component, like the states (see `component_major`)
        self._transposed = is_cloud(like)
        shape = tuple(reversed(like.shape)) if self._transposed else tuple(like.shape)
        of_normals, of_uniforms = np.random.SeedSequence(seed).spawn(2)
        self._normals = _Block(_normal_stream(like, of_normals), shape, like, self._transposed)
        self._uniforms = _Block(_uniform_stream(like, of_uniforms), like.shape[:1], like)
        self.rewind()

    def refill(self, normals: int, uniforms: int) -> None:
        """Draw the numbers of the next block of steps, into the memory of the last one."""
        self._normals.refill(normals)
        self._uniforms.refill(uniforms)
        self.rewind()

    def rewind(self) -> None:
        """Go back to the first numbers of the block."""
        self._next_normal, self._next_uniform = iter(self._normals.drawn), iter(self._uniforms.drawn)

    def normal(self) -> Tensor:
        """The next standard normals, like the states; do not write into them."""
        try:
            return next(self._next_normal)
        except StopIteration:
            raise ValueError("A step drew more normals than `normals` of its Method says.") from None

    def uniform(self) -> Tensor:
        """The next uniform numbers, (N,); do not write into them."""
        try:
            return next(self._next_uniform)
        except StopIteration:
            raise ValueError("A step drew more uniforms than `uniforms` of its Method says.") from None


class _Block:
    """The numbers of one block: `drawn` is a list of tensors of one shape, whose memory every refill reuses."""

    def __init__(self, stream: _Stream | _TorchStream, shape: tuple[int, ...], like: Tensor, transposed: bool = False):
        self._stream, self._shape, self._like, self._transposed = stream, shape, like, transposed
        self.drawn: list[Tensor] = []
        self._rows: list[Tensor] = []

    def refill(self, count: int) -> None:
        if count > len(self._rows):
            self._memory = torch.empty((count, *self._shape), dtype=self._like.dtype, device=self._like.device)
            self._rows = [row.T if self._transposed else row for row in self._memory]
        if count:
            self._stream.fill(self._memory[:count].view(-1))
        self.drawn = self._rows[:count]


class _Stream:
    """A stream of random numbers, generated in pieces of fixed size, so that it does not depend on the size of
    requests."""

    def __init__(self, make: Callable[[np.ndarray], object], dtype: torch.dtype):
        self._make = make
        self._left = np.empty(PIECE, np.float64 if dtype == torch.float64 else np.float32)
        self._taken = PIECE  # how many numbers of the piece `_left` were given out

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
    """A stream from torch's own generator, for devices other than the CPU."""

    def __init__(self, seed: np.random.SeedSequence, device: torch.device, normal: bool):
        state = int(seed.generate_state(1, np.uint64)[0] >> 1)
        self._normal, self._generator = normal, torch.Generator(device=device).manual_seed(state)

    def fill(self, out: Tensor) -> None:
        out.normal_(generator=self._generator) if self._normal else out.uniform_(generator=self._generator)


def _normal_stream(like: Tensor, seed: np.random.SeedSequence) -> _Stream | _TorchStream:
    if like.device.type != "cpu":
        return _TorchStream(seed, like.device, normal=True)
    bits = np.random.SFC64(seed)
    if like.dtype == torch.float64:  # NumPy's ziggurat: Box–Muller would need slow float64 sines
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
    """Write uniform multiples of 2⁻²⁴ (float32) or 2⁻⁵³ (float64) on [0, 1) into out (n,), from n random words."""
    digits = 24 if out.dtype == np.float32 else 53
    np.copyto(out, np.right_shift(words, 8 * words.itemsize - digits, out=words), casting="unsafe")
    np.multiply(out, 2.0**-digits, out=out)


def box_muller(words: np.ndarray, out: np.ndarray) -> None:
    """Write normals r cos θ, r sin θ with r² = −2 ln u into out (n,), n even, from n random 32-bit words.

    Box & Muller, Ann. Math. Statist. 29 (1958) 610; u in (0, 1], θ in [−π, π]. NumPy's float32 logarithm and sines
    are vectorized, so this is faster than torch's `normal_`; its largest value is 6.76, torch's 5.77.
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
    """Whether x is (N, d) with d ≤ 8. Such states are stored component by component: x[:, i] is contiguous."""
    return x.ndim == 2 and x.shape[1] <= 8


def component_major(x: Tensor) -> Tensor:
    """A copy of x in the memory layout of the solver's states; see `is_cloud`."""
    if not is_cloud(x):
        return x.detach().clone(memory_format=torch.contiguous_format)
    return x.detach().T.clone(memory_format=torch.contiguous_format).T
