"""Writes and reads the settings of a page as JSON: {"demo": "langevin", "config": {"step": 0.02, …}}.

The keys are those of the JSON that the command line writes, which can be read too: its other keys are ignored.
"""

from __future__ import annotations

import json
from typing import Any

from demos.contract import Config, Family

MOST = 100_000  # characters


def write(family: Family, config: Config) -> str:
    """The JSON text with every setting of a config."""
    values = {name: getattr(config, name) for name in config.controls()}
    return json.dumps({"demo": family.member_of(config).name, "config": values}, indent=2, ensure_ascii=False)


def read(family: Family, text: Any) -> Config:
    """The config in the text of `write`, or in a JSON object of settings alone; missing settings have their defaults.

    Raises ValueError, with one sentence, for anything else.
    """
    if not isinstance(text, str) or len(text) > MOST:
        raise ValueError(f"Settings are a text of at most {MOST:,} characters.")
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError('This is not JSON; settings look like {"config": {"seed": 1}}.') from None
    if not isinstance(whole, dict):
        raise ValueError('Settings are a JSON object, like {"config": {"seed": 1}}.')
    values = whole.get("config", {} if "demo" in whole else whole)
    name = whole.get("demo", family.default.name)
    if name not in list(family.members):
        raise ValueError(f"These settings are of {str(name)[:40]!r}; this page has: {', '.join(family.members)}.")
    if not isinstance(values, dict):
        raise ValueError('"config" is not a JSON object of settings.')
    demo = family.members[name]
    config, refused = demo.config.read(values)
    if refused:
        raise ValueError(refused[0])
    return config
