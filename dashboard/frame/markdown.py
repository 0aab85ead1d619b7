"""Escapes text for Streamlit's Markdown. A module of its own, so that any page or panel can import it alone."""


def plain(text: str) -> str:
    """The text with all Markdown characters escaped; needed because a sentence may quote what a visitor typed."""
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()#+-.!|$<>~:&" else letter for letter in text)
