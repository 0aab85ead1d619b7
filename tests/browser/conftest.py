"""Fixtures of the browser tests: a real Chromium and real servers.

`serve(app)` starts `streamlit run app` once and returns its address. `lab_page` is a browser page that tests use one
after the other. `open_page(**options)` returns a new page with other settings (dark, narrow, touch …), for tests that
change something for later ones. With both, a test fails on any error in the browser's console.

Without a graphics card the browser draws on the processor: an animation keeps more than half a core busy, and loading
Streamlit's page takes seconds of processor time. Therefore pictures do not play (reduced motion) unless a test uses the
fixture `moving`, and `open_demo` goes to another page of the app without loading the app again, as an internal link
does.
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
QUIET = 200  # milliseconds that a page must be idle: a rerun that was just requested takes a moment to begin
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
})"""  # wait until the page was connected and idle for `quiet` ms; false if that took longer than `most` ms
WINDOW = {"width": 1280, "height": 800}
FAILED = pytest.StashKey[bool]()
GO = """address => { history.pushState({}, "", address); dispatchEvent(new PopStateEvent("popstate")); }"""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = "Install one (Debian: apt install chromium; anywhere: playwright install chromium), or name it in CHROMIUM."


def _absent(reason: str) -> None:
    """Skip the test and say how to install what is missing. In CI fail instead, so that the skip is not overlooked."""
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(f"{reason} {HOW}", pytrace=False)
    pytest.skip(f"{reason} {HOW}")


@pytest.fixture(scope="session")
def chromium():
    """A running Chromium: the one in $CHROMIUM, else the system's, else Playwright's own."""
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
    """serve(app, *options) -> address. Each combination of app and options has one server, started as in the README."""
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
    """The command `streamlit` if it exists: unlike `python -m streamlit`, it does not put the root on sys.path."""
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


class _Errors(list):
    """A list of the errors in a page's console and of its uncaught exceptions."""

    def of(self, page) -> None:
        def heard(message) -> None:
            probe = any(part in message.location.get("url", "") for part in ("favicon", "/_stcore/"))
            if message.type == "error" and not probe:
                self.append(f"console: {message.text}")

        page.on("console", heard)
        page.on("pageerror", lambda error: self.append(f"page: {error}"))


def _new_page(chromium, errors: _Errors, **options):
    context = chromium.new_context(**{"viewport": WINDOW, "reduced_motion": "reduce", **options})
    context.set_default_timeout(20_000)
    page = context.new_page()
    errors.of(page)
    return page


@pytest.fixture
def open_page(chromium):
    """open_page(**options of browser.new_context) -> page. Errors in the browser fail the test at its end."""
    pages, errors = [], _Errors()

    def open_(**options):
        pages.append(_new_page(chromium, errors, **options))
        return pages[-1]

    yield open_
    for page in pages:
        page.context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture(scope="session")
def _shared_page(chromium):
    """A dictionary with the page of `lab_page` and its errors; empty before the first test and after a failed one."""
    shared = {}
    yield shared
    if shared:
        shared["page"].context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def lab_page(request, chromium, _shared_page):
    """A page of 1280 × 800 in the light theme. All tests share it until one fails, then the next gets a new page."""
    if not _shared_page:
        errors = _Errors()
        _shared_page.update(page=_new_page(chromium, errors), errors=errors)
    page, errors = _shared_page["page"], _shared_page["errors"]
    errors.clear()
    page.set_viewport_size(WINDOW)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate("() => document.fullscreenElement && document.exitFullscreen()")
    yield page
    page.unroute_all()
    if request.node.stash.get(FAILED, False) or errors:
        _shared_page.clear()
        page.context.close()
    assert not errors, "\n".join(errors)


@pytest.fixture
def moving(lab_page):
    """Makes pictures on `lab_page` play automatically, as they do for visitors without reduced motion."""
    lab_page.emulate_media(reduced_motion="no-preference")


@pytest.fixture(scope="session")
def settled():
    """settled(page): wait until the script has run and nothing is loading, for 200 ms without interruption."""

    def wait(page) -> None:
        assert page.evaluate(STILL, [QUIET, 240_000]), "the page does not come to rest"

    return wait


@pytest.fixture
def visit(serve, settled):
    """visit(page, app, name, query) -> the player's root element. Opens a page of an app; if the browser shows the app
    already, it goes there without loading the app again."""

    def open_(page, app: str, name: str, query: str = ""):
        address = f"{serve(app)}/{name}?{query}"
        root = page.locator(".player").first
        # Without a query a page would keep its earlier settings, so it is loaded again.
        if not (
            query
            and "embed=" not in query
            and page.url.startswith(serve(app))
            and _leave(page)
            and _follow(page, address)
        ):
            page.goto(address)
            root.wait_for(state="attached", timeout=180_000)  # the first visitor waits for the imports
        settled(page)
        return root

    def _leave(page) -> bool:
        """Go to the app's home page by its link, so that the demo's page starts with new controls at the next visit."""
        home = page.get_by_test_id("stTopNavLink").first
        if not home.is_visible():  # embedded, or presented
            return False
        home.evaluate("link => link.click()")
        return _becomes(page, "detached", 10_000)

    def _follow(page, address: str) -> bool:
        settled(page)
        page.evaluate(GO, address)
        return _becomes(page, "attached", 60_000)

    def _becomes(page, state: str, most: int) -> bool:
        from playwright.sync_api import TimeoutError

        try:
            page.locator(".player").first.wait_for(state=state, timeout=most)
        except TimeoutError:  # the browser is still busy with the page before: the caller loads the page again
            return False
        return True

    return open_


@pytest.fixture
def open_demo(visit):
    """open_demo(page, name, query) -> the player's root element. Opens a demo's page."""
    return lambda page, name, query="": visit(page, "dashboard/app.py", name, query)


@pytest.fixture
def show(serve, settled):
    """show(page, case) -> the player's root element. Opens a picture of player_app.py."""

    def open_(page, case: str = "cloud", more: str = ""):
        page.goto(f"{serve('tests/browser/player_app.py')}/?case={case}{more}")
        root = page.locator(".player")
        root.wait_for(state="attached")
        settled(page)
        return root

    return open_


@pytest.fixture
def alone(until):
    """alone(page, case) -> the player's root element. Opens a picture on a plain page, without Streamlit."""

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
    """js(expression, argument) -> the value of a JavaScript expression that can use `argument` and the functions of the
    player's scripts."""
    context = chromium.new_context()
    page = context.new_page()
    code = player.module([name for name in player.SCRIPTS if name != "player"])

    def run(expression: str, argument=None):
        return page.evaluate(f"async argument => {{ {code}\nreturn {expression}; }}", argument)

    yield run
    context.close()


@pytest.fixture(scope="session")
def until():
    """until(page, test, what): wait until `test()` is true; after `seconds` fail with the message `what`."""

    def wait(page, test, what: str, seconds: float = 10) -> None:
        end = time.monotonic() + seconds
        while not test():
            if time.monotonic() > end:
                pytest.fail(f"It did not happen within {seconds:g} s: {what}", pytrace=False)
            page.wait_for_timeout(30)

    return wait
