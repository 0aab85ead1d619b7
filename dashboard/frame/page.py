"""The layout that all demo pages share: title, scenes, picture, controls, verdict, charts, explanation and code.

    controls = Controls(family("langevin"))
    frame = Frame(controls, controls.draw_all)
    with frame.picture:
        result = frame.run(lambda payload: player(payload, key="langevin-player"))
    frame.report(result)
    if not frame.picture_only:
        with frame.below:
            ...charts...
    frame.close()

An embedded or presented page shows the picture only: it draws no charts, which saves their computation.

Title, scenes and controls are drawn and sent before the picture is computed, so that a visitor sees a page at once. But
where the browser shows the page already and only its picture has to change (a control was turned), the picture is
computed and sent first, and they follow when it moves, or where it takes longer than 0.15 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from html import escape
from typing import Any

import streamlit as st

from dashboard.frame import failure, presenting
from dashboard.frame.controls import Controls
from dashboard.frame.experiment import draw_experiment, followed, is_done
from dashboard.frame.export_panel import export_button
from dashboard.frame.glossary import explained
from dashboard.frame.markdown import plain
from dashboard.frame.playing import playing
from dashboard.frame.share_panel import share_panel
from dashboard.frame.style import style
from dashboard.frame.verdict import draw_verdict, spoken
from dashboard.player.announcer import announce
from dashboard.runtime.held_back import HeldBack
from dashboard.runtime.run import let_pictures_pass, run_demo
from demos.common.typeset import typeset
from demos.contract import Config, Result

PICTURE, SIDE = 4.4, 1.0  # relative widths of the columns; in wide windows style.css fixes the width of the side
# CSS pixels of the window's height that the player leaves free below itself, unless its plots would become too low: on
# the whole page for the verdict's headline and three of its rows, otherwise for the headline.
RESERVE, RESERVE_EMBEDDED, RESERVE_PRESENT = 236, 76, 84
FLUSH = 0.008  # seconds; the server sends every 5 ms what a page has drawn so far
MOST_SENTENCES = 6  # about refused values, in one warning
OWN = "Your own settings: choose a scene to begin anew."


class Frame:
    """The containers of a page, made in the order in which they appear.

    draw_controls: draws the controls beside the picture, in the container `side`. embedded: whether the page shows only
    the picture, the verdict's headline and a button for the controls. present: whether it shows only the picture, its
    sentence and the verdict's headline, in large type. picture_only: whether one of the two holds. picture, below: the
    containers of the player and the charts. side: that of the controls, once they are drawn. extra: settings of the
    player, passed on by `run_demo`.
    """

    def __init__(self, controls: Controls, draw_controls: Callable[[], None]) -> None:
        self._controls, self._draw_controls = controls, draw_controls
        self.embedded = bool(st.context.is_embedded)
        self.present = presenting.presenting() and not self.embedded
        self.picture_only = self.embedded or self.present
        reserve = RESERVE_EMBEDDED if self.embedded else RESERVE_PRESENT if self.present else RESERVE
        self._playing = playing()
        self.extra = {"compact": True, "reserve": reserve} | ({"present": True} if self.present else {})
        self.extra |= self._playing.extra
        self._held = HeldBack() if self._picture_can_go_first() else None
        style(self.embedded, self.present)
        (self._embedded if self.embedded else self._presented if self.present else self._whole)()

    def _picture_can_go_first(self) -> bool:
        """Whether the browser shows this page already, with the same containers and the values of all controls."""
        key, layout = f"{self._controls.family.name}-layout", (self.embedded, self.present)
        if st.session_state.get(key) != layout:
            self._controls.browser_may_differ()  # until a run ends: this one may be left before it sent them
        st.session_state[key] = layout
        return self._controls.browser_is_current

    def surround(self) -> None:
        """Draw what surrounds the picture, the controls among it, and send it; nothing where that is done already."""
        if self._surround is None:
            return
        draw, self._surround = self._surround, None
        if self._held is not None:
            self._held.release()
        draw()
        with self.side:  # the expanders have a container of their own: controls before them come and go
            self.side, folds = st.container(gap="small"), st.container(gap="small")
        self._controls.place_folds(folds)
        with self.side:
            self._draw_controls()

    def _whole(self) -> None:
        self._head = st.container(key="head", gap=None)
        self._refusals = _refusals(self._controls, self._playing.refused)
        left, self._right = st.columns([PICTURE, SIDE], gap="small")
        self.picture = left.container(key="picture", gap="small")
        self._checks = left.container(key="checks", gap="small")
        self.below = st.container(key="below")
        self._surround: Callable[[], None] | None = self._surround_whole

    def _surround_whole(self) -> None:
        controls = self._controls
        with self._head:
            with st.container(key="name"):  # for screen readers only: the navigation shows the title already
                st.title(controls.family.title, anchor=False)
            with st.container(key="band", horizontal=True, vertical_alignment="center", gap="small"):
                controls.member_menu()
                controls.scene_row()
                with st.container(key="begin", width="content"):
                    st.button("Present", on_click=presenting.begin, type="tertiary", icon=":material/slideshow:")
            words = f"{self._scene_title()}{explained(self._sentence())}{self._instruction()}"
            st.html(f'<p class="gf-scene" data-scene-words>{words}</p>')
        with self._right.container(key="drawer", gap="small"):
            draw_experiment(controls)
            self.side = st.container(key="side", gap="small")
            with st.container(key="actions", horizontal=True, gap="small"):
                st.button("Reset", on_click=controls.reset, type="tertiary", icon=":material/undo:")
                share_panel(controls)
                export_button(controls.family, controls.config, self.extra)

    def _scene_title(self) -> str:
        """The scene's title as HTML; "" where no scene is shown."""
        scene = self._controls.scene
        return "" if scene is None else f"<b>{typeset(_with_full_stop(scene.title))}</b> "

    def _instruction(self) -> str:
        """The instruction of the scene's experiment, which follows the sentence as HTML.

        It is visible only where the controls, which show it too, are hidden to give the picture the whole width.
        """
        scene = self._controls.scene
        return (
            ""
            if scene is None or scene.tries is None
            else f' <i class="gf-order">Try: {typeset(scene.tries.instruction)}</i>'
        )

    def _sentence(self) -> str:
        """The scene's sentence, or the outcome of its experiment once the visitor has done it."""
        controls = self._controls
        if controls.scene is not None:
            return controls.scene.sentence
        tried = followed(controls)
        if tried is not None and tried.tries is not None and is_done(tried, controls.config):
            return tried.tries.outcome
        return OWN

    def _embedded(self) -> None:
        self.picture = st.container(key="picture", gap=None)
        with st.container(key="strip", horizontal=True, vertical_alignment="center", gap="small"):
            self._checks = st.container(key="checks", width="stretch")
            if self._playing.controls:
                self.side = st.popover("Controls", type="tertiary", icon=":material/tune:")
            else:  # the controls are drawn, so that they keep their values, but style.css hides them
                self.side = st.container(key="unseen")
        self._words = st.empty()
        self.below = st.container(key="below")
        self._surround = self._surround_embedded

    def _surround_embedded(self) -> None:
        with self.side:
            self._refusals = _refusals(self._controls, self._playing.refused)
            self._controls.member_menu()
            self._controls.scene_row()
        self._words.html(f'<p class="gf-hidden" data-scene-words>{explained(self._sentence())}</p>')

    def _presented(self) -> None:
        self._head = st.container(key="head", gap=None)
        self.picture = st.container(key="picture", gap=None)
        self._checks = st.container(key="checks")
        self._corner = st.container(key="corner", horizontal=True, gap="small")
        presenting.listen(f"{self._controls.family.name}-keys", self._controls.go)
        self.below = st.container(key="below")
        self._surround = self._surround_presented

    def _surround_presented(self) -> None:
        controls, scene = self._controls, self._controls.scene
        title, sentence = escape(scene.title if scene else controls.demo.title), explained(self._sentence())
        with self._head:
            st.html(f'<h1 class="gf-title">{title}</h1><p class="gf-scene" data-scene-words>{sentence}</p>')
        with self._corner:
            for name, step, icon in (("Previous scene", -1, "chevron_left"), ("Next scene", 1, "chevron_right")):
                st.button(name, on_click=controls.go, args=(step,), type="tertiary", icon=f":material/{icon}:")
            self.side = st.popover("Controls", type="tertiary", icon=":material/tune:")
            st.button("Leave (Esc)", on_click=presenting.leave, type="tertiary", icon=":material/close:")
        with self.side:
            self._refusals = _refusals(controls, self._playing.refused)
            controls.member_menu()
            controls.scene_row()

    @property
    def last_good(self) -> Config | None:
        """The config of the last picture that this session computed on this page without an error."""
        return st.session_state.get(f"{self._controls.family.name}-good")

    def run(self, draw: Callable[[bytes], Any] | None = None) -> Result:
        """The result of the controls' config.

        If the demo refuses the config, or an unexpected exception occurs, the page shows a message and the last picture
        without an error, whose result is returned. If the exception occurs when the picture is drawn already, the page
        ends with the message, because a page cannot draw its player twice. draw: draws the payload here, as soon as it
        is known, which is before the checks and tables are computed.
        """
        family, config = self._controls.family, self._controls.config
        sent: list[float] = []  # when the picture was drawn
        if self._held is None:
            self.surround()
            time.sleep(FLUSH)  # the browser draws it, on another core, while the picture is computed

        def drawn(payload: bytes) -> None:
            if draw is not None:
                with nullcontext() if self._held is None else self._held.passing():
                    draw(payload)
            sent.append(time.monotonic())

        try:
            result, _ = run_demo(self._controls.demo, config, drawn, self.surround, **self.extra)
        except Exception as problem:
            self._controls.browser_may_differ()
            self.surround()
            good = self._instead(problem, bool(sent))
            return run_demo(family.member_of(good), good, draw, self.surround, **self.extra)[0]
        st.session_state[f"{family.name}-good"] = config
        let_pictures_pass(sent[0])
        self.surround()
        return result

    def _instead(self, problem: Exception, is_drawn: bool) -> Config:
        """Say what `problem` was, and return the config to show instead; end the page where there is none."""
        family, config, default = self._controls.family, self._controls.config, self._controls.family.default.config()
        if failure.is_refusal(problem) and not is_drawn:
            self._refusals.warning(plain(str(problem)))
            return self.last_good or default
        address = f"/{family.name}?{family.query(config)}"
        good = next((one for one in (self.last_good, default) if one not in (None, config)), None)
        if good is None or is_drawn:
            failure.report(self._refusals, problem, address)
            st.stop()
        failure.report(self._refusals, problem, address, "This is the last picture that worked.")
        return good

    def report(self, result: Result) -> None:
        """Draw the verdict, the result's warnings and its notes under the picture."""
        with self._checks:
            with st.container(key="said"):
                announce(spoken(result.verdict), key=f"{self._controls.family.name}-said")
            if self.picture_only:
                draw_verdict(result.verdict, embedded=True)
                return
            draw_verdict(result.verdict, key=f"{self._controls.family.name}-rows")
            for warning in result.warnings:
                st.warning(plain(warning))
            for note in result.notes:
                st.caption(plain(note))

    def close(self) -> None:
        """Draw the article "How it works" and the Python code of the picture. It must be the last call of a page."""
        if self.picture_only:
            self._controls.finish()
            return
        demo = self._controls.demo
        key = self._controls.family.name  # with a key the browser remembers whether the expander is open
        with st.expander("How it works", key=f"{key}-how"):
            with st.container(key="equation", gap=None):
                st.markdown(self._controls.family.sentence)
                st.latex(demo.equation_of(self._controls.config))
                if demo.formula:
                    st.latex("E = " + demo.formula)
            st.markdown(demo.explanation)
        with st.expander("Code", key=f"{key}-code"):
            st.code(demo.code(self._controls.config), language="python")
        self._controls.finish()


def _with_full_stop(title: str) -> str:
    """The title with a full stop, unless it ends with a punctuation mark."""
    return title if title.endswith(("?", "!", ".")) else f"{title}."


def _refusals(controls: Controls, more: tuple[str, ...]) -> Any:
    # The element is made in every run, used or not: if it came and went, all later elements would change their place,
    # and the browser would build them anew.
    place = st.empty()
    sentences = (*controls.refused, *more)
    shown = [plain(sentence) for sentence in sentences[:MOST_SENTENCES]]
    if len(sentences) > MOST_SENTENCES:  # a link may hold a thousand parameters
        shown.append(f"And {len(sentences) - MOST_SENTENCES} more.")
    if shown:
        place.warning("  \n".join(shown))
    return place
