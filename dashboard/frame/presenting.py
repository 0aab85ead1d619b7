"""Present: the picture, its sentence and its headline at the size for the last row of a hall, in `?present=true`.

←/→, ↑/↓ and Page Up/Down go through the scenes (the player has ←/→ while it has the focus), Esc leaves.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

PARAMETER = "present"  # of the address: no setting of any demo

KEYS = """
export default function ({ setTriggerValue }) {
  const steps = { ArrowRight: 1, ArrowDown: 1, PageDown: 1, ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Escape: 0 };
  const OWN = "input, textarea, select, [role=slider], [role=combobox], [role=listbox], [role=radiogroup]";
  const pressed = (event) => {
    if (!(event.key in steps) || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    if (target.closest?.(OWN)) return; // what has its own use for these keys
    if (event.key === "Escape" && document.fullscreenElement) return; // it leaves the full screen first
    event.preventDefault();
    setTriggerValue("go", steps[event.key]);
  };
  document.addEventListener("keydown", pressed);
  return () => document.removeEventListener("keydown", pressed);
}
"""

_keys = st.components.v2.component("gradient_flow_lab_keys", js=KEYS)


def presenting() -> bool:
    """Whether the address asks for it."""
    return st.query_params.get(PARAMETER) == "true"


def begin() -> None:
    """Present, from a callback."""
    st.query_params[PARAMETER] = "true"


def leave() -> None:
    """Back to the whole page, from a callback."""
    st.query_params.pop(PARAMETER, None)


def listen(key: str, go: Callable[[int], None]) -> None:
    """Hear the keys: `go(1)` on, `go(-1)` back; Esc leaves."""

    def pressed() -> None:
        step = st.session_state[key].get("go")
        if step in (1, -1):
            go(step)
        elif step == 0:
            leave()

    _keys(key=key, on_go_change=pressed, height=1)
