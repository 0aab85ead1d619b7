"""Text in Streamlit's Markdown: every page and panel that quotes a visitor needs this, and nothing else of the page."""


def plain(text: str) -> str:
    """The text as Markdown that shows it as it is: a sentence may quote what a visitor typed."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+-.!|$<>~:&" else letter for letter in text)
