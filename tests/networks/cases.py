"""Small networks and the loops that train them: twelve with a known illness or none, as a doctor's examination."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from demos.networks import GradientFlowMonitor

DEPTH, WIDTH, BATCH, STEPS = 20, 64, 128, 100


def quadrants(generator: torch.Generator, count: int = BATCH) -> tuple[torch.Tensor, torch.Tensor]:
    """XOR: points of the plane and the sign of x·y, as class 0 or 1."""
    x = 2 * torch.randn(count, 2, generator=generator)
    return x, (x.prod(1) > 0).long()


class Residual(nn.Module):
    """h + f(h)·scale."""

    def __init__(self, inner: nn.Module, scale: float) -> None:
        super().__init__()
        self.inner, self.scale = inner, scale

    def forward(self, h: torch.Tensor) -> torch.Tensor:
        return h + self.scale * self.inner(h)


def perceptron(
    phi: Callable[[], nn.Module],
    init: Callable[[torch.Tensor], object] | None = None,
    bias: float | None = None,
    norm: bool = False,
    skip: bool = False,
    depth: int = DEPTH,
    width: int = WIDTH,
    inputs: int = 2,
    outputs: int = 2,
) -> nn.Sequential:
    """`depth` linear layers; torch's default init if `init` is None, else zero biases (or `bias`)."""
    fans = [inputs, *[width] * (depth - 1), outputs]
    linears = [nn.Linear(one, other) for one, other in zip(fans, fans[1:], strict=False)]
    for linear in linears:
        if init is not None:
            init(linear.weight)
            nn.init.zeros_(linear.bias)
        if bias is not None and linear is not linears[-1]:
            nn.init.constant_(linear.bias, bias)
    parts: list[nn.Module] = []
    for position, linear in enumerate(linears[:-1]):
        if skip and position:
            parts.append(Residual(nn.Sequential(phi(), linear), 1 / math.sqrt(depth)))
        else:
            parts += [linear, *([nn.BatchNorm1d(width)] if norm else []), *([] if skip else [phi()])]
    return nn.Sequential(*parts, linears[-1])


@dataclass(frozen=True)
class Case:
    """codes: findings that must be there; alarms: exactly the alarms there are."""

    name: str
    build: Callable[[], nn.Module]
    optimizer: Callable[..., torch.optim.Optimizer]
    codes: frozenset[str]
    alarms: frozenset[str]
    clip: float | None = None


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9)


def fast_sgd(parameters):
    """At lr = 0.05 two or three of five seeds diverge within 150 steps, here all do."""
    return torch.optim.SGD(parameters, lr=0.5, momentum=0.9)


def adam(parameters):
    return torch.optim.Adam(parameters, lr=1e-3)


def _tanh_gain(weight):
    nn.init.xavier_normal_(weight, gain=3.0)


def _case(name, build, optimizer, codes="", alarms="", clip=None):
    return Case(name, build, optimizer, frozenset((codes + " " + alarms).split()), frozenset(alarms.split()), clip)


he = nn.init.kaiming_normal_

CASES = (
    _case("sigmoid default SGD", lambda: perceptron(nn.Sigmoid), sgd, alarms="vanishing"),
    _case("sigmoid default Adam", lambda: perceptron(nn.Sigmoid), adam, alarms="below_epsilon"),
    _case("tanh default SGD", lambda: perceptron(nn.Tanh), sgd, alarms="vanishing"),
    _case("ReLU default SGD", lambda: perceptron(nn.ReLU), sgd, alarms="vanishing"),
    _case("ReLU default Adam", lambda: perceptron(nn.ReLU), adam, codes="compensated"),
    _case("ReLU He Adam", lambda: perceptron(nn.ReLU, he), adam),
    _case("ReLU He SGD", lambda: perceptron(nn.ReLU, he), fast_sgd, alarms="nonfinite"),
    _case("default batch norm", lambda: perceptron(nn.ReLU, norm=True), sgd, codes="backward_growth"),
    _case("residual 1/√L", lambda: perceptron(nn.ReLU, he, skip=True), sgd),
    _case("tanh gain 3", lambda: perceptron(nn.Tanh, _tanh_gain), sgd, alarms="exploding"),
    _case("tanh gain 3 clipped", lambda: perceptron(nn.Tanh, _tanh_gain), sgd, codes="clipping", clip=1.0),
    _case("ReLU bias -1", lambda: perceptron(nn.ReLU, bias=-1.0), sgd, alarms="dead"),
)


def examine(case: Case, seed: int = 0, steps: int = STEPS, every: int = 10) -> tuple[GradientFlowMonitor, float]:
    """Train under the monitor; the monitor and the accuracy on 2,000 fresh points."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = case.build()
    generator = torch.Generator().manual_seed(seed + 1)
    optimizer = case.optimizer(model.parameters())
    with GradientFlowMonitor(model, optimizer, every=every, batch_size=BATCH) as monitor:
        for _ in range(steps):
            x, y = quadrants(generator)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            if case.clip:
                nn.utils.clip_grad_norm_(model.parameters(), case.clip)
            optimizer.step()
            monitor.log(loss)
            if not math.isfinite(loss.item()):
                break
    with torch.no_grad():
        x, y = quadrants(generator, 2_000)
        model.eval() if case.clip is None else None
        return monitor, float((model(x).argmax(1) == y).float().mean())
