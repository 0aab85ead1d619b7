"""A notebook that computes a run again, with its equation, code, picture, checks and charts."""

from __future__ import annotations

import json
import re
from typing import Any

from demos.contract import Chart, Config, Demo, Result
from demos.export.words import scene_of

BARS = ("left", "right", "density")


def notebook(demo: Demo, config: Config, result: Result, link: str = "") -> bytes:
    """The bytes of an .ipynb file (nbformat 4.5) that runs if `demos` is installed.

    link: the address of the page. The charts need Altair, which is installed with Streamlit.
    """
    scene = scene_of(demo, config)
    lead = "" if scene is None else f"\n\n**{scene.title}** {scene.sentence}"
    origin = f"\n\nFrom <{link}>." if link else ""
    words = f"# {demo.title}\n\n$$\n{demo.equation_of(config)}\n$$\n\n{demo.sentence}{lead}{origin}"
    cells = [
        _words(words + "\n\nIt runs where the project is installed: `pip install -e .` in its folder."),
        _code(demo.code(config).strip()),
        _words("The picture, with its verdict:"),
        _code("from demos import show\n\nshow(config, result=result)"),
        _words("Every row of the verdict, measured beside the truth and the prediction:"),
        _code("from demos.export import tables_of\n\ntables = tables_of(result)\ntables['checks']"),
    ]
    drawn = charts_of(demo, config, result)
    if drawn:
        cells += [_words("The charts of this run:"), _code(f"{_ALTAIR}\n\n{chart_code(*drawn[0])}")]
        cells += [_code(chart_code(*each)) for each in drawn[1:]]
    for i, cell in enumerate(cells):
        cell["id"] = f"cell-{i}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return (json.dumps(whole, indent=1, ensure_ascii=False) + "\n").encode()


def charts_of(demo: Demo, config: Config, result: Result) -> list[tuple[Chart, bool]]:
    """The charts of the notebook, each with whether it is split by the column "axis".

    These are the demo's charts whose tables are not empty; if there are none, one chart for each table with a series.
    """
    tables = {name: table for name, table in result.tables.items() if len(table)}
    named = [(chart, False) for chart in demo.charts(config) if chart.table in tables]
    if named:
        return named
    found = []
    for name, table in tables.items():
        numbers = [column for column in table.columns if table[column].dtype.kind in "fiu"]
        if "series" not in table.columns or len(numbers) < 2:
            continue
        title, split = name.replace("_", " ").capitalize(), "axis" in table.columns
        if all(column in numbers for column in BARS):
            found.append((Chart(name, title, "left", "density", "", "density", "", kind="bars"), split))
        else:
            x, y = numbers[:2]
            found.append((Chart(name, title, x, y, x, y, ""), split))
    return found


_ALTAIR = "import altair as alt\n\nalt.data_transformers.disable_max_rows()"


def chart_code(chart: Chart, split: bool = False) -> str:
    """Python code that draws the chart from the variable `tables` with Altair."""
    kind = {"map": "mark_square(size=40)", "bars": "mark_rect(opacity=0.7)"}.get(chart.kind, "mark_line()")
    if chart.kind == "points":
        kind = "mark_point(filled=True, size=60)"
    color = "label:N" if chart.kind == "map" else "series:N"
    x, y = _axis("X", chart.x, chart.x_title, chart.log_x), _axis("Y", chart.y, chart.y_title, chart.log_y)
    channels = [f"x={x}", f"y={y}", f"color=alt.Color({color!r}, title=None)"]
    if chart.kind == "bars":
        channels.insert(1, "x2='right'")
    if chart.kind == "map":
        channels.append("facet=alt.Facet('series:N', title=None, columns=2)")
    elif split:
        channels.append("column='axis:N'")
    body = ",\n    ".join(channels)
    positive = [name for name, log in ((chart.x, chart.log_x), (chart.y, chart.log_y)) if log]
    rows = f"tables[{chart.table!r}]" + (
        f".query({' and '.join(f'`{n}` > 0' for n in positive)!r})" if positive else ""
    )
    title = f"# {chart.sentence}\n" if chart.sentence else ""
    drawn = f"alt.Chart({rows}, title={chart.title!r}).{kind}.encode(\n    {body},\n)"
    if not chart.error:
        return title + drawn
    low, high = f"datum[{chart.y!r}] - datum[{chart.error!r}]", f"datum[{chart.y!r}] + datum[{chart.error!r}]"
    bars = (
        f"errors = points.transform_calculate(low={low!r}, high={high!r}).mark_rule().encode(\n"
        f"    y={_axis('Y', 'low', chart.y_title, chart.log_y)},\n    y2='high:Q',\n)"
    )
    return f"{title}points = {drawn}\n{bars}\npoints + errors"


def _axis(channel: str, field: str, title: str, log: bool) -> str:
    scale = "alt.Scale(type='log')" if log else "alt.Scale(zero=False)"
    name = re.sub(r"([.\[\]:\\])", r"\\\1", field)  # escape the special characters of field names in Vega-Lite
    return f"alt.{channel}({name + ':Q'!r}, title={title or field!r}, scale={scale})"


def _words(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(text: str) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": text}
