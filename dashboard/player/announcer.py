"""Says sentences to those who listen to a page: a component that shows nothing.

A live region is heard when its text changes while it stays; what Streamlit draws anew may not be. So this element
stays, and only its text changes. It is said after what the listener is hearing, and once for each new sentence.
"""

from __future__ import annotations

import streamlit as st

SAYS = """
export default function ({ data, parentElement }) {
  let region = parentElement.querySelector("[aria-live]");
  if (!region) {
    region = document.createElement("p");
    region.setAttribute("aria-live", "polite");
    region.style.cssText = "position: absolute; width: 1px; height: 1px; margin: 0; clip-path: inset(50%)";
    region.style.overflow = "hidden";
    parentElement.append(region);
  }
  if (region.textContent !== data) region.textContent = data;
}
"""

_announcer = st.components.v2.component("gradient_flow_lab_announcer", js=SAYS)


def announce(sentence: str, key: str) -> None:
    """Say it, once the page has it. `key`: of the place that speaks."""
    _announcer(key=key, data=sentence)
