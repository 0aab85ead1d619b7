"""A visitor's own data: a file or strokes of the brush, as fields of the config, and so in the address.

What cannot be read is reported in a sentence, and the picture stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.frame.controls import Controls

Read = Callable[[str, bytes], Mapping[str, Any]]
"""From a file's name and content to the fields that it sets; ValueError, in one sentence, where it cannot be read."""


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

    def uploaded(self, read: Read) -> None:
        """A callback of the file's widget."""
        file = st.session_state.get(self.key)
        if file is not None:
            self.change(lambda: read(file.name, file.getvalue()))

    def change(self, values: Callable[[], Mapping[str, Any]]) -> None:
        """Set the fields that `values()` gives, from a callback; its ValueError is reported in the next run."""
        try:
            found = values()
        except ValueError as problem:
            self.controls.refuse(str(problem))
            return
        self.controls.change(**found)
