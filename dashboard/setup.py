"""What is done once per server process: threads and memory before its first page, all other imports after it.

The first visitor waits for what the page itself imports, and for nothing else.
"""

from __future__ import annotations

import gc
import importlib
import threading

import streamlit as st

from dashboard.runtime.connection import send_at_once
from dashboard.runtime.memory import few_arenas, give_back

HEAVY = ("pandas", "scipy.integrate", "scipy.linalg", "scipy.optimize", "scipy.sparse.linalg", "scipy.special")


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Few memory arenas, messages that do not wait, and one torch thread: a process serves several visitors on few
    cores, each in a thread of its own."""
    few_arenas()
    send_at_once()
    import torch

    torch.set_num_threads(1)


@st.cache_resource(show_spinner=False)
def finish() -> threading.Thread:
    """After the first page: import the rest in the background, for the pages that come next."""
    thread = threading.Thread(target=_import_and_freeze, name="imports", daemon=True)
    thread.start()
    return thread


def _import_and_freeze() -> None:
    """Freezing: Streamlit collects garbage after every run of a page, and walking all that torch, SciPy and pandas
    brought costs 200 ms each time; frozen, it costs nothing."""
    from demos.registry import demos

    for name in HEAVY:
        importlib.import_module(name)
    demos()
    gc.collect()
    gc.freeze()
    give_back()
