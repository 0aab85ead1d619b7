"""Tests of the Vega-Lite specifications: valid by the schema, colours by index, legends with dashes, heights."""

import json
import threading

import altair
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from streamlit.delta_generator import DeltaGenerator

from dashboard.frame import charts, studies, vega
from demos.contract import Chart

SERIES = {"Euler–Maruyama": 0, "exact": 7, "exact for Euler–Maruyama": 0}
FRAME = pd.DataFrame(
    {"t": [0.0, 1.0] * 3, "F": [1.0, 0.5, 1.0, 0.4, 1.0, 0.6], "series": [name for name in SERIES for _ in range(2)]}
).assign(low=0.1, high=2.0, error=0.1)
BARS = pd.DataFrame({"left": [0.0, 1.0], "right": [1.0, 2.0], "density": [0.4, 0.6], "y": [4, 6], "series": "exact"})
CURVES = pd.DataFrame({"x": [0.0, 1.0], "density": [0.5, 0.5], "series": "exact"})
PLACES = pd.DataFrame(
    {"x": [0, 1] * 4, "y": [0, 0, 1, 1] * 2, "label": list("aabbabab"), "series": ["one"] * 4 + ["two"] * 4}
)
CONTRACT = {
    "x_title": "t",
    "y_title": "F",
    "sentence": "A sentence.",
    "table": "",
    "title": "A title",
    "x": "t",
    "y": "F",
}


def contract(kind, **rest):
    return Chart(**{**CONTRACT, **rest}, kind=kind)


