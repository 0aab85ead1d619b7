"""A real browser and a real server for the tests in this folder.

`serve(app)` starts `streamlit run app` once and gives its address; `lab_page` is a page, and `open_page(**options)`
one with other settings (dark, narrow, reduced motion …). Each fails its test on any error in the browser's console.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from demos.picture import player
from tests.browser.alone import ADDRESS, answer
from tests.browser.helpers import data

ROOT = Path(__file__).resolve().parents[2]
QUIET = 200  # milliseconds: a rerun that was just asked for needs a moment to begin
STILL = """([quiet, most]) => new Promise(done => {
    const begin = performance.now();
    let since = begin;
    const look = () => {
        const app = document.querySelector('[data-testid=stApp]'), now = performance.now();
        const still = app && app.dataset.testConnectionState === 'CONNECTED'
            && app.dataset.testScriptState === 'notRunning' && !document.querySelector('[data-testid=stSkeleton]');
        if (!still) since = now;
        if (now - since >= quiet || now - begin > most) done(still);
        else setTimeout(look, 20);
    };
    look();
})"""  # whether the page was connected, not running and not loading for so long, before the longest wait was over
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = "Install one (Debian: apt install chromium; anywhere: playwright install chromium), or name it in CHROMIUM."


def _absent(reason: str) -> None:
    """Skip, with what to do about it; but a run that is meant to be complete must not skip these tests unseen."""
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(f"{reason} {HOW}", pytrace=False)
    pytest.skip(f"{reason} {HOW}")


@pytest.fixture(scope="session")
def chromium():
    """A Chromium: the one in $CHROMIUM, else the system's, else Playwright's own."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        _absent("Playwright is not installed (pip install -r tests/requirements.txt).")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error as problem:
            _absent(f"No browser could be started ({str(problem).splitlines()[0]}).")
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """serve(app, *options) -> address. One server for each app and options, started as the README says."""
    started: dict[tuple[str, ...], tuple[subprocess.Popen, str]] = {}

    def start(app: str | Path, *options: str) -> str:
        key = (str(app), *options)
        if key not in started:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            log = tmp_path_factory.mktemp("server") / "log.txt"
            fixed = ["--server.headless=true", "--server.address=127.0.0.1", f"--server.port={port}",
                     "--browser.gatherUsageStats=false", "--server.fileWatcherType=none"]  # fmt: skip
            with log.open("w") as out:
                command = [*_streamlit(), "run", str(ROOT / app), *fixed, *options]
                server = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
            started[key] = server, f"http://127.0.0.1:{port}"
            _wait_for(server, started[key][1], log)
        return started[key][1]

    yield start
    for server, _ in started.values():
        server.terminate()
    for server, _ in started.values():
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()


def _streamlit() -> list[str]:
    """The command itself where there is one: unlike `python -m`, it does not put the root on sys.path."""
    command = Path(sys.executable).with_name("streamlit")
    return [str(command)] if command.exists() else [sys.executable, "-m", "streamlit"]


def _wait_for(server: subprocess.Popen, address: str, log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text()[-2000:]}", pytrace=False)


@pytest.fixture
def open_page(chromium):
    """open_page(**options of browser.new_context) -> page. Errors in the browser fail the test at its end."""
    contexts, errors = [], []

    def heard(message) -> None:
        probe = any(part in message.location.get("url", "") for part in ("favicon", "/_stcore/"))
        if message.type == "error" and not probe:
            errors.append(f"console: {message.text}")

    def open_(**options):
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = chromium.new_context(**options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: errors.append(f"page: {error}"))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture
def lab_page(open_page):
    return open_page()


@pytest.fixture(scope="session")
def settled():
    """settled(page): wait until the script has run, nothing is being loaded, and it stays so for a moment."""

    def wait(page) -> None:
        assert page.evaluate(STILL, [QUIET, 240_000]), "the page does not come to rest"

    return wait


@pytest.fixture
def open_demo(serve, settled):
    """open_demo(page, name, query): open a demo's page; gives the player's root."""

    def open_(page, name: str, query: str = ""):
        page.goto(f"{serve('dashboard/app.py')}/{name}?{query}")
        root = page.locator(".player").first
        root.wait_for(state="attached", timeout=180_000)  # the first visitor waits for the imports
        settled(page)
        return root

    return open_


@pytest.fixture
def show(serve, settled):
    """show(page, case): open a picture of player_app.py; gives the player's root."""

    def open_(page, case: str = "cloud", more: str = ""):
        page.goto(f"{serve('tests/browser/player_app.py')}/?case={case}{more}")
        root = page.locator(".player")
        root.wait_for(state="attached")
        settled(page)
        return root

    return open_


@pytest.fixture
def alone(until):
    """alone(page, case): a picture in the player on a plain page, without Streamlit; gives the player's root."""

    def open_(page, case: str = "cloud", painted: bool = True):
        page.route(f"{ADDRESS}/**", answer)
        page.goto(f"{ADDRESS}/?case={case}")
        root = page.locator(".player")
        root.wait_for(state="attached")
        if painted:
            until(page, lambda: int(data(root, "painted") or 0) >= 1, "it is painted")
        return root

    return open_


@pytest.fixture(scope="session")
def js(chromium):
    """js(expression, argument): its value, where the player's functions and `argument` can be seen."""
    context = chromium.new_context()
    page = context.new_page()
    code = player.module([name for name in player.SCRIPTS if name != "player"])

    def run(expression: str, argument=None):
        return page.evaluate(f"async argument => {{ {code}\nreturn {expression}; }}", argument)

    yield run
    context.close()


@pytest.fixture(scope="session")
def until():
    """until(page, test, what): wait until `test()` is true, or fail saying what did not happen."""

    def wait(page, test, what: str, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not test():
            if time.monotonic() > end:
                pytest.fail(f"It did not happen within {seconds:g} s: {what}", pytrace=False)
            page.wait_for_timeout(30)

    return wait
