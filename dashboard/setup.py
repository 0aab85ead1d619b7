"""What is done once per server process: memory and connections are set up, and the demos are imported.

The imports run in a background thread. The home page needs no demo, so it is shown before they end. Any other page
waits for its own demo, and tells its visitor what it waits for.
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
from dashboard.runtime.memory import few_arenas, give_back, give_back_at_rest, unmap_libraries
from demos.registry import family, menu

HEAVY = ("pandas", "scipy.integrate", "scipy.linalg", "scipy.optimize", "scipy.sparse.linalg", "scipy.special")
QUIET = 0.3  # seconds; a shorter wait is not announced
AT_HOME = 0.7  # seconds before the imports start, in which the browser fetches the home page's pictures


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Limit the memory arenas, make Streamlit drop forged control states, set TCP_NODELAY on the server's sockets."""
    few_arenas()
    drop_forged()
    send_at_once()


def import_behind() -> None:
    """Import everything that the pages need in a background thread, once per process."""
    _IMPORTS.start(AT_HOME)


def wait_for(page: str) -> None:
    """Wait until the demo of that page is imported. A longer wait shows what is being imported."""
    # The element is made in every run, used or not: if it came and went, all later elements would change their place,
    # and the browser would build them anew.
    place, began = st.empty(), time.monotonic()
    said = False

    def say(words: str) -> None:
        nonlocal said
        st.session_state.get("-")  # at this access Streamlit ends a run whose visitor has moved on
        if time.monotonic() - began > QUIET:
            said = True
            place.info(f"The server has just started and loads what this page needs, once: {words} …")

    _IMPORTS.wait(page, say)
    if said:
        place.empty()


def _torch() -> None:
    """Import torch and give it one thread: the process serves each visitor in a thread of its own, on few cores."""
    import torch

    torch.set_num_threads(1)


def _rest() -> None:
    for name in HEAVY:
        importlib.import_module(name)


def _freeze() -> None:
    """Exempt all imported objects from garbage collection, and return what only the imports needed.

    Streamlit collects garbage after every run of a page, and to walk the objects of torch, SciPy and pandas takes
    200 ms each time.
    """
    gc.collect()
    gc.freeze()
    give_back()
    unmap_libraries()
    give_back_at_rest()


_IMPORTS = Imports(
    [
        Step("torch", "PyTorch", _torch),
        *(Step(name, f"the page “{entry.title}”", partial(family, name)) for name, entry in menu().items()),
        Step("rest", "SciPy and pandas", _rest),
    ],
    finish=_freeze,
)
