"""How many examples the costly property tests try."""

from hypothesis import settings

SHARE = 4  # of the examples that `--hypothesis-profile=thorough` tries


def examples(thorough: int) -> int:
    """For `@settings(max_examples=…)`: this many in the profile "thorough", a quarter, but at least 10, by default."""
    if settings.get_current_profile_name() == "thorough":
        return thorough
    return max(10, thorough // SHARE)
