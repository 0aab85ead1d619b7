"""The number of examples in the costly property tests."""

from hypothesis import settings

SHARE = 4  # the default profile tries one in so many of the examples of `--hypothesis-profile=thorough`


def examples(thorough: int) -> int:
    """The value for `@settings(max_examples=…)`: `thorough` in the profile "thorough", else a quarter of it, but at
    least 10."""
    if settings.get_current_profile_name() == "thorough":
        return thorough
    return max(10, thorough // SHARE)
