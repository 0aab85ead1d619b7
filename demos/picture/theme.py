"""The colours of exported files, as CSS variables for the player.

They are those of `.streamlit/config.toml`, which an installed package does not have; a test checks that they agree.
"""

from __future__ import annotations

LIGHT = {
    "primaryColor": "#0072b2",
    "backgroundColor": "#fbf9f4",
    "secondaryBackgroundColor": "#f2eee4",
    "textColor": "#1c1b19",
    "linkColor": "#00629b",
    "borderColor": "#ddd6c7",
    "redColor": "#b3261e",
    "greenColor": "#00755a",
    "chartCategoricalColors": "#0072b2,#c75300,#00805e,#b0568a,#b07a00,#2e93c9,#857c00,#57534d",
    "chartSequentialColors": "#faf6ef,#f1e7d4,#ead6b9,#e2c5a1,#dab48b,#d0a277,#c59167,#b9815a,#ab7150,#9b6349",
    "chartDivergingColors": "#1a6fa9,#4f8dbf,#7cabd3,#a9c9e5,#d8e7f5,#f5e0d7,#e4baa8,#d0967b,#ba7251,#a24e23",
}
DARK = {
    "primaryColor": "#56b4e9",
    "backgroundColor": "#141312",
    "secondaryBackgroundColor": "#211f1d",
    "textColor": "#ece7dc",
    "linkColor": "#7cc4ee",
    "borderColor": "#3b3733",
    "redColor": "#ff8a7a",
    "greenColor": "#4fd1a5",
    "chartCategoricalColors": "#56b4e9,#f28444,#2cc295,#e39ac4,#e69f00,#8ea2ff,#f0e442,#a8a298",
    "chartSequentialColors": "#191715,#2a211a,#3c2b1f,#4d3724,#5f4329,#6f502f,#7f5f37,#8f6e41,#9d7f4f,#aa905f",
    "chartDivergingColors": "#65b2f1,#508dbf,#3e6a8f,#2d4960,#1e2a34,#33241e,#5f3c2d,#8c563e,#bb7251,#ec9066",
}
"""The name of a setting of Streamlit's theme -> its value; a list is joined by commas."""

FONT = '"Source Sans 3", "Source Sans Pro", system-ui, -apple-system, "Segoe UI", Roboto, sans-serif'
HEADING = '"Source Serif 4", "Source Serif Pro", Charter, Georgia, Cambria, serif'
THEMES = ("auto", "light", "dark")


def rules(theme: str = "auto") -> str:
    """CSS that sets the variables which the player reads, as Streamlit names them.

    theme: "light", "dark", or "auto", which follows the setting of the reader's system. Raises ValueError for others.
    """
    if theme not in THEMES:
        raise ValueError(f"theme = {theme!r} is not one of: {', '.join(THEMES)}.")
    fonts = f"--st-font: {FONT}; --st-heading-font: {HEADING};"
    light, dark = (_variables(each) for each in (LIGHT, DARK))
    first = dark if theme == "dark" else light
    text = f":root {{ color-scheme: {'light dark' if theme == 'auto' else theme}; {fonts} {first} }}\n"
    if theme == "auto":
        text += f"@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"
    return text


def _variables(values: dict[str, str]) -> str:
    """CSS declarations: `backgroundColor` becomes `--st-background-color`."""
    return " ".join(f"--st-{_dashed(name)}: {value};" for name, value in values.items())


def _dashed(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
