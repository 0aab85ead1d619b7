"""What the charts ask of Vega-Lite: colours by index, dashes in the legend too, room for the legend."""

import pandas as pd

from dashboard.frame import charts

SERIES = {"Euler–Maruyama": 0, "exact": 7, "exact for Euler–Maruyama": 0}
FRAME = pd.DataFrame(
    {"t": [0.0, 1.0] * 3, "F": [1.0, 0.5, 1.0, 0.4, 1.0, 0.6], "series": [name for name in SERIES for _ in range(2)]}
)


def test_a_series_has_the_colour_of_its_index():
    domain = charts.colors(SERIES).to_dict()["scale"]["domain"]
    assert [domain.index(name) for name in SERIES] == [0, 7, 8]  # the ninth begins the map again: that of the first
    assert len(set(domain)) == len(domain)


def test_dashes_stand_in_the_legend_of_the_colours():
    encoding = charts.lines(FRAME, "t", "F", SERIES, dashed=("exact",)).to_dict()["layer"][0]["encoding"]
    color, dash = encoding["color"], encoding["strokeDash"]
    # Vega-Lite makes one legend of two channels with the same field, domain and legend
    assert color["scale"]["domain"] == dash["scale"]["domain"] and color["legend"] == dash["legend"]
    drawn = dict(zip(dash["scale"]["domain"], dash["scale"]["range"], strict=True))
    assert [drawn[name][1] for name in SERIES] == [0, 4, 0]


def test_one_series_needs_no_legend_and_no_room_for_it():
    assert charts.colors({"one": 3}).to_dict()["legend"] is None
    assert charts.height_with({"one": 3}) == charts.HEIGHT
    assert charts.height_with(SERIES) == charts.HEIGHT + 2 * charts.ROW
    assert charts.height_with({"a" * 80: 0, "b": 1}) == charts.HEIGHT + 2 * charts.ROW


def test_nothing_that_is_not_positive_is_put_on_a_logarithmic_axis():
    frame = pd.concat([FRAME, pd.DataFrame({"t": [2.0], "F": [-1.0], "series": ["exact"]})])
    chart = charts.lines(frame, "t", "F", SERIES, log_y=True).to_dict()
    (rows,) = chart["datasets"].values()
    assert len(rows) == 6
