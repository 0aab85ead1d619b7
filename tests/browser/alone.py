"""The player without Streamlit: its module, its style and a picture's bytes on a plain page that no server serves.

What the player does by itself needs no page around it, and opens here in a fifth of the time. The page keeps what is
sent to Python in `window.sent`, [name, value] each; `window.show(query)` gives the player the next picture, and
`window.leave()` ends it, as Streamlit does when a visitor goes to another page.
"""

import tomllib
from functools import cache
from pathlib import Path

from demos.picture import player
from tests.browser.player_clouds import picture_of

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "https://player.test"

PAGE = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<style>:root { %s } @media (prefers-color-scheme: dark) { :root { %s } }
body { margin: 0; background: var(--st-background-color); }
[data-testid=stMain] { height: 100vh; overflow: auto; } [data-testid=stMainBlockContainer] { padding: 40px 24px 600px; }
</style><div data-testid="stMain"><div data-testid="stMainBlockContainer"><div id="host"></div></div></div>
<script type="module">
import show from "/module.js";
const parentElement = document.getElementById("host").attachShadow({ mode: "open" });
parentElement.innerHTML = '<link rel="stylesheet" href="/player.css">';
await new Promise((done) => { parentElement.firstChild.onload = done; });
const send = (name, value) => window.sent.push([name, value]);
const again = () => { window.leave = show({ data: window.bytes, parentElement, setTriggerValue: send }); };
window.sent = [];
window.show = async (query) => {
  window.bytes = new Uint8Array(await (await fetch(`/picture?${query}`)).arrayBuffer());
  again();
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again); // as Streamlit does
await window.show(location.search.slice(1));
</script>"""


@cache
def page_of_the_player() -> str:
    """With the colours of the theme, as Streamlit hands them over."""
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    names = {"primaryColor": "primary-color", "backgroundColor": "background-color", "textColor": "text-color",
             "chartCategoricalColors": "chart-categorical-colors", "chartSequentialColors": "chart-sequential-colors",
             "chartDivergingColors": "chart-diverging-colors"}  # fmt: skip

    def variables(part: dict) -> str:
        text = {name: part[key] if isinstance(part[key], str) else ",".join(part[key]) for key, name in names.items()}
        return " ".join(f"--st-{name}: {value};" for name, value in text.items())

    return PAGE % (variables(theme["light"]), variables(theme["dark"]))


def answer(route) -> None:
    """What the page asks for."""
    path, _, query = route.request.url.removeprefix(ADDRESS).partition("?")
    if path == "/":
        route.fulfill(body=page_of_the_player(), content_type="text/html")
    elif path == "/module.js":
        route.fulfill(body=player.module(), content_type="text/javascript")
    elif path == "/player.css":
        route.fulfill(body=player.style(), content_type="text/css")
    else:
        case, _, seed = query.partition("&seed=")
        route.fulfill(body=picture_of(case.removeprefix("case="), int(seed or 0)), content_type="text/plain")
