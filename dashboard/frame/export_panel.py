"""The Export panel, which offers the page as files: HTML, notebook, code, tables, arrays and settings.

A file is made when the visitor asks for it, and dropped when the panel is closed or the settings change. The browser
makes the others from what it has drawn: the player saves the picture (PNG, GIF, WebP, video), the charts save
themselves.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from dashboard.frame import failure
from dashboard.frame.chart_files import chart_files
from dashboard.frame.markdown import plain
from dashboard.frame.share_panel import link
from dashboard.frame.widgets import at_most, short_number
from dashboard.runtime.run import one_at_a_time, run_demo
from demos.contract import Config, Control, Demo, Family, Result

MOST_STATES = 12  # configs in one page with a slider
LARGEST = 24 << 20  # bytes of one file, which stays in memory until the visitor has saved it
FACTOR = 4.0  # proposed values on a log scale reach from the present value divided by this to the value times this
ELSEWHERE = (
    "PNG at twice the sharpness, GIF, WebP and video: **Save** under the picture, as it is shown there. "
    "Charts as PNG, with their data: the buttons over each chart."
)
CHARTS = "charts"


@dataclass(frozen=True)
class Request:
    """What the visitor wants a file of: the page's config, and the link to it."""

    family: Family
    demo: Demo
    config: Config
    link: str
    extra: Mapping[str, Any]  # settings of the page's player, as for `run_demo`

    def run(self, config: Config | None = None) -> tuple[Result, bytes]:
        """The result (without the layers of its picture) and the payload of `config`, by default the page's config."""
        return run_demo(self.demo, config or self.config, None, **self.extra)


def export_button(family: Family, config: Config, extra: Mapping[str, Any]) -> None:
    """Draw the button that opens the panel; `extra` as for `run_demo`."""
    demo = family.member_of(config)
    address = link(family, config, st.context.url or "")
    _panel(Request(family, demo, config, address, extra))


@st.fragment
def _panel(request: Request) -> None:
    place = st.popover("Export", icon=":material/download:", type="tertiary", on_change="rerun", key="export")
    made = "export-made"  # key of the session state: (kind and configs, file name, bytes)
    if not place.open:
        st.session_state.pop(made, None)
        return
    with place:
        labels = {name: kind.label for name, kind in KINDS.items()} | {CHARTS: "Charts (SVG)"}
        kind = st.selectbox(
            "File", list(labels), format_func=lambda name: labels.get(name, "") or name, key="export-kind"
        )
        if kind == CHARTS:
            st.session_state.pop(made, None)
            chart_files(request.demo.name)
            return
        if kind not in KINDS:  # a forged message
            return
        chosen = KINDS[kind]
        configs = _states(request) if chosen.several else ()
        key = (kind, request.config, configs)
        if st.button("Make", key="export-make", type="primary", disabled=chosen.several and len(configs) < 2):
            st.session_state.pop(made, None)
            try:
                st.session_state[made] = (key, *_make(chosen, request, configs))
            except Exception as problem:
                if failure.is_refusal(problem):
                    st.warning(plain(str(problem)))
                else:
                    failure.report(st.empty(), problem, request.link)
        found = st.session_state.get(made)
        if found is not None and found[0] != key:  # the file was made for other settings: drop it
            del st.session_state[made]
            found = None
        if found is not None:
            _, name, content = found
            size = f"{len(content) / 1e6:.1f} MB" if len(content) >= 1e5 else f"{len(content) / 1e3:.0f} kB"
            st.download_button(
                f"Save {name} ({size})", content, name, mime=chosen.mime, on_click="ignore", key="export-save"
            )
        st.caption(ELSEWHERE)


def _make(kind: Kind, request: Request, configs: Sequence[Config]) -> tuple[str, bytes]:
    """The name and the bytes of a file. Raises ValueError if it is too large or the demo refuses a config."""
    content = kind.make(request, configs)
    if len(content) > LARGEST:
        raise ValueError(f"This file would hold {len(content) / 1e6:.0f} MB; at most {LARGEST >> 20} MB are made here.")
    from demos.export.words import scene_of

    scene = scene_of(request.demo, request.config)
    return f"{request.demo.name}{f'-{scene.name}' if scene else ''}{kind.suffix}", content


# -- several states


def _states(request: Request) -> tuple[Config, ...]:
    """Draw the choice of a field and of its values; return the config with each of them, for a page with a slider."""
    config = request.config
    found = [(name, control) for name, control in config.controls().items() if turnable(name, control, config)]
    fields = dict(sorted(found, key=lambda item: item[1].kind == "choice"))  # numbers first
    if not fields:
        st.info("This page has no control to turn.")
        return ()
    name = st.selectbox("Control to turn", list(fields), format_func=lambda n: fields[n].label, key="export-field")
    if name not in fields:  # a field that was chosen on another page
        return ()
    proposed = proposals(fields[name], getattr(config, name))
    shown = {short_number(value) if isinstance(value, int | float) else value: value for value in proposed}
    labels = fields[name].options
    at_most(f"export-values-{name}", MOST_STATES)
    chosen = st.multiselect(
        "Its values", list(shown), list(shown)[:MOST_STATES], max_selections=MOST_STATES, select_all=False,
        format_func=lambda text: labels.get(text, text), accept_new_options=not labels, key=f"export-values-{name}",
    )  # fmt: skip
    configs, refused = configs_of(config, name, [shown.get(text, text) for text in chosen])
    for sentence in refused:
        st.warning(plain(sentence))
    return configs


