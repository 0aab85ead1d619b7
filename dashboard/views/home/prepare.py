"""Generates the home page's data from the demos: `index.json` and the small animations.

    python -m dashboard.views.home.prepare [--only langevin] [--words]

It needs the tests' requirements and a Chromium (its path in $CHROMIUM, or on $PATH), because the player paints the
animations and the page's own KaTeX typesets the equations. --words: only the index, without animations.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from dashboard.views.home.index import INDEX, PICTURES
from demos.contract import Family, Scene
from demos.registry import families

ROOT = Path(__file__).resolve().parents[3]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHOSEN: dict[str, tuple[str, int]] = {"langevin": ("particles=500", 0), "diffusion": ("particles=600", 0)}
"""Page -> (query, panel) of its animation; other pages use their defaults and the first panel. With few particles the
files are small."""
MOST = 2  # the most parts of an equation on a card
WIDTH, HEIGHT = 300, 250  # pixels of a frame
FRAMES, ACROSS = 30, 5  # frames of an animation, and frames in a row of its sheet (gallery.js has these numbers too)
QUALITY = 40  # of WebP: 0 to 100
PAINTED = """async (root, [panel, count, width, height]) => {
    const slider = root.querySelector('input[type=range][aria-label=Time]'), canvas = root.querySelector('canvas');
    const frame = () => new Promise(requestAnimationFrame);
    const sharp = canvas.width / canvas.getBoundingClientRect().width;
    const [x, y, w, h] = JSON.parse(root.dataset.plots)[panel].map(v => v * sharp);
    const target = Object.assign(document.createElement('canvas'), { width, height });
    const context = target.getContext('2d');
    const [small, large] = [width / w, height / h].sort((a, b) => a - b), pictures = [];
    const scale = large / small < 1.25 ? large : small; // a little is cut off, much is not
    for (let k = 0; k < count; k++) {
        slider.value = String(Number(slider.max) * k / (count - 1));
        slider.dispatchEvent(new Event('input'));
        await frame(); await frame(); await frame();
        context.fillStyle = getComputedStyle(root).getPropertyValue('--st-background-color');
        context.fillRect(0, 0, width, height);
        context.drawImage(canvas, x, y, w, h, (width - w * scale) / 2, (height - h * scale) / 2, w * scale, h * scale);
        pictures.push(target.toDataURL('image/png').split(',')[1]);
    }
    return pictures;
}"""


def words(family: Family) -> dict[str, Any]:
    """The entry of a page in the index, without the equation's HTML."""
    several = len(family.members) > 1
    scenes = [
        {"title": scene.title, "sentence": scene.sentence, "query": family.query(scene.config)}
        | {"group": demo.title if several else "", "tries": _order(scene)}
        for demo in family.members.values()
        for scene in demo.scenes
    ]
    parts = re.split(r"(?:,?\\q?quad)+", family.default.equation_of(family.default.config()))
    return {"tex": [part.strip() for part in parts[:MOST]], "scenes": scenes}


def _order(scene: Scene) -> str:
    return "" if scene.tries is None else f"{scene.tries.instruction} {scene.tries.outcome}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=list(families()), help="the picture of one page")
    parser.add_argument("--words", action="store_true", help="the index alone")
    options = parser.parse_args()
    before = json.loads(INDEX.read_text(encoding="utf-8")) if INDEX.exists() else {}
    made = {name: words(family) for name, family in families().items()}
    for name, entry in made.items():
        entry["equation"] = before[name]["equation"] if before.get(name, {}).get("tex") == entry["tex"] else []
    wanted = [] if options.words else [options.only] if options.only else list(made)
    unset = [name for name, entry in made.items() if not entry["equation"]]
    if wanted or unset:
        from playwright.sync_api import sync_playwright

        path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
            if unset:
                equations = typeset(browser, [part for name in unset for part in made[name]["tex"]])
                for name in unset:
                    made[name]["equation"] = [next(equations) for _ in made[name]["tex"]]
            if wanted:
                with serving(ROOT / "dashboard" / "app.py") as address:
                    for name in wanted:
                        photograph(browser, address, families()[name])
            browser.close()
    INDEX.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{INDEX.relative_to(ROOT)}: {sum(len(entry['scenes']) for entry in made.values())} scenes")


@contextmanager
def serving(app: Path) -> Iterator[str]:
    """Serve a Streamlit app for the duration of the block; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(app), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--server.fileWatcherType=none"]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def typeset(browser: Any, parts: list[str]) -> Iterator[str]:
    """The HTML of each part of an equation, as KaTeX typesets it in a Streamlit page."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "equations.py"
        app.write_text(f"import streamlit as st\nfor part in {parts!r}:\n    st.latex(part)\n", encoding="utf-8")
        with serving(app) as address:
            page = browser.new_page()
            page.goto(address)
            page.wait_for_selector(f":nth-match(.katex-display .katex, {len(parts)})", timeout=120_000)
            yield from page.locator(".katex-display .katex").evaluate_all("all => all.map(e => e.outerHTML)")
            page.close()


def photograph(browser: Any, address: str, family: Family) -> None:
    """Save the animation of a page, in light and in dark: each file is a sheet with all frames."""
    query, panel = CHOSEN.get(family.name, ("", 0))
    for scheme in ("light", "dark"):
        page = browser.new_page(viewport={"width": 1100, "height": 620}, color_scheme=scheme, reduced_motion="reduce")
        page.goto(f"{address}/{family.name}?embed=true&{query}")
        root = page.locator(".player").first
        root.wait_for(state="attached", timeout=120_000)
        page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=120_000)
        root.locator("canvas").wait_for()
        page.wait_for_timeout(800)
        painted = root.evaluate(PAINTED, [panel, FRAMES, WIDTH, HEIGHT])
        page.close()
        sheet = Image.new("RGB", (ACROSS * WIDTH, FRAMES // ACROSS * HEIGHT))
        for i, one in enumerate(painted):
            frame = Image.open(io.BytesIO(base64.b64decode(one))).convert("RGB")
            sheet.paste(frame, (i % ACROSS * WIDTH, i // ACROSS * HEIGHT))
        target = PICTURES / f"{family.name}-{scheme}"
        sheet.save(f"{target}.webp", quality=QUALITY, method=6)
        print(f"{target.name}: {Path(f'{target}.webp').stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
