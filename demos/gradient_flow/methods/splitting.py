"""Underdamped Langevin integrators, each defined by a word over V, R, O: the order of its exact sub-steps.

V (kick)   p ← p − δ ∇E(q)
R (drift)  q ← q + δ p/m
O (bath)   p ← c p + √((1 − c²) m T) R,  c = e^{−γδ}: the exact Ornstein–Uhlenbeck step

A letter that stands n times in the word gets δ = h/n each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from math import exp, sqrt
from typing import Any

from torch import Tensor

from demos.gradient_flow.method import Method, Order
from demos.gradient_flow.methods.splitting_limit import is_two_at_any_friction, leapfrog_limit, longest_step
from demos.gradient_flow.problem import Problem
from demos.gradient_flow.shapes import kind


def splitting_init(problem: Problem, x: Tensor, t: float) -> tuple:
    """The state: (q, p, ∇E(q) or None, the time of that gradient); p is drawn from N(0, mT) unless given."""
    if problem.start_momenta is not None:
        return x, problem.start_momenta, None, t
    if not problem.noisy:
        return x, x.new_zeros(x.shape), None, t
    problem.noise.refill(1, 0)
    return x, problem.normal() * sqrt(problem.mass * problem.temperature(t)), None, t


def splitting_step(word: str, problem: Problem, state: tuple, t: float, h: float) -> tuple:
    q, p, gradient, known = state
    kicks, drifts, baths = word.count("V"), word.count("R"), word.count("O")
    mass, now = problem.mass, t
    for place, letter in enumerate(word):
        if letter == "V":
            if gradient is None or (problem.flow.time_dependent and abs(known - now) > 1e-9 * abs(h)):
                gradient, known = problem.gradient(q, now), now
            p.add_(gradient, alpha=-h / kicks)
        elif letter == "R":
            q.add_(p, alpha=h / drifts / mass)
            now = t + h * word[: place + 1].count("R") / drifts if "R" in word[place + 1 :] else t + h
            gradient = None
        else:
            c = exp(-problem.friction * h / baths)
            p.mul_(c)
            if problem.noisy:
                p.add_(problem.normal(), alpha=sqrt((1 - c * c) * mass * problem.temperature(now)))
    return q, p, gradient, known


@lru_cache(maxsize=256)
def splitting(word: str, name: str = "", label: str = "", paper: str = "", order: Order | None = None) -> Method:
    """The `Method` of a splitting word. Raises ValueError unless it has 1 to 12 letters and contains V, R and O."""
    if not isinstance(word, str) or not word or len(word) > 12 or set(word) - set("VRO"):
        raise ValueError(f"splitting word {kind(word)} must be 1 to 12 letters V (kick), R (drift), O (bath).")
    if missing := [letter for letter in "VRO" if letter not in word]:
        raise ValueError(f"splitting word {word!r} lacks {' and '.join(missing)}: it needs V, R and O.")
    like_leapfrog = is_two_at_any_friction(word)
    return Method(
        name=name or word,
        label=label or word,
        family="splitting",
        formula=r"\mathrm{" + r"\,".join(word) + "}",
        paper=paper or "Leimkuhler & Matthews, Molecular Dynamics (2015), ch. 7",
        order=order or Order(weak=2 if word == word[::-1] else 1, stationary=2 if word == word[::-1] else 1),
        step=partial(splitting_step, word),
        init=splitting_init,
        evaluations=_evaluations(word),
        stochastic="may",
        normals=word.count("O"),
        momentum=1,
        backward="cold",
        supports=frozenset(),
        limit=leapfrog_limit if like_leapfrog else partial(_limit, word),
        limit_formula="2/√(L/m)" if like_leapfrog else f"of {word} at this friction",
    )


def _limit(word: str, curvature: float, flow: Any, options: Mapping) -> float:
    omega = sqrt(curvature / (flow.mass if flow else 1))
    return longest_step(word, (flow.friction if flow else 1) / omega) / omega


def _evaluations(word: str) -> int:
    """Gradient evaluations for each step after the first: the kicks that follow a drift."""
    twice, fresh, count = word + word, True, 0
    for place, letter in enumerate(twice):
        if letter == "R":
            fresh = True
        elif letter == "V" and fresh:
            fresh = False
            count += place >= len(word)
    return count


BAOAB = splitting(
    "VRORV",
    "baoab",
    "BAOAB (VRORV)",
    "Leimkuhler & Matthews, Appl. Math. Res. eXpress 2013, 34",
    Order(weak=2, stationary=2),
)
ABOBA = splitting(
    "RVOVR",
    "aboba",
    "ABOBA (RVOVR)",
    "Leimkuhler & Matthews, Appl. Math. Res. eXpress 2013, 34",
    Order(weak=2, stationary=2),
)
OBABO = splitting(
    "OVRVO", "obabo", "OBABO (OVRVO)", "Bussi & Parrinello, Phys. Rev. E 75 (2007) 056707", Order(weak=2, stationary=2)
)
LFMIDDLE = splitting(
    "VROR",
    "lfmiddle",
    "LFMiddle (VROR)",
    "Zhang, Liu, Yan, Tuckerman & Liu, J. Phys. Chem. A 123 (2019) 6056",
    Order(weak=1, stationary=2),
)
