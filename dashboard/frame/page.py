"""The frame that every demo's page has: title, equation, scenes, picture, controls, checks, notes, mathematics, code.

controls = Controls(family("langevin"))
frame = Frame(controls)
with frame.side:
    controls.draw_group("main")
    controls.draw_rest()
with frame.picture:
    result = frame.run(lambda payload: player(payload, key="langevin-player"))
frame.report(result)
if not frame.embedded:
    with frame.below:
        ...charts...
frame.close()
"""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.frame.share_link import share_button
from dashboard.frame.verdict import draw_verdict
from dashboard.runtime.run import let_pictures_pass, run_demo
from demos.contract import Config, Result

STYLE = f"<style>{(Path(__file__).parent / 'style.css').read_text(encoding='utf-8')}</style>"
PICTURE, SIDE = 3.4, 1.0  # relative widths
# CSS pixels of the window that the player leaves free below it: for four checks, or for the one line.
RESERVE, RESERVE_EMBEDDED = 140, 60
EMBEDDED = "<style>[data-testid='stMainBlockContainer'] { padding: 0.5rem 1rem 0 !important; }</style>"


def style(embedded: bool = False) -> None:
    """The page's own style rules; once a run, before anything that uses them."""
    st.html(STYLE + EMBEDDED if embedded else STYLE)


class Frame:
    """The places of a page, made in the order in which they appear.

    embedded: only the picture, a line of checks and a button for the controls.
    side, picture, below: where the controls, the player and the charts go. extra: for the player, by way of `run_demo`.
    """

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self.embedded = bool(st.context.is_embedded)
        self.extra = {"compact": True, "reserve": RESERVE_EMBEDDED if self.embedded else RESERVE}
        style(self.embedded)
        (self._embedded if self.embedded else self._whole)()

    def _whole(self) -> None:
        controls = self._controls
        with st.container(key="head", gap="xsmall"):
            name, equation = st.columns([4, 3], vertical_alignment="center")
            with name:
                st.title(controls.family.title, anchor=False)
                st.html(f'<p class="gf-sentence">{escape(controls.family.sentence)}</p>')
            with equation.container(horizontal_alignment="right", key="equation"):
                st.latex(controls.demo.equation_of(controls.config), width="content")
            controls.member_row()
            scene = controls.scene_row()
            st.caption(scene.sentence if scene else "Your own settings: choose a scene to begin anew.")
        self._refusals = _refusals(controls)
        left, right = st.columns([PICTURE, SIDE], gap="medium")
        self.side = right.container(key="side", gap="small")
        self.picture = left.container(key="picture", gap="small")
        self._checks = left.container(key="checks", gap="small")
        with right.container(key="share", horizontal=True, gap="small"):
            st.button("Reset", on_click=controls.reset, type="tertiary", icon=":material/undo:")
            share_button(controls.family, controls.config)
        self.below = st.container(key="below")

    def _embedded(self) -> None:
        self.picture = st.container(key="picture", gap=None)
        with st.container(key="strip", horizontal=True, vertical_alignment="center", gap="small"):
            self._checks = st.container(key="checks", width="stretch")
            self.side = st.popover("Controls", type="tertiary", icon=":material/tune:")
        with self.side:
            self._refusals = _refusals(self._controls)
            self._controls.member_row()
            self._controls.scene_row()
        self.below = st.container(key="below")

    @property
    def last_good(self) -> Config | None:
        """The config of the last picture that this session saw on this page."""
        return st.session_state.get(f"{self._controls.family.name}-good")

    def run(self, draw: Callable[[bytes], Any] | None = None) -> Result:
        """The result of the controls' config. What the demo refuses is reported, and the last good picture stays.

        draw: draws the payload, here and as soon as it is known: the checks and tables may take longer.
        """
        family, config = self._controls.family, self._controls.config
        sent = [time.monotonic()]

        def drawn(payload: bytes) -> None:
            if draw is not None:
                draw(payload)
            sent[0] = time.monotonic()

        try:
            result, _ = run_demo(self._controls.demo, config, drawn, **self.extra)
        except ValueError as problem:
            self._refusals.warning(plain(str(problem)))
            good = self.last_good or family.default.config()
            return run_demo(family.member_of(good), good, draw, **self.extra)[0]
        st.session_state[f"{family.name}-good"] = config
        let_pictures_pass(sent[0])
        return result

    def report(self, result: Result) -> None:
        """The verdict, what the settings break, and what happened, under the picture."""
        with self._checks:
            if self.embedded:
                draw_verdict(result.verdict, embedded=True)
                return
            draw_verdict(result.verdict)
            for warning in result.warnings:
                st.warning(plain(warning))
            for note in result.notes:
                st.caption(plain(note))

    def close(self) -> None:
        """The article "How it works", and the Python that gives this very picture. The last call of a page."""
        if self.embedded:
            self._controls.finish()
            return
        demo = self._controls.demo
        with st.expander("How it works"):
            st.markdown(demo.explanation)
        with st.expander("Code"):
            st.code(demo.code(self._controls.config), language="python")
        self._controls.finish()


def _refusals(controls: Controls) -> Any:
    # Always an element: one that comes and goes would move all that follows, and the browser would build it anew.
    place = st.empty()
    if controls.refused:
        place.warning("  \n".join(plain(sentence) for sentence in controls.refused))
    return place


def plain(text: str) -> str:
    """The text as Markdown that shows it as it is: a sentence may quote what a visitor typed."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+-.!|$<>~:&" else letter for letter in text)
