"""The same players once more, by hand in float64: outputs, gradients and Adam's steps without autograd.

φ is piecewise linear, so that D's slope in x is a product of matrices and masks, and R1's gradient one as well.
"""

from __future__ import annotations

import numpy as np

from demos.networks.ring.config import RingConfig
from demos.networks.ring.players import LEAK, NOISE
from demos.networks.ring.train import EPSILON, NAMES, SECOND, Trained

Parts = list[np.ndarray]


def parts(config: RingConfig, player: int, weights: np.ndarray) -> Parts:
    """W₁, b₁, W₂, b₂, W₃, b₃ of generator (0) or discriminator (1)."""
    n, ends = config.width, ((NOISE, 2), (2 * config.pack, 1))[player]
    shapes = [(n, ends[0]), (n,), (n, n), (n,), (ends[1], n), (ends[1],)]
    cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
    return [piece.reshape(shape) for piece, shape in zip(np.split(weights, cuts), shapes, strict=True)]


def forward(player: int, own: Parts, x: np.ndarray) -> tuple[Parts, Parts]:
    """(inputs of the three linear maps and the output, masks φ' of the two hidden layers)."""
    leak = LEAK if player else 0.0
    hidden, masks = [x], []
    for weight, bias in zip(own[0:4:2], own[1:4:2], strict=True):
        z = hidden[-1] @ weight.T + bias
        masks.append(np.where(z > 0, 1.0, leak))
        hidden.append(z * masks[-1])
    return [*hidden, hidden[-1] @ own[4].T + own[5]], masks


def rounding(player: int, own: Parts, x: np.ndarray, unit: float) -> np.ndarray:
    """(N, ·): most by which arithmetic of relative precision `unit` can change the outputs, to first order: a sum of n
    products and a bias by n + 1 roundings of the sum of its absolute values (Higham 2002, §3.1)."""
    hidden, _ = forward(player, own, x)
    error = unit * np.abs(x)
    for h, weight, bias in zip(hidden, own[0::2], own[1::2], strict=False):
        size = np.abs(weight).T
        error = error @ size + (len(size) + 2) * unit * (np.abs(h) @ size + np.abs(bias))
    return error


def backward(own: Parts, hidden: Parts, masks: Parts, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From ∂L/∂output (N, ·): ∂L/∂weights (P,) and ∂L/∂x."""
    found: Parts = []
    for layer in (2, 1, 0):
        found = [out.T @ hidden[layer], out.sum(0), *found]
        out = out @ own[2 * layer]
        if layer:
            out = out * masks[layer - 1]
    return np.concatenate([g.ravel() for g in found]), out


def softplus(t: np.ndarray) -> np.ndarray:
    return np.logaddexp(0.0, t)


def sigmoid(t: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(t / 2))


def loss_and_gradient(
    config: RingConfig, player: int, weights: tuple[np.ndarray, ...], trained: Trained, step: int
) -> tuple[float, np.ndarray]:
    """A player's own loss with the batch of this step, and its gradient (P,)."""
    g, d = (parts(config, index, weights[index]) for index in (0, 1))
    noise = (trained.drawn.for_g, trained.drawn.for_d)[player][step].double().numpy()
    hidden_g, masks_g = forward(0, g, noise)
    made = hidden_g[-1].reshape(-1, 2 * config.pack)
    hidden, masks = forward(1, d, made)
    count, odds = len(made), sigmoid(hidden[-1])
    if not player:
        good = config.loss == "nonsaturating"
        loss = float(softplus(-hidden[-1]).mean() if good else -softplus(hidden[-1]).mean())
        out = (odds - 1 if good else -odds) / count
        _, at_made = backward(d, hidden, masks, out)
        return loss, backward(g, hidden_g, masks_g, at_made.reshape(-1, 2))[0]
    loss = float(softplus(hidden[-1]).mean())
    found, _ = backward(d, hidden, masks, odds / count)
    hidden, masks = forward(1, d, trained.drawn.true[step].double().numpy().reshape(-1, 2 * config.pack))
    loss += float(softplus(-hidden[-1]).mean())
    found = found + backward(d, hidden, masks, (sigmoid(hidden[-1]) - 1) / count)[0]
    if config.gamma:
        value, slope = penalty(d, masks)
        loss, found = loss + config.gamma * value, found + config.gamma * slope
    return loss, found


def penalty(own: Parts, masks: Parts) -> tuple[float, np.ndarray]:
    """The mean of |∂D/∂x|²/2, ∂D/∂x = W₁ᵀ S₁ W₂ᵀ S₂ w₃, and its gradient (P,); biases do not enter."""
    first, second = masks
    third = second * own[4]  # S₂ w₃
    middle = first * (third @ own[2])  # S₁ W₂ᵀ S₂ w₃
    slope = middle @ own[0]
    back = first * (slope @ own[0].T)  # ∂/∂(W₂ᵀ S₂ w₃)
    to_third = second * (back @ own[2].T)
    zeros = [np.zeros_like(bias) for bias in own[1::2]]
    found = (middle.T @ slope, zeros[0], third.T @ back, zeros[1], to_third.sum(0), zeros[2])
    return float((slope**2).sum(1).mean() / 2), np.concatenate([part.ravel() for part in found]) / len(slope)


def stretch(config: RingConfig, trained: Trained, window: int) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """From what was remembered: both players' weights at the next frame, and |g| and losses (n, 2) of the steps until
    then."""
    frame, memories = trained.windows[window]
    weights = [memory.weights.copy() for memory in memories]
    means, squares = [m.mean.copy() for m in memories], [m.square.copy() for m in memories]
    rates, norms, losses = (config.lr, config.ratio * config.lr), [], []
    for step in range(trained.at[frame], trained.at[frame + 1]):
        sizes, values = [0.0, 0.0], [0.0, 0.0]
        for player in (1, 0):
            values[player], g = loss_and_gradient(config, player, tuple(weights), trained, step)
            sizes[player] = float(np.linalg.norm(g))
            count = step + 1
            means[player] = config.momentum * means[player] + (1 - config.momentum) * g
            squares[player] = SECOND * squares[player] + (1 - SECOND) * g * g
            mean = means[player] / (1 - config.momentum**count)
            square = squares[player] / (1 - SECOND**count)
            weights[player] = weights[player] - rates[player] * mean / (np.sqrt(square) + EPSILON)
        norms.append(sizes)
        losses.append(values)
    return weights, np.array(norms), np.array(losses)


def made(config: RingConfig, weights: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """The generator's points (N, 2)."""
    return forward(0, parts(config, NAMES.index("generator"), weights), noise)[0][-1]


def judged(config: RingConfig, weights: np.ndarray, places: np.ndarray) -> np.ndarray:
    """σ(D) at places (N, 2)."""
    return sigmoid(forward(1, parts(config, NAMES.index("discriminator"), weights), places)[0][-1])[:, 0]
