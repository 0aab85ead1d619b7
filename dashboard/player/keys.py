"""An invisible component that listens to the keys of presentation mode, which go through the scenes."""

import streamlit as st

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

keys = st.components.v2.component("gradient_flow_lab_keys", js=KEYS)