def turnable(name: str, control: Control, config: Config) -> bool:
    """Whether a slider over the values of this field makes sense."""
    if name in config.unused() or control.kind not in ("number", "whole", "choice"):
        return False
    return control.group in ("main", "run") or name == "seed"


def proposals(control: Control, value: Any) -> list[Any]:
    """The values proposed for the slider: about seven numbers around the present one, within the field's limits; for a
    choice, all its options."""
    if control.kind == "choice":
        return list(control.options)
    low, high = control.low, control.high
    if control.kind == "whole" and high - low > 1e6:  # a seed: propose the next ones
        return list(range(value, min(int(high), value + 6) + 1))
    if control.scale == "log" and value > 0:
        values = np.geomspace(max(low, value / FACTOR), min(high, value * FACTOR), 7)
    else:
        reach = (high - low) / 4 if np.isfinite(high - low) else 3.0
        values = np.linspace(max(low, value - reach), min(high, value + reach), 7)
    rounded = [float(f"{one:.2g}") for one in values]
    inside = {*(one for one in rounded if low <= one <= high), value}
    return sorted({round(one) for one in inside} if control.kind == "whole" else inside)


def configs_of(config: Config, name: str, values: Sequence[Any]) -> tuple[tuple[Config, ...], tuple[str, ...]]:
    """(The config with each of the values, numbers in rising order; one sentence for each refused value).

    Other fields are adapted to the value, as on the page."""
    found: dict[Any, Config] = {}
    refused: list[str] = []
    for value in values:
        other, sentences = type(config).read({name: value}, config)
        refused += sentences
        if not sentences:
            found[getattr(other, name)] = other
    numbers = all(isinstance(value, int | float) for value in found)
    return tuple(found[value] for value in (sorted(found) if numbers else found)), tuple(refused)


# -- one function for each kind of file; it imports its exporter when it is called


def _page(request: Request, configs: Sequence[Config]) -> bytes:
    from demos.export import standalone

    result, payload = request.run()
    return standalone(request.demo, request.config, result, link=request.link, payload=payload).encode()


def _pages(request: Request, configs: Sequence[Config]) -> bytes:
    from demos.export import Run, standalone_of_several

    runs, size = [], 0
    for config in configs:
        result, payload = request.run(config)
        size += len(payload)
        if size > LARGEST:
            raise ValueError(f"These states hold more than {LARGEST >> 20} MB: choose fewer values.")
        runs.append(Run(config, result, payload, link(request.family, config, request.link)))
    return standalone_of_several(request.demo, runs, st.session_state.get("export-field", "")).encode()


def _zip(suffix: str) -> Callable[[Request, Sequence[Config]], bytes]:
    def make(request: Request, configs: Sequence[Config]) -> bytes:
        from demos.export import files

        write = {".csv": files.csv, ".parquet": files.parquet}[suffix]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, table in files.tables_of(request.run()[0]).items():
                archive.writestr(f"{name}{suffix}", write(table))
        return packed.getvalue()

    return make


def _arrays(request: Request, configs: Sequence[Config]) -> bytes:
    from demos.export import files

    demo, config = request.demo, request.config  # run again: the cache holds only the rounded numbers of the picture
    key = ("export npz", demo.name, config)
    return one_at_a_time(key, lambda progress: files.npz(demo, config, demo.run(config, progress)), "Computing")


def _json(request: Request, configs: Sequence[Config]) -> bytes:
    from demos.export import files

    return files.as_json(request.demo, request.config, request.run()[0])


def _code(request: Request, configs: Sequence[Config]) -> bytes:
    return request.demo.code(request.config).encode()


def _notebook(request: Request, configs: Sequence[Config]) -> bytes:
    from demos.export import notebook

    return notebook(request.demo, request.config, request.run()[0], request.link)


@dataclass(frozen=True)
class Kind:
    """One kind of file. make: returns its bytes. several: whether it is made of several configs."""

    label: str
    suffix: str
    mime: str
    make: Callable[[Request, Sequence[Config]], bytes]
    several: bool = False


KINDS = {
    "html": Kind("Page that plays offline (HTML)", ".html", "text/html", _page),
    "states": Kind("Offline page with a slider (HTML)", "-states.html", "text/html", _pages, several=True),
    "ipynb": Kind("Notebook (IPYNB)", ".ipynb", "application/x-ipynb+json", _notebook),
    "py": Kind("Code (Python)", ".py", "text/x-python", _code),
    "csv": Kind("Tables (CSV)", "-csv.zip", "application/zip", _zip(".csv")),
    "parquet": Kind("Tables (Parquet)", "-parquet.zip", "application/zip", _zip(".parquet")),
    "npz": Kind("Trajectory (NPZ)", ".npz", "application/octet-stream", _arrays),
    "json": Kind("Settings and verdict (JSON)", ".json", "application/json", _json),
}
