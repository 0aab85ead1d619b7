"""From a text to a checked tree of its operations.

The text is cut into words first; every mistake that a person makes is found there, where its place is known. Python's
own parser then only settles which operation binds what, and only the few kinds of node listed here pass. Nothing is
compiled or evaluated, and length, nesting, numbers and exponents are bounded before anything is computed.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field

LONGEST = 200  # characters
DEEPEST = 20  # levels of nesting; a long sum or product counts as one
MOST_NODES = 150
LARGEST_NUMBER = 1e6
LARGEST_EXPONENT = 12

FUNCTIONS: dict[str, Callable[[float], float]] = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "exp": math.exp,
    "log": math.log,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "abs": abs,
}
CONSTANTS = {"pi": math.pi, "e": math.e}
VARIABLES = ("x", "y")

WORD = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<operator>\*\*|[-+*/])|(?P<bracket>[()])"
)
INSTEAD = {
    "^": "write ** for a power",
    "²": "write **2 for a square",
    "³": "write **3 for a cube",
    "×": "write * for a product",
    "·": "write * for a product",
    "⋅": "write * for a product",
    "÷": "write / for a quotient",
    "−": "write a plain - for minus",
    "–": "write a plain - for minus",
    ",": "write decimals with a point",
    "|": "write abs(…)",
    "√": "write sqrt(…)",
    "π": "write pi",
    "[": "use round brackets",
    "]": "use round brackets",
    "{": "use round brackets",
    "}": "use round brackets",
    "=": "give only the right-hand side",
    "!": "there is no factorial",
}


class FormulaError(ValueError):
    """What is wrong with a formula, in one sentence.

    position: the place of the character (0-based) in the text, None where it is about the formula as a whole.
    pointer: the text and, under it, a caret at that character; empty where there is no position.
    """

    def __init__(self, sentence: str, text: str = "", position: int | None = None) -> None:
        super().__init__(sentence if position is None else f"At character {position + 1}: {sentence}")
        self.position = position
        line = "".join(c if c.isprintable() else " " for c in text)
        self.pointer = "" if position is None else f"{line}\n{' ' * position}^"


@dataclass(frozen=True)
class Node:
    """One operation: a "number", a variable, a constant, "neg", one of + − * / **, or a function, and its parts.

    value: what it is worth if no variable is in it, else None.
    """

    operation: str
    parts: tuple[Node, ...] = ()
    value: float | None = None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Word:
    kind: str  # "number", "name", "operator", "bracket" or "end"
    text: str
    position: int


def read(text: str) -> Node:
    """The tree of a formula. Raises FormulaError, and nothing else, for whatever is no formula."""
    if not isinstance(text, str):
        raise FormulaError("A formula must be text.")
    if len(text) > LONGEST:
        raise FormulaError(f"The formula is longer than {LONGEST} characters.", text[:LONGEST] + "…", LONGEST)
    _check_grammar(_words(text), text)
    try:
        # The brackets let the text begin with a space or go over several lines; they shift columns by one.
        body = ast.parse(f"({re.sub(r'[^ -~]', ' ', text)})", mode="eval").body
        tree, _ = _Translator(text).translate(body)
    except FormulaError:
        raise
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        raise FormulaError("This is not a formula that can be read.", text, 0) from None
    return tree


def _words(text: str) -> list[Word]:
    words, at = [], 0
    while at < len(text):
        match = WORD.match(text, at)
        if match is None:
            hint = INSTEAD.get(text[at], "it has no meaning in a formula")
            shown = text[at] if text[at].isprintable() else f"U+{ord(text[at]):04X}"
            raise FormulaError(f"the character {shown} is not allowed here; {hint}.", text, at)
        if match.lastgroup != "space":
            words.append(Word(match.lastgroup, match[0], at))
        at = match.end()
    return words


def _check_grammar(words: list[Word], text: str) -> None:
    """Operands and operators must alternate, brackets must match, and names must be known."""
    if not words:
        raise FormulaError("Write a formula in x and y, such as (x**2 - 1)**2 + y**2.", text, 0)
    open_at, wants_operand, before = [], True, None
    for word, after in zip(words, [*words[1:], None], strict=True):
        fail = lambda sentence, at=word.position: FormulaError(sentence, text, at)
        if word.text == ")":
            if wants_operand and before is not None and before.text == "(":
                raise fail("there is nothing between these brackets.")
            if wants_operand:
                raise fail("something is missing before ')'.")
            if not open_at:
                raise fail("this ')' closes nothing.")
            open_at.pop()
        elif word.kind == "operator":
            if wants_operand and word.text not in "+-":
                raise fail(f"something is missing before '{word.text}'.")
            wants_operand = True
        elif not wants_operand:
            raise fail(f"an operator is missing before '{word.text}'; write * for a product.")
        elif word.text == "(":
            open_at.append(word.position)
            if len(open_at) > DEEPEST:
                raise fail(f"the formula is nested deeper than {DEEPEST} levels.")
        elif word.kind == "number":
            _check_number(word, text)
            wants_operand = False
        else:
            wants_operand = _check_name(word, after, text)
        before = word
    if wants_operand:
        raise FormulaError(f"something is missing after '{before.text}'.", text, before.position)
    if open_at:
        raise FormulaError("this '(' is never closed.", text, open_at[-1])


def _check_number(word: Word, text: str) -> None:
    if not abs(float(word.text)) <= LARGEST_NUMBER:
        raise FormulaError(f"numbers may be at most {LARGEST_NUMBER:,.0f}.", text, word.position)
    if re.match(r"0[0-9]", word.text):
        raise FormulaError("a number may not begin with a spare 0.", text, word.position)


def _check_name(word: Word, after: Word | None, text: str) -> bool:
    """Whether an operand must follow (the bracket of a function)."""
    called = after is not None and after.text == "("
    if word.text in FUNCTIONS:
        if not called:
            raise FormulaError(f"{word.text} needs brackets: {word.text}(…).", text, word.position)
        return True
    if word.text in VARIABLES or word.text in CONSTANTS:
        if called:
            raise FormulaError(f"{word.text} is not a function; write * for a product.", text, after.position)
        return False
    name = word.text if len(word.text) <= 20 else word.text[:19] + "…"
    known = ", ".join((*VARIABLES, *CONSTANTS, *FUNCTIONS))
    raise FormulaError(f"'{name}' is not known; allowed are {known}.", text, word.position)


OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
CHAINS = {"+": "+-", "-": "+-", "*": "*/", "/": "*/"}


class _Translator:
    """From Python's syntax tree to ours; whatever is not listed here is refused."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.count = 0

    def translate(self, node: ast.AST) -> tuple[Node, int]:
        """The node, and its depth."""
        at = max(getattr(node, "col_offset", 1) - 1, 0)
        self.count += 1
        if self.count > MOST_NODES:
            raise FormulaError(f"the formula has more than {MOST_NODES} parts.", self.text, at)
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return Node("number", value=float(value), position=at), 0
            case ast.Name(id=name) if name in VARIABLES:
                return Node(name, position=at), 0
            case ast.Name(id=name) if name in CONSTANTS:
                return Node(name, value=CONSTANTS[name], position=at), 0
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.translate(inner)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return self._node("neg", at, self.translate(inner))
            case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]) if name in FUNCTIONS:
                return self._node(name, at, self.translate(inner))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return self._node(OPERATORS[type(op)], at, self.translate(left), self.translate(right))
        raise FormulaError("this has no meaning in a formula.", self.text, at)

    def _node(self, operation: str, at: int, *parts: tuple[Node, int]) -> tuple[Node, int]:
        nodes = tuple(node for node, _ in parts)
        # A sum of many terms is one level, although its tree leans to the left.
        depth = max(
            level + (i > 0 or node.operation not in CHAINS.get(operation, "")) for i, (node, level) in enumerate(parts)
        )
        if depth > DEEPEST:
            raise FormulaError(f"the formula is nested deeper than {DEEPEST} levels.", self.text, at)
        if operation == "**":
            self._check_exponent(nodes[1])
        value = None if any(node.value is None for node in nodes) else self._value(operation, at, nodes)
        return Node(operation, nodes, value, at), depth

    def _check_exponent(self, exponent: Node) -> None:
        if exponent.value is None:
            sentence = "an exponent must be a number; write exp(…) for a power that varies."
            raise FormulaError(sentence, self.text, exponent.position)
        if abs(exponent.value) > LARGEST_EXPONENT:
            sentence = f"exponents may be from -{LARGEST_EXPONENT} to {LARGEST_EXPONENT}."
            raise FormulaError(sentence, self.text, exponent.position)

    def _value(self, operation: str, at: int, nodes: tuple[Node, ...]) -> float:
        try:
            value = compute(operation, *(node.value for node in nodes))
        except ZeroDivisionError:
            raise FormulaError("this divides by zero.", self.text, nodes[-1].position) from None
        except OverflowError:
            raise FormulaError("this number is too large.", self.text, at) from None
        except ValueError:
            raise FormulaError("this is not a real number.", self.text, at) from None
        if not math.isfinite(value):
            raise FormulaError("this number is too large.", self.text, at)
        return value


def compute(operation: str, *parts: float) -> float:
    """One operation on plain numbers. Raises ZeroDivisionError, OverflowError or ValueError where it has no value."""
    match operation:
        case "neg":
            return -parts[0]
        case "+":
            return parts[0] + parts[1]
        case "-":
            return parts[0] - parts[1]
        case "*":
            return parts[0] * parts[1]
        case "/":
            return parts[0] / parts[1]
        case "**":
            if parts[0] == 0 and parts[1] < 0:
                raise ZeroDivisionError
            return math.pow(*parts)
    return FUNCTIONS[operation](parts[0])
