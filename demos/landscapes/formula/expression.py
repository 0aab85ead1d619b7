"""A formula in x and y: its values in torch and numpy, its LaTeX, its plain text."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from scipy.special import erf
from torch import Tensor

from demos.landscapes.formula.operations import Node
from demos.landscapes.formula.reader import read
from demos.landscapes.formula.words import FUNCTIONS, TWO, TWO_OR_MORE

ELSEWHERE = {"max": "maximum", "min": "minimum", "atan2": "arctan2"}  # the names of these functions in torch and numpy


def _of_tensors(function: Callable) -> Callable:
    """A function of two tensors, one of which may be a plain number."""

    def call(a: Tensor | float, b: Tensor | float) -> Tensor:
        like = a if isinstance(a, Tensor) else b
        return function(*(part if isinstance(part, Tensor) else torch.full_like(like, part) for part in (a, b)))

    return call


def _library(module: Any, name: str) -> Callable:
    if name == "erf" and module is np:
        return erf
    found = getattr(module, ELSEWHERE.get(name, name), None) or getattr(module, name)
    return _of_tensors(found) if module is torch and name in (*TWO, *TWO_OR_MORE) else found


BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "neg": operator.neg}
TORCH: Mapping[str, Callable] = BINARY | {name: _library(torch, name) for name in FUNCTIONS} | {"**": torch.pow}
NUMPY: Mapping[str, Callable] = BINARY | {name: _library(np, name) for name in FUNCTIONS} | {"**": np.power}

# Precedence: + and − 1, × and ÷ 2, a sign 3, a power 4, an atom 5. An operand with a lower one than its
# position requires is put in brackets.
ATOM = 5
NAMED = ("sign", "erf", "atan2")  # LaTeX has no command for these


@dataclass(frozen=True)
class Formula:
    """U(x, y), made by `Formula.parse`. Two formulas are equal if their trees are, however they were typed."""

    tree: Node

    @classmethod
    def parse(cls, text: str) -> Formula:
        """The formula of a text. Raises FormulaError, with one sentence and the position of the character."""
        return cls(read(text))

    def energy(self, x: Tensor, t: float = 0.0) -> Tensor:
        """U at points (N, 2): (N,), differentiable by autograd.

        nan where the formula has no real value (the root or logarithm of a negative number), inf where it overflows.
        """
        x0, x1 = x.unbind(-1)
        value = _evaluate(self.tree, {"x": x0, "y": x1}, TORCH)
        return value if isinstance(value, Tensor) else torch.full_like(x0, value)

    def gradient(self, x: Tensor, t: float = 0.0) -> Tensor:
        """∇U at points (N, 2), by autograd: (N, 2), stored by component.

        Where the energy is finite but autograd gives nan (the tip of a cone or cusp), it is 0, as autograd gives for
        |x| at 0. Where the energy is not finite it is nan, even if autograd gives a number (1/x for log(x) at x < 0):
        particles inside a wall do not move.
        """
        rows = x.detach().T
        gradient = torch.zeros(rows.shape, dtype=x.dtype, device=x.device)
        with torch.enable_grad():
            parts = {name: row.detach().requires_grad_() for name, row in zip("xy", rows, strict=True)}
            used = [name for name in parts if name in self._variables]
            if self.tree.value is None:
                value = _evaluate(self.tree, parts, TORCH)
                found = torch.autograd.grad(value.sum(), [parts[name] for name in used])
                for name, part in zip(used, found, strict=True):
                    gradient["xy".index(name)].copy_(part)
        if used:
            real = value.detach().isfinite()
            if bool(gradient.isnan().any()):
                gradient[gradient.isnan() & real] = 0
            if not bool(real.all()):
                gradient[:, ~real] = torch.nan
        return gradient.T

    def numpy(self, xs: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """U at arrays xs and ys, broadcast together, in float64; nan and inf as in `energy`."""
        xs, ys = np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64)
        with np.errstate(all="ignore"):
            value = _evaluate(self.tree, {"x": xs, "y": ys}, NUMPY)
        return np.array(np.broadcast_to(value, np.broadcast_shapes(xs.shape, ys.shape)))

    def latex(self) -> str:
        return _latex(self.tree)[0]

    @cached_property
    def text(self) -> str:
        """The formula in plain text with the fewest brackets; parsing it gives the same formula."""
        return _plain(self.tree)[0]

    def __str__(self) -> str:
        return self.text

    @cached_property
    def operations(self) -> int:
        """The number of operations that depend on x or y, which are computed at each point."""

        def count(node: Node) -> int:
            return int(bool(node.parts)) + sum(map(count, node.parts)) if node.value is None else 0

        return count(self.tree)

    @cached_property
    def _variables(self) -> frozenset[str]:
        def names(node: Node) -> set[str]:
            return {node.operation} if not node.parts else set().union(*map(names, node.parts))

        return frozenset(names(self.tree))


def _evaluate(node: Node, variables: Mapping[str, Any], functions: Mapping[str, Callable]) -> Any:
    if node.value is not None:
        return node.value
    if not node.parts:
        return variables[node.operation]
    if node.operation == "**":
        power = node.parts[1].value
        if power is None:  # a variable exponent: the base must be positive
            return functions["**"](node.parts[0].value, _evaluate(node.parts[1], variables, functions))
        # An integer exponent is faster, and gives real powers of a negative base.
        power = int(power) if power == int(power) else power
        return functions["**"](_evaluate(node.parts[0], variables, functions), power)
    return functions[node.operation](*(_evaluate(part, variables, functions) for part in node.parts))


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _plain(node: Node) -> tuple[str, int]:
    """The text of a node and its precedence."""

    def part(i: int, least: int) -> str:
        text, binding = _plain(node.parts[i])
        return text if binding >= least else f"({text})"

    match node.operation:
        case "number":
            return _number(node.value), ATOM
        case "neg":
            return "-" + part(0, 3), 3
        case "+" | "-":
            return f"{part(0, 1)} {node.operation} {_unsigned(part(1, 2))}", 1
        case "*" | "/":
            return f"{part(0, 2)}{node.operation}{_unsigned(part(1, 3))}", 2
        case "**":
            return f"{part(0, ATOM)}**{part(1, 3)}", 4
    inside = ", ".join(_plain(one)[0] for one in node.parts)
    return (f"{node.operation}({inside})" if node.parts else node.operation), ATOM


def _unsigned(text: str) -> str:
    """The text of a second operand, in brackets if it begins with a sign: 2*(-x)."""
    return f"({text})" if text.startswith("-") else text


def _latex(node: Node) -> tuple[str, int]:
    def part(i: int, least: int) -> str:
        text, binding = _latex(node.parts[i])
        return text if binding >= least and not (i and text.startswith("-")) else rf"\left({text}\right)"

    def bare(i: int) -> str:
        return _latex(node.parts[i])[0]

    match node.operation:
        case "number":
            digits, _, power = _number(node.value).partition("e")
            if not power:
                return digits, ATOM
            return f"10^{{{int(power)}}}" if digits == "1" else rf"{digits}\cdot 10^{{{int(power)}}}", 2
        case "x" | "y" | "e":
            return node.operation, ATOM
        case "pi":
            return r"\pi", ATOM
        case "neg":
            inner = part(0, 2)  # −ab is the same as (−a)b, so a product needs no brackets
            return (rf"-\left({inner}\right)" if inner.startswith("-") else f"-{inner}"), 2
        case "+" | "-":
            return f"{part(0, 1)} {node.operation} {part(1, 1 if node.operation == '+' else 2)}", 1
        case "*":
            left, right = part(0, 2), part(1, 2)
            # Two numbers side by side would read as one, and a fraction beside a number as a mixed number.
            dot = right[0].isdigit() or (right.startswith(r"\frac") and left[-1].isdigit())
            return rf"{left} \cdot {right}" if dot else rf"{left}\,{right}", 2
        case "/":
            if node.parts[0].operation == "neg":
                return rf"-\frac{{{_latex(node.parts[0].parts[0])[0]}}}{{{bare(1)}}}", 2
            return rf"\frac{{{bare(0)}}}{{{bare(1)}}}", 2
        case "**":
            base, power = node.parts[0], bare(1)
            if base.operation not in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "log"):
                return rf"{part(0, ATOM)}^{{{power}}}", 4
            if power.isdigit():  # sin²(x) is usual; sin⁻¹ would be read as the inverse function
                return rf"\{base.operation}^{{{power}}}\left({_latex(base.parts[0])[0]}\right)", ATOM - 1
            return rf"\left({bare(0)}\right)^{{{power}}}", 4
        case "sqrt":
            return rf"\sqrt{{{bare(0)}}}", ATOM
        case "abs":
            return rf"\left|{bare(0)}\right|", ATOM
        case "exp":
            power = bare(0)
            return (rf"\exp\left({power}\right)", ATOM) if r"\frac" in power else (rf"e^{{{power}}}", 4)
        case "hypot":
            square = Node("+", tuple(Node("**", (one, Node("number", (), 2.0))) for one in node.parts))
            return rf"\sqrt{{{_latex(square)[0]}}}", ATOM
    name = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "log10": "log_{10}"}.get(node.operation)
    name = name or (f"operatorname{{{node.operation}}}" if node.operation in NAMED else node.operation)
    inside = ", ".join(_latex(one)[0] for one in node.parts)
    return rf"\{name}\left({inside}\right)", ATOM
