"""Recurrence: an optimizer as data, and the loop that takes the steps of several at once.

A step on a handful of points costs no arithmetic worth the name, only calls: of the gradient and of a dozen operations
for each method. Here one call of each serves all methods.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from demos.common.progress import Cancelled, says_stop

BLOCK = 32  # steps between two reports: about 1 ms


@dataclass(frozen=True)
class Recurrence:
    """The coefficients of a step:

    y = x + ahead (x − x₋),  g = ∇E(y)
    m ← keep m + take g,  v ← hold v + add g²
    x' = x − h decay x + push (x − x₋) − h m̂/(√v̂ + ε)

    from x₋ = x, m = 0 and v = 0. unbiased: m̂ = m/(1 − keepᵏ), v̂ = v/(1 − holdᵏ) at step k = 1, 2, …; otherwise m̂ = m,
    v̂ = v. With add = 0 nothing is divided. The default is x' = x − hg.
    """

    ahead: float = 0.0
    push: float = 0.0
    keep: float = 0.0
    take: float = 1.0
    hold: float = 1.0
    add: float = 0.0
    epsilon: float = 0.0
    decay: float = 0.0
    unbiased: bool = False


Rule = tuple[Recurrence, float, int]
"""A recurrence, its rate h, and its number of steps."""


def take_steps(
    gradient: Callable[[Tensor], Tensor],
    start: np.ndarray,
    rules: Sequence[Rule],
    progress: Callable[[float], bool | None] | None = None,
) -> list[np.ndarray]:
    """The paths (K + 1, N, D) of recurrences of K steps from start (N, D).

    gradient: points (M, D) -> (M, D), each row by itself. Raises `Cancelled` if progress returns False.
    """
    parts: list[list[np.ndarray]] = [[] for _ in rules]
    # rows with a memory lie between those that are scaled and those that are not, so that each kind is one slice
    order = sorted(range(len(rules)), key=lambda i: _kind(rules[i][0]))
    x = np.repeat(start.T[:, None], len(rules), axis=1)  # (D, R, N): R recurrences
    state = [x, x, np.zeros_like(x), np.zeros_like(x)]
    done, most = 0, max(count for _, _, count in rules)
    while order:
        last = min(rules[i][2] for i in order)
        steps = _Steps([rules[i] for i in order], done, last)
        frames, state = steps.taken(gradient, state, lambda k: _report(progress, k / most))
        for row, i in enumerate(order):
            parts[i].append(frames[bool(done) :, :, row].transpose(0, 2, 1))
        done, going = last, [row for row, i in enumerate(order) if rules[i][2] > last]
        order, state = [order[row] for row in going], [part[:, going] for part in state]
    return [part[0] if len(part) == 1 else np.concatenate(part) for part in parts]


def _kind(rule: Recurrence) -> int:
    """0: scaled by v; 1: scaled, with a memory m; 2: with a memory; 3: neither; 4: with momentum."""
    has_memory, is_scaled = rule.keep != 0 or rule.take != 1, rule.add != 0
    if rule.push or rule.ahead:
        if has_memory or is_scaled:
            raise ValueError("A recurrence has either momentum (x − x₋) or averages of the gradient, not both.")
        return 4
    return (1 if has_memory else 0) if is_scaled else (2 if has_memory else 3)


def _report(progress: Callable[[float], bool | None] | None, done: float) -> None:
    if progress is not None and says_stop(progress(done)):
        raise Cancelled


class _Steps:
    """The steps from `done` to `last` of recurrences that are sorted by their kind."""

    def __init__(self, rules: Sequence[Rule], done: int, last: int):
        self._rules, self._done, self._count = rules, done, last - done
        kinds = np.array([_kind(rule) for rule, _, _ in rules])
        self._scaled = slice(0, int(np.sum(kinds < 2)))
        self._memory = slice(int(np.sum(kinds < 1)), int(np.sum(kinds < 3)))
        self._pushed = slice(int(np.sum(kinds < 4)), len(kinds))

    def _full(self, name: str, rows: slice, like: np.ndarray) -> np.ndarray:
        """A coefficient of these rows in the shape of `like` (D, R, N): without broadcasting it costs half."""
        return np.ascontiguousarray(np.broadcast_to(self._column(name)[rows], like[:, rows].shape))

    def _column(self, name: str) -> np.ndarray:
        """A coefficient of all recurrences, or their "rate": (R, 1)."""
        return np.array([[float(rate if name == "rate" else getattr(rule, name))] for rule, rate, _ in self._rules])

    def taken(
        self, gradient: Callable[[Tensor], Tensor], state: Sequence[np.ndarray], report: Callable[[int], None]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """The frames (steps + 1, D, R, N), beginning with the present x; and the state x, x₋, m, v after the last.

        m is kept in units of `take`, v in units of `add`.
        """
        x, before, m, v = state
        scaled, memory, pushed = self._scaled, self._memory, self._pushed
        has_scale, has_memory, has_push = (part.start < part.stop for part in (scaled, memory, pushed))
        everywhere = slice(None)
        rate, decay = self._full("rate", everywhere, x), self._full("decay", everywhere, x)
        ahead, push, keep = (self._full(*a, x) for a in (("ahead", pushed), ("push", pushed), ("keep", memory)))
        hold, epsilon = self._full("hold", scaled, x), self._full("epsilon", scaled, x)
        leads, decays, shrink = bool(ahead.any()), bool(decay.any()), rate * decay
        size, root = self._corrections()
        frames = np.empty((self._count + 1, *x.shape))
        y, u, w = (np.empty(x.shape) for _ in range(3))
        m, v, move = np.ascontiguousarray(m[:, memory]), np.ascontiguousarray(v[:, scaled]), np.empty_like(ahead)
        y_pushed, u_memory, u_scaled = y[:, pushed], u[:, memory], u[:, scaled]
        lead, spread = np.empty_like(move), np.empty_like(v)
        points = torch.from_numpy(y.reshape(len(y), -1)).T  # the same memory as y
        frames[0] = x
        with np.errstate(all="ignore"):  # divergence is a result
            for i in range(self._count):
                if i % BLOCK == 0:
                    report(self._done + i)
                x, new = frames[i], frames[i + 1]
                y[:] = x
                if has_push:
                    np.subtract(x[:, pushed], before[:, pushed], out=move)
                if leads:
                    np.multiply(move, ahead, out=lead)
                    np.add(y_pushed, lead, out=y_pushed)
                g = gradient(points).numpy().T.reshape(x.shape)
                np.multiply(g, rate, out=u)
                if has_memory:
                    np.multiply(m, keep, out=m)
                    np.add(m, g[:, memory], out=m)
                    np.multiply(m, size[i], out=u_memory)
                if has_scale:
                    own = g[:, scaled]
                    np.multiply(own, own, out=spread)
                    np.multiply(v, hold, out=v)
                    np.add(v, spread, out=v)
                    np.sqrt(v, out=spread)
                    np.multiply(spread, root[i], out=spread)
                    np.add(spread, epsilon, out=spread)
                    np.divide(u_scaled, spread, out=u_scaled)
                if decays:
                    np.multiply(x, shrink, out=w)
                    np.add(u, w, out=u)
                np.subtract(x, u, out=new)
                if has_push:
                    np.multiply(move, push, out=move)
                    own = new[:, pushed]
                    np.add(own, move, out=own)
                before = x
        ended = [frames[-1], before, state[2].copy(), state[3].copy()]
        ended[2][:, memory], ended[3][:, scaled] = m, v
        return frames, ended

    def _corrections(self) -> tuple[np.ndarray, np.ndarray]:
        """h take/(1 − keepᵏ) of the rows with a memory, √(add/(1 − holdᵏ)) of the scaled ones, for each step k:
        (steps, R, 1); without the corrections for zero starts h take and √add."""
        k = np.arange(self._done + 1, self._done + self._count + 1)[:, None, None]
        unbiased, keep, take, hold, add = (self._column(n) for n in ("unbiased", "keep", "take", "hold", "add"))
        size = self._column("rate") * take / (1 - unbiased * keep**k)
        root = np.sqrt(add / (1 - unbiased * hold**k))
        return size[:, self._memory], root[:, self._scaled]
