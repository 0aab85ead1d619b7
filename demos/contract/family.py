"""Family: the demos of one page. Most pages have one demo; the energy page has one for each physical system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from demos.contract.config import Config, query_of, quoted
from demos.contract.demo import Demo
from demos.contract.scene import Scene


@dataclass(frozen=True)
class Family:
    """The demos that share one page, one entry of the menu and one command.

    name: the path, /name, and the command. parameter: the setting that chooses the member, in the address
    (`/energy?system=film&separation=1.2`) and as a flag; "" if there is only one member. label: the name of that
    setting on the page. The first member is the default: its links omit the parameter.
    """

    name: str
    title: str
    sentence: str
    members: Mapping[str, Demo]
    parameter: str = ""
    label: str = ""

    @classmethod
    def of(cls, demo: Demo) -> Family:
        """The family of a page with a single demo."""
        return cls(demo.name, demo.title, demo.sentence, {demo.name: demo})

    @classmethod
    def of_folders(cls, package: str, folders: Sequence[str], title: str, sentence: str, **rest: str) -> Family:
        """A page of several demos; each folder of it has a `demo.py` with its DEMO."""
        demos = [import_module(f"{package}.{folder}.demo").DEMO for folder in folders]
        return cls(title=title, sentence=sentence, members={demo.name: demo for demo in demos}, **rest)

    @property
    def default(self) -> Demo:
        return next(iter(self.members.values()))

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """The scenes of all members, in the order of the members."""
        return tuple(scene for demo in self.members.values() for scene in demo.scenes)

    def member_of(self, config: Config) -> Demo:
        """The member to which this config belongs. Raises KeyError if it belongs to none."""
        for demo in self.members.values():
            if type(config) is demo.config:
                return demo
        raise KeyError(f"{type(config).__name__} is no config of {self.name}.")

    def read(self, values: Mapping[str, Any], base: Config | None = None) -> tuple[Demo, Config, tuple[str, ...]]:
        """The member, its config and one sentence for each value that was refused; see `Config.read`.

        base: a config of some member; if the values choose another member, the defaults of that one are used instead.
        Settings that only other members have are ignored silently: an address keeps them when its member changes.
        """
        demo = self.default if base is None else self.member_of(base)
        rest, refused = dict(values), ()
        if self.parameter in rest:
            chosen = rest.pop(self.parameter)
            if isinstance(chosen, str) and chosen in self.members:
                demo = self.members[chosen]
            else:
                allowed = ", ".join(self.members)
                refused = (f"{self.parameter} = {quoted(chosen)} is not one of: {allowed}.",)
        own = demo.config.controls()
        others = {name for member in self.members.values() for name in member.config.controls()} - set(own)
        rest = {name: value for name, value in rest.items() if name not in others}
        config, more = demo.config.read(rest, base if base is not None and type(base) is demo.config else None)
        return demo, config, (*refused, *more)

    def address(self, config: Config) -> dict[str, Any]:
        """The parameters from which `read` makes this config again."""
        demo = self.member_of(config)
        chosen = {} if demo is self.default or not self.parameter else {self.parameter: demo.name}
        return {**chosen, **config.address()}

    def query(self, config: Config) -> str:
        """`address` as the query string of a link."""
        return query_of(self.address(config))
