"""A chain of rigid links: hanging between two hooks, or, as a column under load, buckling. Links are constraints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.optimize import brentq
from torch import Tensor

from demos.physics.bench.constraints import RigidLinks
from demos.physics.bench.system import Invariant, Reference, System

FEWEST, MOST = 3, 120  # links
SPAN = 1.0


@dataclass(frozen=True)
class Catenary:
    """The chain at rest, in closed form: nodes (n, 2), angle and tension of each link, the pull H of the hooks."""

    nodes: np.ndarray
    angles: np.ndarray
    tensions: np.ndarray
    pull: float

    @property
    def energy(self) -> float:
        return float(self.nodes[1:-1, 1].sum())


def discrete_catenary(links: int, length: float) -> Catenary:
    """N equal links of total length > 1 between (0, 0) and (1, 0), a unit weight at each joint.

    Each joint balances: the slopes of two neighbouring links differ by the weight over the horizontal pull, so
    tan θᵢ = (i − (N − 1)/2)/H, the tension is H/cos θᵢ, and H follows from Σ ℓ cos θᵢ = 1.
    """
    steps, link = np.arange(links) - (links - 1) / 2, length / links

    def excess(log_pull: float) -> float:
        return float((link / np.hypot(1, steps * np.exp(-log_pull))).sum()) - SPAN

    pull = float(np.exp(brentq(excess, -12.0, 16.0, xtol=1e-15, rtol=4 * np.finfo(float).eps)))
    angles = np.arctan(steps / pull)
    moves = link * np.stack((np.cos(angles), np.sin(angles)), axis=1)
    return Catenary(np.vstack(([[0.0, 0.0]], moves.cumsum(0))), angles, pull / np.cos(angles), pull)


def continuous_energy(length: float) -> float:
    """The energy of a smooth chain of unit weight and this length, hung between (0, 0) and (1, 0).

    y = a cosh((x − ½)/a) − a cosh(1/2a) with 2a sinh(1/2a) = L.
    """
    a = brentq(lambda a: 2 * a * np.sinh(1 / (2 * a)) - length, 0.02, 1e3, xtol=1e-15)
    height = a * np.cosh(1 / (2 * a))
    integral = a / 2 + a**2 / 2 * np.sinh(1 / a) - height * length  # of y ds along the chain
    return integral / length


def hanging_chain(links: int = 20, length: float = 2.0) -> System:
    """E = Σ yᵢ over the joints; the ends are held at (0, 0) and (1, 0). Raises ValueError out of range."""
    check_links(links)
    if not 1.01 <= length <= 4:
        raise ValueError(f"length = {length:g} must be from 1.01 to 4 spans: shorter, the chain does not reach.")
    nodes, link = links + 1, length / links
    if links % 2 and link >= SPAN:
        raise ValueError(
            f"length = {length:g} of {links} links: the middle one, {link:.3g} spans long, cannot lie "
            "between the hooks; take more links or a shorter chain."
        )
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
        parts={"exact": exact, "links": project, "link": link},
    )


def tensions(system: System, x: Tensor) -> Tensor:
    """(B, N): the multipliers of the rigid links as forces along them; negative where a link is pushed."""
    links = system.parts["links"]
    return -links.length * links.multipliers(x, system.gradient(x))


def link_invariants(project: RigidLinks, held: Tensor) -> tuple[Invariant, ...]:
    """The link furthest from its length, and the held coordinate furthest from its place."""
    length, fixed = project.length, ~held.isnan()

    def worst_link(x: Tensor) -> Tensor:
        lengths = torch.diff(x, dim=1).norm(dim=-1)
        return lengths.gather(1, (lengths - length).abs().argmax(1, keepdim=True))[:, 0]

    return (
        Invariant("link length", worst_link, length, floor=1e-13, source="rigid links"),
        Invariant("held ends", lambda x: (x - held)[:, fixed].abs().amax(1), 0.0, floor=0.0, source="hooks"),
    )


def _zigzag(links: int, link: float) -> Tensor:
    """Links up and down by turns, which shortens the chain to the span; an odd one is closed by the retraction."""
    across = SPAN / links
    nodes = torch.zeros(links + 1, 2, dtype=torch.float64)
    nodes[:, 0] = torch.arange(links + 1, dtype=torch.float64) * across
    nodes[1::2, 1] = (link**2 - across**2) ** 0.5
    if links % 2:  # the last joint comes back half-way, so that the last link can reach the hook
        nodes[-1, 1] = 0.0
    return nodes


def check_links(links: int, most: int = MOST) -> None:
    """Raise ValueError where the number of links is out of range."""
    if not FEWEST <= links <= most:
        raise ValueError(f"{links} links are out of range; a chain here has {FEWEST} to {most}.")
