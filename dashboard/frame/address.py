"""The page's address stores the config, as query parameters: functions that read it, write it and compare it.

Why not Streamlit's own `bind="query-params"`: it writes labels instead of values for choices, drops the parameter of
a control that is not drawn in this run (an embedded page draws few), removes a bad value without a word, and an
address written by the command line or by `Family.query` would not be understood. Here every value goes through
`Family.read`, and the address holds exactly `Family.query`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from demos.contract import Config, Family

FOREIGN = frozenset(
    """fbclid gclid gclsrc gbraid wbraid dclid gad_source gad_campaignid srsltid msclkid yclid twclid ttclid li_fat_id
    igsh igshid mc_cid mc_eid mkt_tok vero_id _ga _gl _hsenc _hsmi ref ref_src""".split()
)
"""Tracking parameters that mail, social networks and search engines add to links: ignored without a message."""
FOREIGN_BEGINS = ("utm_", "mtm_", "pk_", "hsa_")  # beginnings of further tracking parameters


def foreign(name: str) -> bool:
    """Whether a parameter is a tracking parameter of another site."""
    return name in FOREIGN or name.startswith(FOREIGN_BEGINS)


def read(family: Family, others: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The address's parameters as `Family.read` takes them, without `others`, which belong to no demo."""
    chosen = st.query_params.get(family.parameter, "") if family.parameter else ""
    controls = family.members.get(chosen, family.default).config.controls()
    values = {}
    for name in st.query_params:
        if name in others or foreign(name):
            continue
        parts = st.query_params.get_all(name)
        joined = name in controls and controls[name].kind == "several"
        values[name] = ",".join(parts) if joined else (parts[-1] if parts else "")
    return values


def write(family: Family, config: Config, others: frozenset[str] = frozenset()) -> None:
    """Make the address store this config. One message goes to the browser, or none where the address is up to date."""
    new = {name: _written(value) for name, value in family.address(config).items()}
    if read(family, others) != new:
        kept = {name: st.query_params.get_all(name) for name in st.query_params if name in others}
        st.query_params.from_dict({**kept, **new})


def stamp(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The parameters in a form that can be compared and stored: equal for equal addresses."""
    return tuple(sorted(values.items()))


def went_back() -> bool:
    """Whether this run comes from the browser's back or forward button."""
    context = get_script_run_ctx(suppress_warning=True)
    return bool(getattr(context, "is_history_navigation", False))


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return repr(value) if isinstance(value, float) else str(value)
