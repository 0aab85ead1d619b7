"""Recurrent cells: one step forward, and its Jacobian written out by hand.

With a_· = W_· h + b_· + U_· x, gates σ(a), and one row a sequence:

    RNN   h' = tanh(a) or a
    GRU   h' = (1 − z) n + z h,  n = tanh(u_n + r W_n h)      (Cho et al. 2014; torch's form)
    LSTM  c' = f c + i g,  h' = o tanh(c')                    (Hochreiter & Schmidhuber 1997; Gers et al. 2000)

The *carry* is what passes from step to step by itself: c of an LSTM, h of the others. `inputs` are the U x of each
block, already drawn; the bias is that of the gate that keeps the carry.
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
    """Blocks z, r, n. Beside the next state: z, which keeps h."""
    (h,) = state
    z = torch.sigmoid(_recurrent(h, weights, 0) + inputs[..., 0, :, :] + bias)
    r = torch.sigmoid(_recurrent(h, weights, 1) + inputs[..., 1, :, :])
    n = torch.tanh(r * _recurrent(h, weights, 2) + inputs[..., 2, :, :])
    return ((1 - z) * n + z * h,), z.detach()


def lstm(state: State, weights: Tensor, inputs: Tensor, bias: float) -> tuple[State, Tensor]:
    """Blocks f, i, o, g. Beside the next state: f, which keeps c."""
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


def jacobian(cell: str, state: State, weights: Tensor, inputs: Tensor, bias: float) -> Tensor:
    """∂(next state)/∂(state) of one sequence: state of vectors (n,), weights (blocks, n, n), inputs (blocks, n);
    (n, n), for an LSTM (2n, 2n) over (h, c)."""
    before = torch.einsum("bij,j->bi", weights, state[0])
    row = lambda scale, matrix: scale[:, None] * matrix
    if cell == "linear":
        return weights[0]
    if cell == "rnn":
        return row(1 - torch.tanh(before[0] + inputs[0]) ** 2, weights[0])
    if cell == "gru":
        (h,) = state
        z, r = torch.sigmoid(before[0] + inputs[0] + bias), torch.sigmoid(before[1] + inputs[1])
        n = torch.tanh(r * before[2] + inputs[2])
        candidate = row(r, weights[2]) + row(before[2] * r * (1 - r), weights[1])
        return torch.diag(z) + row((h - n) * z * (1 - z), weights[0]) + row((1 - z) * (1 - n * n), candidate)
    h, c = state
    f, i, o = (
        torch.sigmoid(before[0] + inputs[0] + bias),
        torch.sigmoid(before[1] + inputs[1]),
        torch.sigmoid(before[2] + inputs[2]),
    )
    g = torch.tanh(before[3] + inputs[3])
    kept = torch.tanh(f * c + i * g)
    c_by_h = row(c * f * (1 - f), weights[0]) + row(g * i * (1 - i), weights[1]) + row(i * (1 - g * g), weights[3])
    through = o * (1 - kept * kept)  # ∂h'/∂c'
    h_by_h = row(through, c_by_h) + row(kept * o * (1 - o), weights[2])
    top = torch.cat((h_by_h, torch.diag(through * f)), 1)
    return torch.cat((top, torch.cat((c_by_h, torch.diag(f)), 1)))
