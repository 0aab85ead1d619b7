"""Recurrent cells: one step forward, and its gradient backward, written out by hand.

With a_· = W_· h + b_· + U_· x, gates σ(a), and one row per sequence:

    RNN   h' = tanh(a) or a
    GRU   h' = (1 − z) n + z h,  n = tanh(u_n + r W_n h)      (Cho et al. 2014; torch's form)
    LSTM  c' = f c + i g,  h' = o tanh(c')                    (Hochreiter & Schmidhuber 1997; Gers et al. 2000)

The *carry* is the state that is passed on additively: c of an LSTM, h of the others. `inputs` are the U x of each
block, already computed; the bias is that of the gate that retains the carry.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

State = tuple[Tensor, ...]  # (h,), or (h, c); each (..., B, n)
Step = Callable[[State, Tensor, Tensor, float], tuple[State, Tensor]]


def rnn(state: State, weights: Tensor, inputs: Tensor, bias: float) -> tuple[State, Tensor]:
    """weights (..., 1, n, n), inputs (..., 1, B, n) -> the next state, and the derivative by a, (..., B, n)."""
    h = torch.tanh(_recurrent(state[0], weights, 0) + inputs[..., 0, :, :])
    return (h,), 1 - h.detach() ** 2


def linear(state: State, weights: Tensor, inputs: Tensor, bias: float) -> tuple[State, Tensor]:
    h = _recurrent(state[0], weights, 0) + inputs[..., 0, :, :]
    return (h,), torch.ones_like(h.detach())


def gru(state: State, weights: Tensor, inputs: Tensor, bias: float) -> tuple[State, Tensor]:
    """Blocks z, r, n. Returns the next state, and z, the retained share of h."""
    (h,) = state
    z = torch.sigmoid(_recurrent(h, weights, 0) + inputs[..., 0, :, :] + bias)
    r = torch.sigmoid(_recurrent(h, weights, 1) + inputs[..., 1, :, :])
    n = torch.tanh(r * _recurrent(h, weights, 2) + inputs[..., 2, :, :])
    return ((1 - z) * n + z * h,), z.detach()


def lstm(state: State, weights: Tensor, inputs: Tensor, bias: float) -> tuple[State, Tensor]:
    """Blocks f, i, o, g. Returns the next state, and f, the retained share of c."""
    h, c = state
    f = torch.sigmoid(_recurrent(h, weights, 0) + inputs[..., 0, :, :] + bias)
    i = torch.sigmoid(_recurrent(h, weights, 1) + inputs[..., 1, :, :])
    o = torch.sigmoid(_recurrent(h, weights, 2) + inputs[..., 2, :, :])
    g = torch.tanh(_recurrent(h, weights, 3) + inputs[..., 3, :, :])
    c = f * c + i * g
    return (o * torch.tanh(c), c), f.detach()


def _recurrent(h: Tensor, weights: Tensor, block: int) -> Tensor:
    """W h of a block, rows of h (..., B, n)."""
    return h @ weights[..., block, :, :].mT


STEPS: dict[str, Step] = {"rnn": rnn, "linear": linear, "gru": gru, "lstm": lstm}


def back(cell: str, grown: State, state: State, weights: Tensor, inputs: Tensor, bias: float) -> State:
    """The gradients by the current state from those by the next state (`grown`): the transposed Jacobian of each cell,
    written out. States and gradients (..., B, n); weights (..., blocks, n, n); inputs (..., blocks, B, n)."""
    W = lambda block: weights[..., block, :, :]
    a = [_recurrent(state[0], weights, block) for block in range(weights.shape[-3])]
    u = [inputs[..., block, :, :] for block in range(len(a))]
    if cell == "linear":
        return (grown[0] @ W(0),)
    if cell == "rnn":
        return ((grown[0] * (1 - torch.tanh(a[0] + u[0]) ** 2)) @ W(0),)
    if cell == "gru":
        (h,), (g,) = state, grown
        z, r = torch.sigmoid(a[0] + u[0] + bias), torch.sigmoid(a[1] + u[1])
        n = torch.tanh(r * a[2] + u[2])
        by_z, by_n = g * (h - n) * z * (1 - z), g * (1 - z) * (1 - n * n)
        return (g * z + by_z @ W(0) + (by_n * a[2] * r * (1 - r)) @ W(1) + (by_n * r) @ W(2),)
    (_, c), (by_h, by_c) = state, grown
    f, i, o = torch.sigmoid(a[0] + u[0] + bias), torch.sigmoid(a[1] + u[1]), torch.sigmoid(a[2] + u[2])
    g = torch.tanh(a[3] + u[3])
    kept = torch.tanh(f * c + i * g)
    through = by_c + by_h * o * (1 - kept * kept)  # ∂L/∂c'
    into = (through * c * f * (1 - f)) @ W(0) + (through * g * i * (1 - i)) @ W(1)
    return into + (by_h * kept * o * (1 - o)) @ W(2) + (through * i * (1 - g * g)) @ W(3), through * f
