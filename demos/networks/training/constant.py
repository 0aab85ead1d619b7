"""References for a network whose output is constant: its initial loss with other weights, and the training of its last
layer alone."""

from __future__ import annotations

from itertools import islice

import numpy as np
import torch
from torch import nn

from demos.networks.training.config import TrainingConfig
from demos.networks.training.network import build, draw_all
from demos.networks.training.optimizers import Formula
from demos.networks.training.train import Trained, batches, data_loss, penalty

REPLICAS = 40


def last_quarter(trained: Trained) -> int:
    """The number of steps in the last quarter."""
    return max(1, len(trained.losses) // 4)


@torch.no_grad()
def spread_of_losses(config: TrainingConfig, trained: Trained) -> float:
    """Standard deviation of the loss of the first batch over random initial weights."""
    index = next(batches(config))
    x, y = trained.data.x[index], trained.data.y[index]
    seeds = [(config.seed + 1 + i) % 2**31 for i in range(REPLICAS)]
    model, found = build(config), []
    linears = [module for module in model.modules() if isinstance(module, nn.Linear)]
    for seed in seeds:  # one network with other weights: forty would take as long to make as to train
        draw_all(linears, config.replace(seed=seed))
        found.append(float(data_loss(config, model(x), y)))
    return float(np.std(found, ddof=1))


def constant_loss(config: TrainingConfig, trained: Trained) -> float:
    """Mean loss over the last quarter of the steps of the last layer, trained alone on the same batches.

    The hidden layers keep their initial weights, and every example gets the mean h of the first batch: the output
    W h + b is a constant that adapts to the shares of the classes. Its steps are those of the optimizer's equations.
    """
    model, data = build(config), trained.data
    with torch.no_grad():
        h = model[:-1](data.x[next(batches(config))]).mean(0)
    last = model[-1]
    frozen = config.optimizer in ("muon", "lars")
    parameters = [last.weight] if frozen else [last.weight, last.bias]
    formula = Formula(config, parameters)
    losses = []
    with torch.enable_grad():
        for index in islice(batches(config), len(trained.losses)):
            loss = data_loss(config, last(h).expand(len(index), -1), data.y[index])
            added = penalty(config, parameters)
            gradients = torch.autograd.grad(loss if added is None else loss + added, parameters)
            g = torch.cat([each.flatten() for each in gradients])
            if config.clip:
                g = g * min(1.0, config.clip / (float(g.norm()) + 1e-6))
            theta = torch.cat([p.detach().flatten() for p in parameters])
            nn.utils.vector_to_parameters(theta + formula.step(g, theta), parameters)
            losses.append(loss.item())
    return float(np.mean(losses[-last_quarter(trained) :]))
