"""Plain text with subscripts and superscripts as HTML."""

from __future__ import annotations

import re
from html import escape

_MARKED = re.compile(r"(?<=[^\s_])_(?:\{([^{}]*)\}|([^\W\d_])(?!\w))|(?<=[^\s^])\^(?:\{([^{}]*)\}|(\w))")


def typeset(text: str) -> str:
    """The text as escaped HTML; p_σ and x^{2} become subscripts and superscripts."""
    return _MARKED.sub(
        lambda m: (
            f"<sub>{m[1] or m[2]}</sub>" if m[1] is not None or m[2] is not None else f"<sup>{m[3] or m[4]}</sup>"
        ),
        escape(text),
    )
