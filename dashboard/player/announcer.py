"""Announces sentences to screen readers: an invisible component with an ARIA live region.

A screen reader announces a live region when its text changes while the element stays; an element that Streamlit draws
anew may not be announced. So this element stays, and only its text changes. The region is "polite": each new sentence
is read once, after what is being read.
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
    """Make screen readers announce the sentence. key: of the component; each key has a live region of its own."""
    _announcer(key=key, data=sentence)
