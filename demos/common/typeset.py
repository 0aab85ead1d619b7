"""Plain sentences as HTML."""

from __future__ import annotations

import re
from html import escape

_MARKED = re.compile(r"(?<=[^\s_])_(?:\{([^{}]*)\}|([^\W\d_])(?!\w))|(?<=[^\s^])\^(?:\{([^{}]*)\}|(\w))")


def typeset(text: str) -> str:
    """The text as HTML, with subscripts and superscripts drawn: p_σ, x^{2}."""
    return _MARKED.sub(
        lambda m: (
            f"<sub>{m[1] or m[2]}</sub>" if m[1] is not None or m[2] is not None else f"<sup>{m[3] or m[4]}</sup>"
        ),
        escape(text),
    )
