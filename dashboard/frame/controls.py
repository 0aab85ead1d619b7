"""The controls of a page: one Streamlit widget for every field of the config, whose values the page's address stores.

    controls = Controls(family("langevin"))
    config = controls.config            # known before anything is drawn
    controls.draw("step")               # draws the control of one field here
    controls.draw_group("main")         # draws all controls of a group
    controls.draw_rest()                # draws the groups that are left, each in an expander
    ...
    controls.finish()                   # at the end of the page (`Frame.close` calls it)

A field whose control is not drawn keeps its value. A field without effect on the present config (`Config.unused`) is
never drawn. Values from the browser are untrusted: where the config refuses one, the page says so in a sentence and
keeps the last valid config.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from dashboard.frame import address, playing, presenting
from dashboard.frame.visit import VISIT
from dashboard.frame.widgets import draw
from dashboard.runtime.resume import rehearsing
from demos.contract import Config, Demo, Family, Scene

REMEMBERED = 20  # our latest addresses: the browser may still send any of them, until it has received the last


@dataclass
class _State:
    """What the session stores about a page between two runs of its script."""

    config: Config  # the last valid one
    refusals: tuple[str, ...] = ()  # sentences about values that the address or a callback set and the config refused
    seen: list[Any] = field(default_factory=list)  # addresses read or written since browser and server last agreed
    visit: int = 0  # the value of the session's counter `VISIT` in the last run
    drawn: set[str] = field(default_factory=set)  # keys of the widgets that the last run drew
    alive: frozenset[str] = frozenset()  # keys of the widgets that existed when the last run began
    finished: bool = False  # whether the last run was complete: only then Streamlit drops the widgets it did not draw
    browser_is_current: bool = False  # see `Controls.browser_is_current`


class Controls:
    """The controls of one page in one run of its script. Make it before any of its controls is drawn.

    family: the demos of the page. demo: the member that is shown. config: the visitor's settings, always valid.
    refused: one sentence for every value that was refused. others: parameters of the address that belong to no demo;
    they are left unchanged.
    """

    def __init__(self, family: Family, others: Iterable[str] = (presenting.PARAMETER, *playing.PARAMETERS)) -> None:
        self.family, self._others = family, frozenset(others)
        self._placed: tuple[str, Any] | None = None
        self._folds: Any = None
        self.refused: tuple[str, ...] = ()
        self._state = self._read()
        self.config: Any = self._state.config
        self.demo: Demo = family.member_of(self.config)
        self._fields, self._unused, self._marks = self.config.controls(), self.config.unused(), self.config.marks()
        address.write(family, self.config, self._others)
        self._remember()

    def key(self, name: str) -> str:
        """The session-state key of a field's widget; its CSS class in the page is st-key- followed by this key."""
        return self._widget_key(self.demo, name)

    def _widget_key(self, demo: Demo, name: str) -> str:
        # Fields of two members may have the same name but other options, so each member has its own widgets.
        return self._page_key(name if len(self.family.members) == 1 else f"{demo.name}-{name}")

    def _page_key(self, name: str) -> str:
        return f"{self.family.name}-{name}"

    def _read(self) -> _State:
        values = address.read(self.family, self._others)
        now, back, visit = address.stamp(values), address.went_back(), st.session_state.get(VISIT, 0)
        state: _State | None = st.session_state.get(self._page_key("state"))
        if state is not None and not back and (now in state.seen or (visit != state.visit and not values)):
            if now == state.seen[-1]:
                # The browser has our latest address: if it sends an older one from now on, the visitor went back.
                del state.seen[:-1]
            remaining = state.drawn if state.finished else state.drawn | state.alive
            state.alive = frozenset(remaining if visit == state.visit else ())
            state.browser_is_current &= visit == state.visit
            state.drawn, state.finished, state.visit = set(), False, visit
            self._take(state)
            return state
        # The address was changed, but not by this page: by a link, the back button, or the page that embeds this one.
        _, config, self.refused = self.family.read(values)
        state = st.session_state[self._page_key("state")] = _State(config, self.refused, [now], visit)
        return state

    def _take(self, state: _State) -> None:
        """Set the config from the values of the widgets.

        A refused value is replaced by the last valid one, in its widget too. Where each value is allowed but the config
        refuses their combination, the widgets keep them, so that the visitor can correct one, and the config does not
        change.
        """
        values, refused, before = {}, [], state.config
        for name, control in before.controls().items():
            try:
                values[name] = control.read(name, self._value(name, state))
            except (ValueError, TypeError) as problem:
                values[name] = getattr(before, name)
                refused.append(str(problem))
                self._set(name, before)
                state.browser_is_current = False
        adapted = type(before).adapt(before, values)
        try:
            config = type(before)(**adapted)
        except ValueError as problem:
            self.refused = (*refused, str(problem))
            return
        for name in adapted:
            if adapted[name] != values[name]:
                self._set(name, config)
                state.browser_is_current = False
        if config != before:
            state.config, state.refusals = config, ()
        self.refused = (*state.refusals, *refused)

    def _value(self, name: str, state: _State) -> Any:
        # After Streamlit has dropped a widget, the session state under its key is out of date.
        key, present = self._widget_key(self.family.member_of(state.config), name), getattr(state.config, name)
        return st.session_state.get(key, present) if key in state.alive else present

    def _set(self, name: str, config: Config) -> None:
        value, key = getattr(config, name), self._widget_key(self.family.member_of(config), name)
        st.session_state[key] = list(value) if isinstance(value, tuple) else value

    def _remember(self) -> None:
        now = address.stamp(address.read(self.family, self._others))
        if self._state.seen[-1] != now:
            self._state.seen = [*self._state.seen, now][-REMEMBERED:]

    # -- drawing

    def draw(self, name: str, label: str | None = None, help: str | None = None) -> None:
        """Draw the control of one field here; `label` and `help` replace the field's own."""
        key = self.key(name)
        if name in self._unused or key in self._state.drawn:
            return
        self._state.drawn.add(key)
        if key not in self._state.alive:
            self._set(name, self.config)
        place = self._placed[1] if self._placed and self._placed[0] == name else None
        if place is not None:
            st.empty()  # holds its place here, so that the browser need not build the controls after it anew
        with nullcontext() if place is None else place:
            marks = self._marks.get(name, () if name in self.demo.marked else None)
            draw(self._fields[name], key, getattr(self.config, name), label, help, marks)

    def place_control(self, name: str, place: Any) -> None:
        """Make the later call that draws this field's control draw it in the container `place`."""
        self._placed = (name, place)

    def place_folds(self, place: Any) -> None:
        """Make `draw_rest` draw its expanders in the container `place`, where no control before them moves them."""
        self._folds = place

    def draw_group(self, group: str, leave: Iterable[str] = ()) -> None:
        """Draw every control of a group that is not drawn yet, except those of the fields `leave`."""
        for name in self._undrawn(group, leave):
            self.draw(name)

    def draw_all(self) -> None:
        """Draw all controls that are not drawn yet: those of the group "main", and the others in expanders."""
        self.draw_group("main")
        self.draw_rest()

    def draw_rest(self, leave: Iterable[str] = (), expanded: bool = False) -> None:
        """Draw the controls that are not drawn yet, except those of the fields `leave`: each group in an expander."""
        leave = frozenset(leave)
        if self._placed:
            self.draw(self._placed[0])
        with self._folds or nullcontext():
            for group in dict.fromkeys(control.group for control in self._fields.values()):
                self._fold(group, leave, expanded)

    def _fold(self, group: str, leave: frozenset[str], expanded: bool) -> None:
        if not self._undrawn(group, leave):
            st.empty()  # holds the place: the browser would build the expanders after it anew, without the focus
            return
        # With a key the browser remembers which expanders are open.
        with st.expander(group[:1].upper() + group[1:], expanded=expanded, key=self.key(f"fold-{group}")):
            undrawn = self._undrawn(group, leave)
            for name, control in self._fields.items():
                if name in undrawn:
                    self.draw(name)
                elif control.group == group and self._placed and self._placed[0] == name:
                    st.empty()

    def _undrawn(self, group: str, leave: Iterable[str]) -> list[str]:
        placed = {self._placed[0]} if self._placed else set()
        left_out = self._unused | frozenset(leave) | (placed if group != "main" else set())
        return [
            name
            for name, control in self._fields.items()
            if control.group == group and name not in left_out and self.key(name) not in self._state.drawn
        ]

    def member_menu(self) -> None:
        """Draw a menu of the family's members, where it has several. Choosing one shows its first scene."""
        members, key = self.family.members, self._page_key(f"{self.family.parameter}-row")
        if len(members) == 1:
            return
        st.session_state[key] = self.demo.name

        def chosen() -> None:
            demo = members.get(st.session_state.get(key) or "")
            if demo is not None:
                self.put(demo.scenes[0].config if demo.scenes else demo.config())

        st.selectbox(
            self.family.label, list(members), format_func=lambda name: members[name].title, key=key,
            on_change=chosen, label_visibility="collapsed", width=190,
        )  # fmt: skip

    def scene_row(self, label: str = "Scenes") -> None:
        """Draw the member's scenes as a row of choices; the scene whose config is shown is marked."""
        by_name = {scene.name: scene for scene in self.demo.scenes}
        key = self.key("scene")
        st.session_state[key] = self.scene.name if self.scene else None

        def chosen() -> None:
            scene = by_name.get(st.session_state.get(key) or "")
            if scene is not None:
                self.put(scene.config)

        st.pills(
            label, list(by_name), format_func=lambda name: by_name[name].short, key=key, on_change=chosen,
            label_visibility="collapsed", wrap=True,
        )  # fmt: skip

    @property
    def scene(self) -> Scene | None:
        """The scene whose config is shown; None where the config is no scene's."""
        return next((scene for scene in self.demo.scenes if scene.config == self.config), None)

    def go(self, step: int) -> None:
        """Show the next scene (step 1) or the one before (step -1); to be called from a callback."""
        scenes = self.demo.scenes
        now = next((i for i, scene in enumerate(scenes) if scene.config == self._state.config), -1 if step > 0 else 0)
        if scenes:
            self.put(scenes[(now + step) % len(scenes)].config)

    @property
    def browser_is_current(self) -> bool:
        """Whether the browser shows this page already, and its controls have the values of the config: the visitor
        changed them there, and nothing was set here since the page was last drawn to its end."""
        return self._state.browser_is_current

    def browser_may_differ(self) -> None:
        """Record that the browser's page may be another one than the next run draws."""
        self._state.browser_is_current = False

    def finish(self) -> None:
        """Record that the page is drawn to its end."""
        self._state.finished = True
        self._state.browser_is_current = not rehearsing()

    # -- changes, to be made from a callback

    def put(self, config: Config) -> None:
        """Set every field to the value of `config`, which may be another member's.

        To be called from a callback, or before any control is drawn; in the latter case run the page again.
        """
        self._state.config, self._state.refusals = config, ()
        self.browser_may_differ()
        for name in config.controls():
            self._set(name, config)

    @property
    def current(self) -> Any:
        """The config as it is in a callback: with the changes that other callbacks have made since it was drawn."""
        return self._state.config

    def change(self, **values: Any) -> None:
        """Set some fields; to be called from a callback. If the config refuses them, nothing is changed, and the next
        run says why."""
        try:
            self.put(self._state.config.replace(**values))
        except (ValueError, TypeError) as problem:
            self.refuse(str(problem))

    def refuse(self, sentence: str) -> None:
        """Make the next run show `sentence`, which says why something was refused; to be called from a callback."""
        self._state.refusals = (sentence,)

    def reset(self) -> None:
        """Set every field to the default of the family's default member; to be called from a callback."""
        self.put(self.family.default.config())
