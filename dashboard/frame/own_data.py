"""A visitor's own data, from a file or from strokes of the brush: they become fields of the config.

So the page's address stores them too. If data cannot be read, the page says why in a sentence and keeps its picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.frame.controls import Controls
from dashboard.frame.markdown import plain

Read = Callable[[str, bytes], tuple[Mapping[str, Any], Sequence[str]]]
"""A function from a file's name and content to (the fields that it sets, sentences about how it was converted). It
raises ValueError, with one sentence, if the file cannot be read."""


class OwnData:
    """The base class for pages that accept a visitor's own data. key: the session-state key of the upload widget."""

    def __init__(self, controls: Controls, key: str) -> None:
        self.controls, self.key = controls, key

    def upload_place(self, title: str, caption: str, types: Sequence[str], read: Read, megabytes: int) -> None:
        """Draw an expander with an upload widget. types: file name endings. megabytes: the largest size."""
        with st.expander(title, key=f"{self.key}-upload"):
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
                st.caption(plain(note))  # it may quote the file

    def notes(self) -> Sequence[str]:
        """Sentences about how the last file was converted; none where its data are no longer the config's."""
        values, notes = st.session_state.get(f"{self.key}-notes", ({}, ()))
        shown = self.controls.config
        return notes if all(getattr(shown, name, None) == value for name, value in values.items()) else ()

    def uploaded(self, read: Read) -> None:
        """The callback of the upload widget: read the file and set its fields."""
        file = st.session_state.get(self.key)
        if file is not None:
            self.change(lambda: self._read(read, file.name, file.getvalue()))

    def _read(self, read: Read, name: str, content: bytes) -> Mapping[str, Any]:
        values, notes = read(name, content)
        st.session_state[f"{self.key}-notes"] = (dict(values), tuple(notes))
        return values

    def change(self, values: Callable[[], Mapping[str, Any]]) -> None:
        """Set the fields that `values()` returns; to be called from a callback. The next run shows its ValueError."""
        try:
            found = values()
        except ValueError as problem:
            self.controls.refuse(str(problem))
            return
        self.controls.change(**found)
