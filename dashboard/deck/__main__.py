"""Writes the deck as one HTML file that contains reveal.js (MIT, see reveal/LICENSE): a template to edit by hand.

    python -m dashboard.deck --server http://localhost:8501 > talk.html

Serve that file (`python -m http.server 8000`), and let the dashboard accept messages from that origin:

    streamlit run dashboard/app.py --client.allowedOrigins http://localhost:8000

Then a step to the next slide changes the embedded picture at once, by a message. Without that setting, or if the
dashboard does not answer, the deck loads the embedded page anew.
"""

from __future__ import annotations

import argparse
import sys
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent


def deck(server: str) -> str:
    """The deck's HTML for a dashboard at the address `server`. Raises ValueError if that is not an http(s) address."""
    parts = urlsplit(server)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{server[:80]!r} is not an address like http://localhost:8501.")
    text = (HERE / "slides.html").read_text(encoding="utf-8").replace("SERVER", escape(server.rstrip("/"), quote=True))
    for place, name in (("/* reveal.css */", "reveal.css"), ("/* reveal.js */", "reveal.js")):
        text = text.replace(
            place, (HERE / "reveal" / name).read_text(encoding="utf-8").replace("</script", "<\\/script")
        )
    return text


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m dashboard.deck", description=__doc__.splitlines()[0])
    parser.add_argument("--server", default="http://localhost:8501", help="address of the dashboard")
    options = parser.parse_args(given)
    try:
        sys.stdout.write(deck(options.server))
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
