"""The JavaScript of the player's components, and the invisible component that brings the player's code to the browser.

Streamlit sends a component's script with every message of the component, and its page reads and hashes all of it each
time. The player's script is long. Therefore the component that shows a picture has a short one, `LOADER`, which waits
for the code; a second component, whose message never changes and so is sent once, brings the code.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import streamlit as st

from demos.picture.player import module, without_comments

_HERE = Path(__file__).parent


def script(name: str, *before: str) -> str:
    """The script `name`.js of this folder as one module; the scripts `before` are joined to its beginning."""
    own = (_HERE / f"{name}.js").read_text(encoding="utf-8")
    return joined(*before, own)


def joined(*scripts: str) -> str:
    """One module of several scripts. Only the last one keeps its exports; lines that import are left out."""
    *first, last = scripts
    inner = [re.sub(r"^export (default )?", "", one, flags=re.MULTILINE) for one in first]
    lines = "\n".join([*inner, last]).splitlines()
    return without_comments("\n".join(line for line in lines if not line.startswith("import ")))


HIDE = (_HERE / "hide.js").read_text(encoding="utf-8")
_player = module()
_version = hashlib.blake2b(_player.encode(), digest_size=8).hexdigest()
_versions = script("versions").replace('VERSION = ""', f'VERSION = "{_version}"')
LOADER = script("loader", _versions)

_code = st.components.v2.component("gradient_flow_lab_code", js=script("code", _player, _versions, HIDE))


def bring_code(key: str) -> None:
    """Draw the component that brings the code for the player `key`. To be called in each run, after the player."""
    _code(key=f"{key}-code")
