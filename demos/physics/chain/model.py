"""A chain of rigid links that hangs between two hooks. The links are constraints."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from demos.physics.bench.constraints import RigidLinks
from demos.physics.bench.system import Invariant, Reference, System
from demos.physics.chain.reference import SPAN, discrete_catenary

FEWEST, MOST = 3, 120  # links


def hanging_chain(links: int = 20, length: float = 2.0) -> System:
    """E = Σ yᵢ over the joints; the ends are held at (0, 0) and (1, 0). Raises ValueError out of range."""
    check_chain(links, length)
    nodes, link = links + 1, length / links
    held = torch.full((nodes, 2), torch.nan, dtype=torch.float64)
    held[0], held[-1] = torch.tensor([0.0, 0.0]), torch.tensor([SPAN, 0.0])
    project = RigidLinks(link, held)
    weight = torch.zeros(nodes, 2, dtype=torch.float64)
    weight[1:-1, 1] = 1.0
    exact = discrete_catenary(links, length)
    arch = torch.from_numpy(exact.nodes * [1, -1])

    def near(shape: Tensor, amount: float, seed: int, replicas: int) -> Tensor:
        noise = np.random.default_rng([seed, 6]).standard_normal((replicas, nodes, 2))
        return project.retract(shape + amount * link * torch.from_numpy(noise))

    return System(
        name="hanging_chain",
        title=f"Hanging chain, {links} rigid links",
        sentence="A chain of rigid links falls into the one shape in which every joint balances.",
        formula=r"\sum_i y_i,\quad |x_{i+1}-x_i| = \ell",
        shape=(nodes, 2),
        energy=lambda x, t=0.0: (x * weight).flatten(1).sum(1),
        gradient=lambda x, t=0.0: weight.expand_as(x).clone(),
        hessian=lambda x, t=0.0: x.new_zeros(len(x), 2 * nodes, 2 * nodes),
        project=project,
        starts={
            "zigzag": lambda seed, replicas: near(_zigzag(links, link), 0.05, seed, replicas),
            "arch": lambda seed, replicas: near(arch, 0.01, seed, replicas),
        },
        references=(Reference("energy", exact.energy, "discrete catenary, closed form", floor=1e-9),),
        invariants=link_invariants(project, held),
        longest=0.5 * link,
        duration=8.0,
        own_energy=lambda x: x[:, 1:-1, 1].sum(1),
    )


def tensions(system: System, x: Tensor) -> Tensor:
    """(B, N): the multipliers of a chain's rigid links as forces along them; negative where a link is pushed."""
    links = system.project
    if not isinstance(links, RigidLinks):
        raise TypeError(f"{system.name} has no rigid links.")
    return -links.length * links.multipliers(x, system.gradient(x))


def link_invariants(project: RigidLinks, held: Tensor) -> tuple[Invariant, ...]:
    """The invariants of a chain: the largest error of a link's length, and of a fixed coordinate."""
    length, fixed = project.length, ~held.isnan()

    def worst_link(x: Tensor) -> Tensor:
        lengths = torch.diff(x, dim=1).norm(dim=-1)
        return lengths.gather(1, (lengths - length).abs().argmax(1, keepdim=True))[:, 0]

    return (
        Invariant("link length", worst_link, length, floor=1e-13, source="rigid links"),
        Invariant("held ends", lambda x: (x - held)[:, fixed].abs().amax(1), 0.0, floor=0.0, source="hooks"),
    )


def _zigzag(links: int, link: float) -> Tensor:
    """A zigzag of links, so that the chain just spans the hooks; for an odd number the retraction closes it."""
    across = SPAN / links
    nodes = torch.zeros(links + 1, 2, dtype=torch.float64)
    nodes[:, 0] = torch.arange(links + 1, dtype=torch.float64) * across
    nodes[1::2, 1] = (link**2 - across**2) ** 0.5
    if links % 2:  # the last joint is moved back half-way, so that the last link can reach the hook
        nodes[-1, 1] = 0.0
    return nodes


def check_chain(links: int, length: float) -> None:
    """Raise ValueError where the number of links or the length is out of range."""
    if not FEWEST <= links <= MOST:
        raise ValueError(f"{links} links are out of range; a chain here has {FEWEST} to {MOST}.")
    if not 1.01 <= length <= 4:
        raise ValueError(f"length = {length:g} must be from 1.01 to 4 spans: shorter, the chain does not reach.")
    link = length / links
    if links % 2 and link >= SPAN:
        raise ValueError(
            f"length = {length:g} of {links} links: the middle one, {link:.3g} spans long, cannot lie "
            "between the hooks; take more links or a shorter chain."
        )
