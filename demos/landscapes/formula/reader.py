"""The parser: from a text to a checked tree of operations, by recursive descent over its words.

Nothing is compiled or evaluated as Python; length, nesting, numbers and exponents are bounded before anything is
computed. Juxtaposed factors are multiplied, with the precedence of *: 1/2x is (1/2)·x.
"""

from __future__ import annotations

import math

from demos.landscapes.formula.box import without_box
from demos.landscapes.formula.operations import Node, compute
from demos.landscapes.formula.words import (
    CONSTANTS,
    TWO,
    TWO_OR_MORE,
    VARIABLES,
    FormulaError,
    Word,
    name_at,
    words_of,
)

DEEPEST = 20  # the most levels of nesting; a chain of + and −, or of * and /, counts as one level
MOST_NODES = 150
LARGEST_EXPONENT = 24

CHAINS = {"+": "+-", "-": "+-", "*": "*/", "/": "*/"}


def read(text: str) -> Node:
    """The tree of the formula in a text, without the box that may follow it. Raises FormulaError, and no other
    exception, if it is not a formula."""
    if not isinstance(text, str):
        raise FormulaError("A formula must be text.")
    return _Reader(text).formula()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words_of(without_box(text))
        self.at = 0
        self.count = 0
        self.open: list[Word] = []  # the opening brackets and bars that are not closed yet
        self.signs = 0

    @property
    def now(self) -> Word:
        return self.words[self.at]

    def fail(self, sentence: str, position: int) -> FormulaError:
        return FormulaError(sentence, self.text, position)

    def take(self) -> Word:
        self.at += 1
        return self.words[self.at - 1]

    def formula(self) -> Node:
        tree = self.sum()
        if self.now.kind == ")":
            raise self.fail("this ')' closes nothing.", self.now.position)
        if self.now.kind == ",":
            raise self._comma()
        return tree

    def sum(self) -> Node:
        left = self.product()
        while self.now.text in ("+", "-") and self.now.kind == "operator":
            sign = self.take()
            left = self.node(sign.text, sign.position, left, self.product())
        return left

    def product(self) -> Node:
        left = self.signed()
        while True:
            if self.now.kind == "operator" and self.now.text in "*/":
                sign = self.take()
                left = self.node(sign.text, sign.position, left, self.signed())
            elif self._factor_follows():
                left = self.node("*", self.now.position, left, self.power())
            elif self.now.kind == "number":
                raise self.fail(f"an operator is missing before '{self.now.text}'.", self.now.position)
            else:
                return left

    def _factor_follows(self) -> bool:
        is_closing = self.now.kind == "|" and any(word.kind == "|" for word in self.open[-1:])
        return self.now.kind in ("name", "call", "(", "√", "|") and not is_closing

    def signed(self) -> Node:
        if self.now.kind == "operator" and self.now.text in "+-":
            sign = self.take()
            self.signs += 1
            self._check_depth(self.signs, sign.position)
            inner = self.signed()
            self.signs -= 1
            return inner if sign.text == "+" else self.node("neg", sign.position, inner)
        return self.power()

    def power(self) -> Node:
        base = self.atom()
        if self.now.kind == "power":
            word = self.take()
            base = self.raised(base, self.number(float(word.text), word.position), word.position)
            if self.now.kind == "power":
                raise self.fail("a power of a power needs brackets.", self.now.position)
        if self.now.kind == "operator" and self.now.text == "**":
            sign = self.take()
            base = self.raised(base, self.signed(), sign.position)
        return base

    def raised(self, base: Node, exponent: Node, at: int) -> Node:
        if exponent.value is None:
            if base.value is None or base.value <= 0:
                sentence = "an exponent must be a number, unless the base is one; write exp(…) for a power that varies."
                raise self.fail(sentence, exponent.position)
            if base.operation == "e":
                return self.node("exp", at, exponent)
        elif base.value is None and abs(exponent.value) > LARGEST_EXPONENT:
            most = LARGEST_EXPONENT
            sentence = (
                f"exponents may be from -{most} to {most}: with a larger one, particles that stray to 40 overflow "
                "single precision (3e38)."
            )
            raise self.fail(sentence, exponent.position)
        elif base.operation == "hypot" and exponent.operation == "number" and exponent.value % 2 == 0:
            # r² becomes x² + y², which is smooth at 0; the square of hypot would not be.
            parts = [self.node("**", at, part, self.number(2.0, at)) for part in base.parts]
            square = self.node("+", at, *parts)
            return square if exponent.value == 2 else self.raised(square, self.number(exponent.value / 2, at), at)
        return self.node("**", at, base, exponent)

    def atom(self) -> Node:
        word = self.take()
        match word.kind:
            case "number":
                return self.number(float(word.text), word.position)
            case "name":
                return self._named(word)
            case "call":
                return self._called(word)
            case "(":
                return self._within(word, ")")
            case "|":
                return self.node("abs", word.position, self._within(word, "|"))
            case "√":
                return self.node("sqrt", word.position, self.atom())
        self.at -= 1
        raise self._missing(word)

    def _missing(self, word: Word) -> FormulaError:
        before = self.words[self.at - 1] if self.at else None
        if word.kind == "end" and before is not None:
            if before.kind in ("(", "|") or self.open and before.kind == ",":
                return self._unclosed(self.open[-1])
            return self.fail(f"something is missing after '{before.text}'.", before.position)
        if word.kind == ")" and before is not None and before.kind == "(":
            return self.fail("there is nothing between these brackets.", word.position)
        return self.fail(f"something is missing before '{word.text}'.", word.position)

    def _unclosed(self, word: Word) -> FormulaError:
        return self.fail(f"this '{word.text}' is never closed.", word.position)

    def _within(self, opening: Word, closing: str) -> Node:
        return self._arguments(opening, closing, 1)[0]

    def _arguments(self, opening: Word, closing: str, most: int) -> list[Node]:
        self.open.append(opening)
        self._check_depth(len(self.open), opening.position)
        signs, self.signs = self.signs, 0
        found = [self.sum()]
        while self.now.kind == ",":
            if most == 1:
                raise self._comma()
            self.take()
            found.append(self.sum())
        if self.now.kind == "end":
            raise self._unclosed(self.open[-1])
        if self.now.kind != closing:
            raise self.fail(f"this '{self.now.text}' closes nothing.", self.now.position)
        self.take()
        self.open.pop()
        self.signs = signs
        return found

    def _comma(self) -> FormulaError:
        sentence = "a comma is allowed only between the arguments of max, min, atan2, hypot and pow; write decimals "
        return self.fail(sentence + "with a point.", self.now.position)

    def _named(self, word: Word) -> Node:
        if word.text == "e" and self.now.kind == "(":
            raise self.fail("e is not a function; write exp(…), or * for a product.", self.now.position)
        if word.text in CONSTANTS:
            return Node(word.text, (), CONSTANTS[word.text], word.position)
        if word.text in VARIABLES:
            return self.node(word.text, word.position)
        x, y = self.node("x", word.position), self.node("y", word.position)
        return self.node("hypot", word.position, x, y) if word.text == "r" else self.node("atan2", word.position, y, x)

    def _called(self, word: Word) -> Node:
        """A function call; sin²(x) and sin^2(x) are powers of its value. Of one variable or number alone, as in sin x
        + 1, it needs no brackets."""
        power = None
        if self.now.kind == "power":
            power = self.take()
        elif self.now.text == "**" and self.words[self.at + 1].kind == "number":
            self.take()
            power = self.take()
        many = word.text in TWO or word.text in TWO_OR_MORE
        bare = self.now.kind in ("name", "number") and self._ends_argument(self.words[self.at + 1]) and not many
        if self.now.kind != "(" and not bare:
            typed = name_at(self.text, word.position)
            raise self.fail(f"{typed} needs brackets here: {typed}(…).", word.position)
        if power is not None and not float(power.text) > 0:
            raise self.fail(f"write 1/{word.text}(…), or the inverse function by its name.", power.position)
        parts = [self.atom()] if bare else self._arguments(self.take(), ")", 99 if many else 1)
        if many and (len(parts) < 2 or (word.text in TWO and len(parts) > 2)):
            count = "two arguments" if word.text in TWO else "two arguments or more"
            raise self.fail(f"{word.text} takes {count}, with a comma between them.", word.position)
        if word.text == "pow":
            found = self.raised(*parts, word.position)
        elif word.text == "log2":
            two = self.node("log", word.position, self.number(2.0, word.position))
            found = self.node("/", word.position, self.node("log", word.position, *parts), two)
        else:
            found = self.node(word.text, word.position, *parts[:2])
            for part in parts[2:]:
                found = self.node(word.text, word.position, found, part)
        if power is None:
            return found
        return self.raised(found, self.number(float(power.text), power.position), power.position)

    @staticmethod
    def _ends_argument(word: Word) -> bool:
        """Whether it is clear that an argument without brackets ends before this word: not before a power or another
        factor, which sin x² and sin x y leave open."""
        return word.kind in (")", ",", "|", "end") or word.text in ("+", "-")

    # -- nodes

    def number(self, value: float, at: int) -> Node:
        if value < 0:
            return self.node("neg", at, self.number(-value, at))
        self._count(at)
        return Node("number", (), value, at)

    def node(self, operation: str, at: int, *parts: Node) -> Node:
        self._count(at)
        # A sum of many terms counts as one level, although its tree is nested to the left.
        depth = max(
            (p.depth + (i > 0 or p.operation not in CHAINS.get(operation, "")) for i, p in enumerate(parts)), default=0
        )
        self._check_depth(depth, at)
        value = None
        if parts and all(part.value is not None for part in parts):
            value = self._value(operation, at, parts)
        return Node(operation, parts, value, at, depth)

    def _count(self, at: int) -> None:
        self.count += 1
        if self.count > MOST_NODES:
            raise self.fail(f"the formula has more than {MOST_NODES} parts.", at)

    def _check_depth(self, depth: int, at: int) -> None:
        if depth > DEEPEST:
            raise self.fail(f"the formula is nested deeper than {DEEPEST} levels.", at)

    def _value(self, operation: str, at: int, nodes: tuple[Node, ...]) -> float:
        try:
            value = compute(operation, *(node.value for node in nodes))
        except ZeroDivisionError:
            raise self.fail("this divides by zero.", nodes[-1].position) from None
        except OverflowError:
            raise self.fail("this number is too large.", at) from None
        except ValueError:
            raise self.fail("this is not a real number.", at) from None
        if not math.isfinite(value):
            raise self.fail("this number is too large.", at)
        return value
