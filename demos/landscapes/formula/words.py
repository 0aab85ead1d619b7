"""The tokenizer: from a text to words (numbers, names, operators and brackets), each with its position.

It also accepts mathematical notation: ^ ² · × − π √ |x|, [ ], "U(x, y) =" at the beginning, and decimals with a comma
where no comma separates arguments.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

LONGEST = 200  # characters
LARGEST_NUMBER = 1e6

FUNCTIONS = {
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "asin": math.asin,
    "acos": math.acos,
    "atan": math.atan,
    "sinh": math.sinh,
    "cosh": math.cosh,
    "tanh": math.tanh,
    "exp": math.exp,
    "log": math.log,
    "log10": math.log10,
    "sqrt": math.sqrt,
    "abs": abs,
    "sign": lambda value: float((value > 0) - (value < 0)),
    "erf": math.erf,
    "max": max,
    "min": min,
    "atan2": math.atan2,
    "hypot": math.hypot,
}
TWO_OR_MORE, TWO = ("max", "min"), ("atan2", "hypot", "pow")  # numbers of arguments; all other functions take one
ALIASES = {
    "ln": "log",
    "arcsin": "asin",
    "arccos": "acos",
    "arctan": "atan",
    "arctan2": "atan2",
    "sgn": "sign",
    "maximum": "max",
    "minimum": "min",
    "lg": "log10",
}
CALLED = {*FUNCTIONS, *ALIASES, "log2", "pow"}
CONSTANTS = {"pi": math.pi, "e": math.e}
VARIABLES = ("x", "y")
POLAR = {"r": "r", "theta": "θ", "θ": "θ", "ϑ": "θ"}
KNOWN = (*VARIABLES, "r", "theta", *CONSTANTS, *FUNCTIONS, "ln", "log2", "pow")

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_SIGNS = {
    **dict.fromkeys("×·⋅∙∗•", "*"),
    **dict.fromkeys("÷∕", "/"),
    **dict.fromkeys("−–—", "-"),
    **dict.fromkeys("[{", "("),
    **dict.fromkeys("]}", ")"),
    "^": "**",
}
_FRACTIONS = {"½": "0.5", "¼": "0.25", "¾": "0.75"}
_WORD = re.compile(
    r"(?P<space>[ \t\r\n\u00a0]+)|(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z_][A-Za-z_0-9]*|[θϑπ])|(?P<operator>\*\*|[-+*/^×·⋅∙∗•÷∕−–—])|(?P<bracket>[()\[\]{}])"
    r"|(?P<power>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<comma>,)|(?P<bar>\|)|(?P<root>√)|(?P<fraction>[½¼¾])"
)
_LEFT_SIDE = re.compile(r"\s*(?![xy]\s*=)[A-Za-z]\s*(?:\(\s*x\s*,\s*y\s*\))?\s*=(?!=)")
_ANGLE, _DISTANCE = "the polar angle is written θ or theta", "the distance from (0, 0) is written r"
_INSTEAD = {
    "=": "give only the right-hand side",
    "!": "there is no factorial",
    ".": "a point stands in a number only",
    **dict.fromkeys("φϕ", _ANGLE),
    "ρ": _DISTANCE,
    **dict.fromkeys("хХ", "it is Cyrillic, write the Latin letter x"),
    **dict.fromkeys("уУ", "it is Cyrillic, write the Latin letter y"),
    "∛": "write (…)**(1/3)",
}
_OTHER_NAMES = {"phi": _ANGLE, "rho": _DISTANCE}
_WITH_COMMA = re.compile(r"[0-9]+,([0-9]+)(?:[eE][+-]?[0-9]+)?(?![0-9.])")


class FormulaError(ValueError):
    """An error in a formula; its message is one sentence.

    position: the index of the character in the text, from 0; None if the error is about the whole formula. pointer:
    the text and, on the line below, a caret at that character; "" without a position.
    """

    def __init__(self, sentence: str, text: str = "", position: int | None = None) -> None:
        super().__init__(sentence if position is None else f"At character {position + 1}: {sentence}")
        self.position = position
        line = "".join(c if c.isprintable() else " " for c in text)
        self.pointer = "" if position is None else f"{line}\n{' ' * position}^"


@dataclass(frozen=True)
class Word:
    """A token. kind: "number", "name", "call" (a function's name), "operator", "(", ")", "power" (a superscript), ",",
    "|", "√" or "end"."""

    kind: str
    text: str
    position: int


def words_of(text: str) -> list[Word]:
    """The words of a formula, the last of kind "end". Raises FormulaError at a character that begins no word."""
    if len(text) > LONGEST:
        raise FormulaError(f"The formula is longer than {LONGEST} characters.", text[:LONGEST] + "…", LONGEST)
    left = _LEFT_SIDE.match(text)
    words, at = [], left.end() if left else 0
    lists: list[bool] = []  # for each open bracket, whether it holds arguments: there a comma separates them
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            hint = _INSTEAD.get(text[at]) or _plainly(text[at])
            shown = text[at] if text[at].isprintable() else f"U+{ord(text[at]):04X}"
            raise FormulaError(f"the character {shown} is not allowed here; {hint}.", text, at)
        kind = match.lastgroup
        if kind == "number" and not any(lists[-1:]):
            match = _WITH_COMMA.match(text, at) or match
        found, at = match[0], match.end()
        match kind:
            case "space":
                pass
            case "name":
                words += _names(found, match.start(), text)
            case "number" | "fraction":
                words.append(_number(_FRACTIONS.get(found, found), match.start(), text))
            case "operator" | "bracket":
                sign = _SIGNS.get(found, found)
                if sign == "(":
                    lists.append(_takes_several(words))
                elif sign == ")":
                    del lists[-1:]
                words.append(Word(sign if sign in "()" else "operator", sign, match.start()))
            case "power":
                words.append(Word("power", found.translate(_SUPERSCRIPTS), match.start()))
            case _:
                words.append(Word(found, found, match.start()))
    if not words:
        raise FormulaError("Write a formula in x and y, such as (x**2 - 1)**2 + y**2.", text, 0)
    return [*words, Word("end", "", len(text))]


def _plainly(character: str) -> str:
    """What to write in place of a full-width or slanted character."""
    plain = unicodedata.normalize("NFKC", character)
    is_raised = unicodedata.decomposition(character).startswith(("<super>", "<sub>"))
    known = re.fullmatch("[!-~]", plain) and plain != character and not is_raised
    return f"write a plain {plain}" if known else "it has no meaning in a formula"


def name_at(text: str, at: int) -> str:
    """The name of a function as it was typed at this place, which may be an alias ("ln")."""
    letters = re.match("[A-Za-z_0-9]+", text[at:])
    name = letters[0] if letters else ""
    return next((f for f in sorted(CALLED, key=len, reverse=True) if name.lower().startswith(f)), name)


def _takes_several(words: list[Word]) -> bool:
    """Whether a bracket after these words holds the arguments of max, min, atan2, hypot or pow, perhaps of a power of
    it."""
    last = next((word for word in reversed(words) if word.kind not in ("number", "power") and word.text != "**"), None)
    return last is not None and last.kind == "call" and last.text in TWO_OR_MORE + TWO


def _number(digits: str, at: int, text: str) -> Word:
    if re.fullmatch("[1-9][0-9]{0,2},[0-9]{3}", digits):
        plain, point = digits.replace(",", ""), digits.replace(",", ".")
        raise FormulaError(f"{digits} could be {plain} or {point}; write one of these.", text, at)
    digits = digits.replace(",", ".")
    if not abs(float(digits)) <= LARGEST_NUMBER:
        raise FormulaError(f"numbers may be at most {LARGEST_NUMBER:,.0f}.", text, at)
    if re.match(r"0[0-9]", digits):
        raise FormulaError("a number may not begin with a spare 0.", text, at)
    return Word("number", digits, at)


def _names(name: str, at: int, text: str) -> list[Word]:
    """The words in a sequence of letters: a known name in any case; or several of x, y and r, as in 2xy, and perhaps a
    function after them."""
    known = _known(name, at)
    if known:
        return [known]
    for cut in range(1, len(name) + 1):
        front, last = name[:cut], name[cut:]
        if set(front.lower()) <= {"x", "y", "r"} and (not last or last.lower() in CALLED):
            parts = [Word("name", letter.lower(), at + i) for i, letter in enumerate(front)]
            return parts + ([_known(last, at + cut)] if last else [])
    shown = name if len(name) <= 20 else name[:19] + "…"
    if function := next((f for f in sorted(CALLED, key=len, reverse=True) if name.lower().startswith(f)), None):
        rest = name[len(function) :]
        if rest.lower() in ("x", "y", "r"):  # sinx
            return [w for w in (_known(function, at), _known(rest, at + len(function))) if w]
        if rest.isdigit() and text[at + len(name) :].lstrip().startswith("("):
            meant = f"log(…)/log({rest})" if function == "log" else f"{function}(…)**{rest}, if a power is meant"
            raise FormulaError(f"'{shown}' is not known; write {meant}.", text, at)
        if set(rest.lower()) <= set("xyr0123456789"):
            inside = rest if rest[0].isdigit() else "…"  # sin2x is sin(2x), but sinx2 may be either power
            raise FormulaError(f"{function} needs brackets here: {function}({inside}).", text, at)
    if name.lower() in _OTHER_NAMES:
        raise FormulaError(f"'{shown}' is not known; {_OTHER_NAMES[name.lower()]}.", text, at)
    if re.fullmatch(r"[xyXY]_?[0-9]+", name):
        raise FormulaError(f"'{shown}' is not known; the variables are x and y, and a power is {name[0]}**2.", text, at)
    raise FormulaError(f"'{shown}' is not known; allowed are {', '.join(KNOWN)}.", text, at)


def _known(name: str, at: int) -> Word | None:
    if name == "π":
        return Word("name", "pi", at)
    small = name if name == "E" else name.lower()  # E is an energy, not the number e
    if small in CALLED:
        return Word("call", ALIASES.get(small, small), at)
    if small in VARIABLES or small in CONSTANTS:
        return Word("name", small, at)
    return Word("name", POLAR[small], at) if small in POLAR else None
