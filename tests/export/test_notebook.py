"""Notebooks: valid files, and code of charts that Altair accepts. One is run whole in tests/browser/test_export.py."""

import json

import altair as alt
import pandas as pd
import pytest

from demos.contract import Chart
from demos.export import notebook
from demos.export.notebook import chart_code, charts_of
from tests.dashboard.fake_demo import FAKE, FakeConfig

FRAME = pd.DataFrame(
    {
        "x": [1.0, 10.0, 0.0],
        "y": [2.0, 0.5, 1.0],
        "e": [0.1, 0.1, 0.1],
        "series": ["a", "b", "b"],
        "label": ["u", "v", "u"],
        "left": [0.0, 1.0, 2.0],
        "right": [1.0, 2.0, 3.0],
        "density": [0.1, 0.2, 0.3],
        "axis": ["x", "x", "y"],
    }
)


@pytest.mark.parametrize(
    ("chart", "split"),
    [
        (Chart("t", "Lines", "x", "y", "x", "y", "What it shows."), False),
        (Chart("t", "Logarithmic", "x", "y", "x", "y", "", log_x=True, log_y=True), False),
        (Chart("t", "Points", "x", "y", "x", "y", "", kind="points", error="e", log_y=True), False),
        (Chart("t", "Bars", "left", "density", "", "density", "", kind="bars"), True),
        (Chart("t", "Map", "x", "y", "x", "y", "", kind="map"), False),
    ],
)
def test_the_code_of_a_chart_draws_it(chart, split):
    space = {"alt": alt, "tables": {"t": FRAME}}
    last = chart_code(chart, split)
    if chart.error:
        body, _, last = last.rpartition("\n")
        exec(body, space)
    drawn = eval(last, space).to_dict()  # Altair validates it against its schema
    assert len(drawn.get("layer", [drawn])) == (2 if chart.error else 1)


def test_a_notebook_is_one():
    config = FakeConfig(rate=1.5)
    book = json.loads(notebook(FAKE, config, FAKE.run(config), link="http://here/fake?rate=1.5"))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    texts = {kind: [c["source"] for c in book["cells"] if c["cell_type"] == kind] for kind in ("markdown", "code")}
    words, code = "\n".join(texts["markdown"]), "\n".join(texts["code"])
    assert FAKE.equation in words and "http://here/fake?rate=1.5" in words
    assert FAKE.code(config).strip() in code


def test_tables_without_named_charts_are_drawn_by_their_columns():
    result = FAKE.run(FakeConfig())
    assert charts_of(FAKE, FakeConfig(), result) == []  # no column says which series a row is of
    result.tables["bars"] = FRAME
    ((chart, split),) = charts_of(FAKE, FakeConfig(), result)
    assert (chart.kind, chart.x, chart.y, split) == ("bars", "left", "density", True)
