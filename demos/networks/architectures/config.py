"""What can be changed about architectures beyond the perceptron."""

from __future__ import annotations

from dataclasses import dataclass

from demos.contract import Config, choice, whole

KINDS = {"transformer": "Transformer", "cnn": "Convolutional network"}
VARIANTS = {"transformer": ("post", "pre"), "cnn": ("plain", "skips")}
LABELS = {"post": "Post-norm", "pre": "Pre-norm", "plain": "Without skips", "skips": "With skips / √L"}
INITS = {"default": "torch's default", "he": "He"}
COST = 4e9


@dataclass(frozen=True)
class ArchitecturesConfig(Config):
    """Random networks of one kind in two variants, side by side."""

    kind: str = choice("transformer", "Architecture", KINDS, group="main")
    blocks: int = whole(12, "Blocks L", low=2, high=40, scale="log", group="main")
    init: str = choice("default", "Initial weights", INITS, group="main", help="Of the convolutions.")
    tokens: int = whole(8, "Tokens", low=2, high=32, scale="log", group="main", help="In each sequence.")
    width: int = whole(64, "Width", low=16, high=128, scale="log", help="Numbers in a token, or channels × 4.")
    networks: int = whole(6, "Random networks", low=3, high=12)
    batch: int = whole(8, "Inputs", low=2, high=32, scale="log")
    seed: int = whole(0, "Seed", low=0, high=2**31 - 1)

    def check(self) -> None:
        if self.work > COST:
            raise ValueError(
                f"{self.networks} networks of {self.blocks} blocks take {self.work / COST:.3g} times the work allowed; "
                "fewer networks, inputs or blocks, or a smaller width, will do."
            )

    @property
    def work(self) -> float:
        """The estimated number of multiplications."""
        each = 10 * self.tokens * self.width**2 if self.kind == "transformer" else 9 * 144 * (self.width // 4) ** 2
        return 2 * 3 * self.networks * self.batch * self.blocks * each

    @property
    def variants(self) -> tuple[str, str]:
        return VARIANTS[self.kind]

    def unused(self) -> frozenset[str]:
        return frozenset({"init"} if self.kind == "transformer" else {"tokens"})
