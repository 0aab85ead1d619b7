"""Hostile inputs, drawn by hypothesis, against the running dashboard over real connections: faults, and its health.

    python -m tests.benchmarks.bench_hostile [--each 500] [--kinds addresses,texts,files,events] [--seed 0]

addresses: query strings of settings, of foreign parameters and of garbage, with values valid, odd and broken.
texts: formulas, words and encoded data in the fields that take a text.
files: uploads by the server's own upload route, then the page that reads them.
events: states of the page's controls and events of its components, of the right and of the wrong kinds.

A fault is a trace on the page or in the server's log, the page's own "something went wrong", a run that is silent for
30 seconds, or a connection that is lost. In the end an honest visitor must get his picture. Some attacks come before
the run of the one before has ended, as those of a script would.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from demos.registry import families
from tests.benchmarks.bench_memory import ready
from tests.benchmarks.hostile_visitor import Hostile, state_of, trigger_of
from tests.benchmarks.serving import serving
from tests.dashboard.client import visitor
from tests.dashboard.test_hostile import files, formulas, words

SETTINGS = {
    name: sorted({field for demo in family.members.values() for field in demo.config.controls()} | {family.parameter})
    for name, family in families().items()
}
TEXTS = (
    ("langevin", "potential=formula&formula="),
    ("descent", "surface=formula&formula="),
    ("descent", "places="),
    ("diffusion", "data=word&word="),
    ("diffusion", "data=points&points="),
    ("energy", "system=cluster&start=given&atoms="),
    ("energy", "system=phase&start=drawn&drawing="),
)
FILES = (("diffusion", ""), ("energy", ""), ("networks", ""))
PLAYING = (
    "autoplay",
    "loop",
    "frame",
    "speed",
    "controls",
    "embed",
    "embed_options",
    "present",
    "utm_source",
    "fbclid",
)
EVENTS = ("drop", "stroke", "pick", "drag", "settings", "key", "open", "copied", "")
AGAIN = 40  # attacks after which a new session begins


def main() -> bool:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=500)
    parser.add_argument("--kinds", default=",".join(KINDS), help="names, separated by commas")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--log", type=Path, help="a file for what the server says")
    options = parser.parse_args()
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as folder, serving(log=Path(folder) / "log") as (port, process):
        ready(port, process)
        for kind in options.kinds.split(","):
            strategy, act = KINDS[kind]
            faults += attacks(kind, port, strategy, act, options.each, options.seed)
        healthy = _healthy(port)
        log = (Path(folder) / "log").read_text(errors="replace")
    traces = log.count("Traceback (most recent call last)")
    for fault in sorted(set(faults))[:40]:
        print("  ", fault[:400])
    if options.log:
        options.log.write_text(log)
    good = not faults and not traces and healthy
    print(f"faults {len(faults)}, traces in the log {traces}, healthy {healthy}: {'held' if good else 'MISSED'}")
    return good


def attacks(
    name: str, port: int, strategy: st.SearchStrategy, act: Callable[[Hostile, Any], None], count: int, number: int
) -> list[str]:
    """So many attacks of one kind; the faults."""
    one, done, start, faults, left = Hostile(port), 0, time.monotonic(), [], 0
    missed = 0

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def attack(case: Any) -> None:
        nonlocal one, done, left, missed
        if done and done % AGAIN == 0:
            left, missed = left + one.left, missed + one.missed
            faults.extend(one.faults)
            one.close()
            one = Hostile(port)
        done += 1
        act(one, case)

    attack()
    faults.extend(one.faults)
    left, missed = left + one.left, missed + one.missed
    one.close()
    seconds = time.monotonic() - start
    print(
        f"{name}: {done} attacks, {len(faults)} faults, {left} left early, {missed} not taken, {seconds:.0f} s",
        flush=True,
    )
    return faults


# -- what is drawn

_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=6), part, max_size=4),
    max_leaves=12,
)
_small = st.integers(-2, 3) | st.floats(-5, 5) | _anything
_event = st.fixed_dictionaries(
    {},
    optional={
        "panel": _small, "x": _small, "y": _small, "index": _small, "number": _small, "radius": _small, "layer": words,
        "mode": st.sampled_from(("add", "erase", "clear")) | words, "resting": _anything,
        "points": st.lists(st.tuples(_small, _small) | _anything, max_size=6) | _anything,
    },
)  # fmt: skip


@st.composite
def _addresses(draw) -> tuple[str, str]:
    page = draw(st.sampled_from([*SETTINGS, "home", ""]))
    scenes = [family.query(scene.config) for family in (families().get(page),) if family for scene in family.scenes]
    begin = draw(st.sampled_from(["", "", *scenes]))
    names = st.sampled_from(SETTINGS.get(page, ["x"])) | st.sampled_from(PLAYING) | st.text(max_size=10)
    pairs = draw(st.lists(st.tuples(names, words), max_size=6))
    encode = quote if draw(st.booleans()) else (lambda text: text)
    raw = draw(st.text(max_size=40)) if draw(st.integers(0, 9)) == 0 else ""
    return page, "&".join([begin, *(f"{encode(name)}={encode(value)}" for name, value in pairs), raw])


@st.composite
def _texts(draw) -> tuple[str, str]:
    page, begin = draw(st.sampled_from(TEXTS))
    return page, begin + quote(draw(formulas | words))


@st.composite
def _files(draw) -> tuple[str, str, str, bytes]:
    return *draw(st.sampled_from(FILES)), *draw(files())


@st.composite
def _events(draw) -> tuple[str, list[tuple[int, str, Any]]]:
    """A page, and what is sent: the number of a widget, the event of a component ("" for a plain state), a value."""
    numbers = st.floats() | st.integers(-(2**31), 2**31 - 1) | st.lists(st.floats(), max_size=3)
    values = numbers | words | st.lists(words, max_size=3) | _anything
    one = st.tuples(st.integers(0, 200), st.sampled_from(EVENTS), _event | values)
    return draw(st.sampled_from(list(SETTINGS))), draw(st.lists(one, min_size=1, max_size=5))


# -- what is done with it


def _ask(one: Hostile, case: tuple[str, str]) -> None:
    one.ask("", *case)


def _send_file(one: Hostile, case: tuple[str, str, str, bytes]) -> None:
    page, query, name, content = case
    states = []
    if one.page != page:
        one.begin(page, query)
    if page == "networks":  # the place for a file is in a tab
        states = [
            state_of(identity, "Your own run") for identity, kind in one.widgets.items() if kind == "tab_container"
        ]
        one.ask("", page, query, states)
    uploaders = [identity for identity, kind in one.widgets.items() if kind == "file_uploader"]
    state = one.upload(name, content)
    if state is None or not uploaders:
        one.missed += 1
        return
    state.id = uploaders[-1]
    one.ask(f"file {name!r} {content[:60]!r}", page, query, [*states, state])


def _send_events(one: Hostile, case: tuple[str, list[tuple[int, str, Any]]]) -> None:
    page, sent = case
    if one.page != page:
        one.begin(page)
    known, states = sorted(one.widgets.items()), {}
    for number, event, value in sent if known else []:
        identity, kind = known[number % len(known)]
        if event and kind == "bidi_component":
            state = trigger_of(identity, event, value)
        else:
            state = state_of(identity, value)
        states[state.id] = state
    one.ask(
        f"events {[(known[n % len(known)][0][-40:], e, v) for n, e, v in sent if known]}"[:300],
        page,
        "",
        states.values(),
    )


KINDS: dict[str, tuple[st.SearchStrategy, Callable[[Hostile, Any], None]]] = {
    "addresses": (_addresses(), _ask),
    "texts": (_texts(), _ask),
    "files": (_files(), _send_file),
    "events": (_events(), _send_events),
}


def _healthy(port: int) -> bool:
    """Whether an honest visitor gets his picture."""
    with visitor(port) as one:
        one.ask("langevin", "")
        try:
            return bool(one.read("bidi_component", 60))
        except TimeoutError:
            return False


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