KINDS = {
    "lines": lambda: charts.lines(FRAME, "t", "F", SERIES, dashed=("exact",), band=("low", "high"), log_y=True),
    "points": lambda: charts.lines(FRAME, "t", "F", {"exact": 7}, points=True, x_title="time"),
    "histogram": lambda: charts.histogram(BARS, CURVES, {"exact": 7}, dashed=("exact",)),
    "bars": lambda: charts.bars(BARS, "left", "right", "y", {"exact": 7}, x_title="x"),
    "label_maps": lambda: charts.label_maps(PLACES, "x", "y", "label", size=200),
    "orders": lambda: charts.orders(FRAME, "t", "F", SERIES, error="error", fits={"exact": (1.0, 0.5)}),
    "contract lines": lambda: studies.drawing_of(contract("lines", log_y=True), FRAME, {}),
    "contract points": lambda: studies.drawing_of(contract("points", error="error"), FRAME, {"Euler–Maruyama": 0}),
    "contract bars": lambda: studies.drawing_of(contract("bars", y="y"), BARS, {}),
    "contract map": lambda: studies.drawing_of(contract("map"), PLACES, {}),
    "dots": lambda: vega.layer(
        "a", vega.columns_of(FRAME, "t", "series"), "point", x=vega.quantity("t"), color=vega.dots(SERIES)
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_chart_is_valid_by_the_schema(kind):
    drawing = KINDS[kind]()
    spec = {**vega.specification(drawing), "datasets": {}}
    for name, columns in drawing.data.items():
        assert len({len(values) for values in columns.values()}) == 1
        spec["datasets"][name] = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    altair.Chart.from_dict(json.loads(json.dumps(spec, default=lambda value: value.item())), validate=True)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_a_column_and_no_unused_column_is_sent(kind):
    drawing = KINDS[kind]()
    spec = drawing.spec
    for part in spec.get("layer", [spec]):
        used: set[str] = set()
        _fields({name: value for name, value in part.items() if name != "data"}, used)
        assert used <= set(drawing.data[part["data"]["name"]])
    used = set()
    _fields(spec, used)
    assert set().union(*drawing.data.values()) <= used | {"error", "low", "high"}


def _fields(part, found):
    if isinstance(part, dict):
        if isinstance(part.get("field"), str):
            found.add(part["field"])
        for value in part.values():
            _fields(value, found)
    elif isinstance(part, list):
        for value in part:
            _fields(value, found)


def test_a_specification_does_not_depend_on_the_data():
    """The specification must not depend on the data: then the browser puts new data into the existing chart."""
    first, second = (charts.lines(FRAME.assign(F=FRAME["F"] * factor), "t", "F", SERIES) for factor in (1, 2))
    assert vega.specification(first) == vega.specification(second)
    assert not np.array_equal(first.data["lines"]["F"], second.data["lines"]["F"])


def test_eight_threads_draw_at_once_and_each_gets_its_own(monkeypatch):
    """Threads share no dictionary, and each chart keeps its own data: see streamlit#8409 and #11906."""
    mine, found, gate = threading.local(), {}, threading.Barrier(8)
    monkeypatch.setattr(DeltaGenerator, "_enqueue", lambda self, kind, proto, **_: mine.drawn.append(proto))

    def visit(number: int) -> None:
        mine.drawn = found[number] = []
        frame = FRAME.assign(F=FRAME["F"] + number, series=[f"{name} {number}" for name in FRAME["series"]])
        series = {f"{name} {number}": index for name, index in SERIES.items()}
        gate.wait(10)
        for _ in range(50):
            vega.draw(charts.lines(frame, "t", "F", series, dashed=list(series)[:1]), "Three curves.", key="chart")

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for number, drawn in found.items():
        assert len(drawn) == 50 and len({proto.spec for proto in drawn}) == 1
        color = json.loads(drawn[0].spec)["layer"][0]["encoding"]["color"]
        assert f"exact {number}" in color["legend"]["values"]
        for proto in drawn:
            (dataset,) = proto.datasets
            table = pa.ipc.open_stream(dataset.data.data).read_all().to_pydict()
            assert table["F"] == list(FRAME["F"] + number)
            assert {name.rsplit(" ", 1)[1] for name in table["series"]} == {str(number)}


def test_a_series_has_the_colour_of_its_index():
    domain = vega.colors(SERIES)["scale"]["domain"]
    assert [domain.index(name) for name in SERIES] == [0, 7, 8]  # index 8 has the colour of index 0
    assert len(set(domain)) == len(domain)


def test_dashes_are_in_the_legend_of_the_colours():
    encoding = charts.lines(FRAME, "t", "F", SERIES, dashed=("exact",)).spec["layer"][0]["encoding"]
    color, dash = encoding["color"], encoding["strokeDash"]
    # Vega-Lite makes one legend of two channels with the same field, domain and legend
    assert color["scale"]["domain"] == dash["scale"]["domain"] and color["legend"] == dash["legend"]
    drawn = dict(zip(dash["scale"]["domain"], dash["scale"]["range"], strict=True))
    assert [drawn[name][1] for name in SERIES] == [0, 4, 0]


def test_one_series_needs_no_legend_and_no_room_for_it():
    assert vega.colors({"one": 3})["legend"] is None
    assert vega.height_with({"one": 3}) == vega.HEIGHT
    assert vega.height_with(SERIES) == vega.HEIGHT + 2 * vega.ROW
    assert vega.height_with({"a" * 80: 0, "b": 1}) == vega.HEIGHT + 2 * vega.ROW


def test_values_that_are_not_positive_are_left_off_a_logarithmic_axis():
    frame = pd.concat([FRAME, pd.DataFrame({"t": [2.0], "F": [-1.0], "series": ["exact"]})])
    assert len(charts.lines(frame, "t", "F", SERIES, log_y=True).data["lines"]["F"]) == 6


@pytest.mark.parametrize("log", [False, True])
def test_infinite_values_stretch_no_axis(log):
    """A run that diverges ends in infinite losses."""
    frame = pd.concat([FRAME, pd.DataFrame({"t": [2.0], "F": [np.inf], "series": ["exact"]})])
    drawing = charts.lines(frame, "t", "F", SERIES, log_y=log)
    assert max(filter(None, vega.arrow_of(drawing.data["lines"])["F"].to_pylist())) == 1.0
    if log:
        assert drawing.spec["layer"][0]["encoding"]["y"]["scale"]["domain"] == [0.4, 1.0]
        charts.orders(frame, "F", "F", SERIES)


def test_a_chart_of_infinite_values_alone_is_empty():
    frame = FRAME.assign(F=np.inf)
    assert len(charts.lines(frame, "t", "F", SERIES, log_y=True).data["lines"]["F"]) == 0


def test_exact_series_are_dashed_in_the_colour_of_exact_values_and_lie_below():
    drawing = studies.drawing_of(contract("lines"), FRAME, {"Euler–Maruyama": 2})
    names = drawing.data["lines"]["series"].tolist()
    assert [name.startswith("exact") for name in names] == [True] * 4 + [False] * 2
    encoding = drawing.spec["layer"][0]["encoding"]
    domain = encoding["color"]["scale"]["domain"]
    assert domain.index("Euler–Maruyama") == 2 and domain.index("exact") == 7
    drawn = dict(zip(domain, encoding["strokeDash"]["scale"]["range"], strict=True))
    assert drawn["exact"] == [6, 4] and drawn["Euler–Maruyama"] == [1, 0]
