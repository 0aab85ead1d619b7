"""A visitor's own data: a file or strokes of the brush, as fields of the config, and so in the address.

What cannot be read is reported in a sentence, and the picture stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.frame.controls import Controls

Read = Callable[[str, bytes], tuple[Mapping[str, Any], Sequence[str]]]
"""From a file's name and content to the fields that it sets, and sentences about what was done to it; ValueError, in
one sentence, where it cannot be read."""


class OwnData:
    """What the pages that take own data share. key: the session-state key of the file's widget."""

    def __init__(self, controls: Controls, key: str) -> None:
        self.controls, self.key = controls, key

    def upload_place(self, title: str, caption: str, types: Sequence[str], read: Read, megabytes: int) -> None:
        """A fold with a place for a file."""
        with st.expander(title):
            st.caption(caption)
            st.file_uploader(
                "File",
                type=list(types),
                key=self.key,
                on_change=self.uploaded,
                args=(read,),
                label_visibility="collapsed",
                max_upload_size=megabytes,
            )
            for note in self.notes():
                st.caption(note)

    def notes(self) -> Sequence[str]:
        """What was done to the file whose data are shown."""
        values, notes = st.session_state.get(f"{self.key}-notes", ({}, ()))
        shown = self.controls.config
        return notes if all(getattr(shown, name, None) == value for name, value in values.items()) else ()

    def uploaded(self, read: Read) -> None:
        """A callback of the file's widget."""
        file = st.session_state.get(self.key)
        if file is not None:
            self.change(lambda: self._read(read, file.name, file.getvalue()))

    def _read(self, read: Read, name: str, content: bytes) -> Mapping[str, Any]:
        values, notes = read(name, content)
        st.session_state[f"{self.key}-notes"] = (dict(values), tuple(notes))
        return values

    def change(self, values: Callable[[], Mapping[str, Any]]) -> None:
        """Set the fields that `values()` gives, from a callback; its ValueError is reported in the next run."""
        try:
            found = values()
        except ValueError as problem:
            self.controls.refuse(str(problem))
            return
        self.controls.change(**found)
