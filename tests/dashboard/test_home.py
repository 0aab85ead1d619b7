"""Tests of the home page: it imports no demo, and its index agrees with the demos."""

import re
import subprocess
import sys
import threading
from functools import partial
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from dashboard.runtime import imports as module
from dashboard.runtime.imports import Imports, Step
from dashboard.views.home.gallery import read_link
from dashboard.views.home.index import KINDS, PICTURES, cards, index
from dashboard.views.home.prepare import words
from demos.registry import families, menu

ROOT = Path(__file__).resolve().parents[2]
AGAIN = "python -m dashboard.views.home.prepare makes them again (--words: the index alone)"


def test_the_index_agrees_with_the_demos():
    assert set(index()) == set(families()), AGAIN
    for name, family in families().items():
        entry = dict(index()[name])
        equation = entry.pop("equation")
        assert entry == words(family), f"{name}: {AGAIN}"
        tex = re.findall(r'<annotation encoding="application/x-tex">(.*?)</annotation>', "".join(equation), re.S)
        assert [unescape(part) for part in tex] == entry["tex"], f"{name}: {AGAIN}"


@pytest.mark.parametrize("name", list(menu()))
def test_every_page_has_its_pictures_and_they_are_small(name):
    sizes = [(PICTURES / f"{name}-{kind}.webp").stat().st_size for kind in KINDS]
    assert all(0 < size < 150_000 for size in sizes), AGAIN


def test_home_has_a_card_for_every_page_and_imports_no_science():
    """Runs in a new process, because the process of the tests has imported torch already."""
    code = f"""
import sys
from streamlit.testing.v1 import AppTest
import dashboard.setup
dashboard.setup._IMPORTS.start = lambda delay=0: None  # nothing behind the page
app = AppTest.from_file({str(ROOT / "dashboard" / "app.py")!r}, default_timeout=60).run()
assert not app.exception, app.exception
assert app.title[0].value == "Gradient Flow Lab" and len(app.latex) == 1
print(sorted({{"torch", "scipy", "demos.contract"}} & set(sys.modules)))
print(app.get("bidi_component")[0].proto.json)
"""
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    lines = ran.stdout.strip().splitlines()
    assert lines[0] == "[]"
    assert all(f'"page": "{name}"' in lines[1] for name in menu())


def test_every_link_of_the_gallery_is_accepted():
    for card in cards():
        for scene in card["scenes"]:
            target = read_link({"page": card["page"], "query": scene["query"]})
            assert target == (card["page"], parse_qsl(scene["query"], keep_blank_values=True))


LONG = "x" * 9_000
FORGED = [None, "langevin", {}, {"page": "home"}, {"page": "../app", "query": ""}, {"page": ["langevin"], "query": ""}]


@pytest.mark.parametrize(
    "value", [*FORGED, {"page": "langevin", "query": 3}, {"page": "langevin", "query": LONG}], ids=range(8)
)
def test_a_forged_click_is_ignored(value):
    assert read_link(value) is None


def test_a_page_missing_from_the_index_has_title_and_sentence(monkeypatch):
    monkeypatch.setattr("dashboard.views.home.index.index", dict)
    cards.cache_clear()
    try:
        assert [(card["page"], card["scenes"]) for card in cards()] == [(name, []) for name in menu()]
    finally:
        cards.cache_clear()


def test_a_page_waits_for_its_own_import_alone_and_says_for_what():
    order, heard, gate = [], [], threading.Event()

    def slow():
        gate.wait(10)
        order.append("first")

    def broken():
        raise ImportError("no such library")

    steps = [Step("first", "the first", slow), Step("a", "A", lambda: order.append("a")), Step("broken", "B", broken)]
    imports = Imports([*steps, Step("b", "page b", lambda: order.append("b"))], lambda: order.append("end"))

    def say(words):
        heard.append(words)
        gate.set()

    imports.start(600)  # a page that waits for an import does not wait for this delay
    imports.wait("b", say)
    assert order[:2] == ["first", "b"] and heard[0] in ("the first", "page b")
    imports.wait("a", say)
    with pytest.raises(ImportError, match="no such library"):
        imports.wait("broken", say)
    imports._thread.join(10)
    assert order == ["first", "b", "a", "end"]


def test_the_other_imports_wait_until_the_page_that_waited_has_ended(monkeypatch):
    monkeypatch.setattr(module, "GRACE", 60.0)
    order, begun = [], threading.Event()

    def import_c():
        order.append("c")
        begun.set()

    imports = Imports([Step(name, name, partial(order.append, name)) for name in "ab"] + [Step("c", "c", import_c)])
    imports.wait("b", lambda words: None)
    assert not begun.wait(0.2) and order == ["a", "b"]  # the page draws its picture
    imports.start()  # the page has ended
    assert begun.wait(10)
    imports._thread.join(10)
    assert order == ["a", "b", "c"]


def test_the_other_imports_do_not_wait_where_another_page_waits(monkeypatch):
    monkeypatch.setattr(module, "GRACE", 60.0)
    imports = Imports([Step(name, name, lambda: None) for name in "abc"])
    imports.wait("b", lambda words: None)
    imports.wait("c", lambda words: None)  # would wait for a minute
    imports.start()
    imports._thread.join(10)
    assert not imports._thread.is_alive()


def test_a_visitor_who_waits_for_an_import_may_leave():
    gate = threading.Event()
    imports = Imports([Step("slow", "slow", lambda: gate.wait(10))])

    def leave(words):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        imports.wait("slow", leave)
    gate.set()
    imports.wait("slow", lambda words: None)
