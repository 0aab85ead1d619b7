"""What is done once per server process, before its first page: imports, threads, the garbage collector."""

from __future__ import annotations

import gc
import importlib

import streamlit as st

from dashboard.runtime.memory import give_back, spare

HEAVY = ("pandas", "scipy.integrate", "scipy.linalg", "scipy.optimize", "scipy.sparse.linalg", "scipy.special")


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Import everything heavy, keep torch on one thread, and freeze what was imported.

    One thread: a process serves several visitors on few cores, each in a thread of its own. Freezing: Streamlit
    collects garbage after every run of a page, and walking all that torch, SciPy and pandas brought costs 200 ms
    each time; frozen, it costs nothing.
    """
    spare()
    import torch

    torch.set_num_threads(1)
    for name in HEAVY:
        importlib.import_module(name)
    import altair

    # The first chart reads Vega-Lite's schema: not while a visitor waits.
    altair.Chart(altair.Data(values=[{"x": 0}])).mark_point().encode(x="x:Q").to_dict()
    from demos.registry import demos

    demos()
    gc.collect()
    gc.freeze()
    give_back()
