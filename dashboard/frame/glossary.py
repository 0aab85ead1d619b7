"""Explains technical terms on a page: a term has a dotted underline, and its meaning appears on hover or focus."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

from demos.common.typeset import typeset

TERMS: dict[str, str] = dict(
    line.split(": ", 1)
    for line in (Path(__file__).parent / "glossary.txt").read_text(encoding="utf-8").splitlines()
    if line
)
"""Term -> its meaning, in one sentence."""

_ORDER = sorted(TERMS, key=len, reverse=True)
_TERM = re.compile(r"(?<![\w-])(?:" + "|".join(re.escape(term) for term in _ORDER) + r")(?![\w-])", re.IGNORECASE)
_BY_LOWER = {term.lower(): term for term in TERMS}


def explained(text: str, seen: set[str] | None = None) -> str:
    """The text as HTML, in which the first occurrence of each term is explained.

    seen: terms that were explained before and are not explained again; the terms of this text are added to it.
    """
    seen = set() if seen is None else seen
    parts, last = [], 0
    for match in _TERM.finditer(text):
        term = _BY_LOWER[match[0].lower()]
        if term in seen or (term == "kT" and match[0] != "kT"):
            continue
        seen.add(term)
        parts += [typeset(text[last : match.start()]), _term(match[0], TERMS[term])]
        last = match.end()
    return "".join([*parts, typeset(text[last:])])


def _term(word: str, meaning: str) -> str:
    word, meaning = escape(word), escape(meaning, quote=True)
    heard = f'tabindex="0" role="note" aria-label="{word}: {meaning}"'
    return f'<span class="gf-term" {heard} data-meaning="{meaning}">{word}</span>'
