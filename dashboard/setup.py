"""What is done once per server process: threads and memory before its first page, the imports behind it.

The home page needs none of the science, and comes before it. Any other page waits for its own demo, and says so.
"""

from __future__ import annotations

import gc
import importlib
import time
from functools import partial

import streamlit as st

from dashboard.runtime.connection import send_at_once
from dashboard.runtime.forged import drop_forged
from dashboard.runtime.imports import Imports, Step
from dashboard.runtime.memory import few_arenas, give_back
from demos.registry import family, menu

HEAVY = ("pandas", "scipy.integrate", "scipy.linalg", "scipy.optimize", "scipy.sparse.linalg", "scipy.special")
QUIET = 0.3  # seconds; what is there sooner is not announced
AT_HOME = 0.7  # seconds in which the browser fetches the home page's pictures


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Few memory arenas, messages that do not wait, and no states of controls that no browser sends."""
    few_arenas()
    drop_forged()
    send_at_once()


def import_behind() -> None:
    """Import all that the pages need, behind the one that is on show; once for a process."""
    _IMPORTS.start(AT_HOME)


def wait_for(page: str) -> None:
    """Until the demo of that page is imported; says what is being imported, where that takes its time."""
    # An element in every run: one that comes and goes would move all that follows, and the browser would build it anew.
    place, began = st.empty(), time.monotonic()
    said = False

    def say(words: str) -> None:
        nonlocal said
        st.session_state.get("-")  # where Streamlit ends a run that its visitor has left
        if time.monotonic() - began > QUIET:
            said = True
            place.info(f"The server has just started and loads what this page needs, once: {words} …")

    _IMPORTS.wait(page, say)
    if said:
        place.empty()


def _torch() -> None:
    """One thread of torch: a process serves several visitors on few cores, each in a thread of its own."""
    import torch

    torch.set_num_threads(1)


def _rest() -> None:
    for name in HEAVY:
        importlib.import_module(name)


def _freeze() -> None:
    """Streamlit collects garbage after every run of a page, and walking all that torch, SciPy and pandas brought costs
    200 ms each time; frozen, it costs nothing."""
    gc.collect()
    gc.freeze()
    give_back()


_IMPORTS = Imports(
    [
        Step("torch", "PyTorch", _torch),
        *(Step(name, f"the page “{entry.title}”", partial(family, name)) for name, entry in menu().items()),
        Step("rest", "SciPy and pandas", _rest),
    ],
    finish=_freeze,
)
