"""Documentation of the methods, printed by `python -m demos methods` (a table) and `python -m demos methods NAME`."""

from __future__ import annotations

from math import isinf

from demos.gradient_flow.method import Method, Order
from demos.gradient_flow.methods import METHODS

HEADER: tuple[str, ...] = ("name", "family", "orders", "cost", "step limit", "noise", "backward", "needs", "paper")
KEY = """\
orders: d deterministic, s strong, w weak, t stationary (∞: exact), in the step size. cost: gradient evaluations a step.
step limit: the largest stable step on E = L x²/2. noise: whether a flow may have a temperature. backward: whether times
may fall (cold: without noise). Any word over V (kick), R (drift), O (bath) is a method, too."""


def method_table() -> str:
    """A table with one line for each method of METHODS, followed by a key to its columns."""
    rows = [HEADER, *(_row(method) for method in METHODS.values())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:], "", KEY])


def method_page(method: Method) -> str:
    """All fields of a method's row, one for each line."""
    facts: list[tuple[str, str]] = list(zip(HEADER, _row(method), strict=True))
    facts[1:1] = [("label", method.label), ("formula", method.formula)]
    facts.append(("supports", _parts(method.supports) or "nothing more"))
    for name, option in method.options.items():
        given = "" if option.default is None else f", {option.default:g} by default"
        facts.append((f"{name}=", f"{option.description}: {option.low:g} to {option.high:g}{given}"))
    width = max(len(name) for name, _ in facts)
    return "\n".join(f"{name.ljust(width)}  {text}" for name, text in facts)


def _row(method: Method) -> tuple[str, ...]:
    return (
        method.name,
        method.family,
        _orders(method.order),
        _cost(method),
        method.limit_formula or "–",
        method.stochastic,
        method.backward,
        _parts(method.needs) or "gradient",
        method.paper,
    )


def _parts(parts: frozenset[str]) -> str:
    return ", ".join(sorted(parts - {"gradient"}))


def _orders(order: Order) -> str:
    known = (("d", order.deterministic), ("s", order.strong), ("w", order.weak), ("t", order.stationary))
    return " ".join(f"{letter}{'∞' if isinf(n) else f'{n:g}'}" for letter, n in known if n is not None) or "–"


def _cost(method: Method) -> str:
    if isinstance(method.evaluations, str):
        return method.evaluations
    return "varies" if method.evaluations is None else f"{method.evaluations:g}"
