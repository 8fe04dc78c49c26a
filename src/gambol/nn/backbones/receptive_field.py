"""How far a network sees: which pixels of the image can change a cell of a map. Free of torch.

A span of neighbouring cells is followed backwards through the layers, along one axis; both axes are alike. Spans may
leave the image. Source: Araujo 2019, doi:10.23915/distill.00021.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

Span = tuple[int, int]
"""The first and the last of some neighbouring cells."""


class Step(Protocol):
    """A layer, or several, as far as cells' positions are concerned."""

    def back(self, span: Span) -> Span:
        """The cells of the input on which the cells of the output depend."""


@dataclass(frozen=True)
class Window:
    """A convolution or a pooling. before: cells of padding at the beginning; empty: as many as at the end, or fewer."""

    kernel: int
    stride: int = 1
    before: int | None = None

    def back(self, span: Span) -> Span:
        """From the window of the first cell to the window of the last."""
        before = (self.kernel - self.stride) // 2 if self.before is None else self.before
        return span[0] * self.stride - before, span[1] * self.stride - before + self.kernel - 1


@dataclass(frozen=True)
class Interpolated:
    """Enlargement to twice the size by bilinear interpolation between the middles of cells."""

    def back(self, span: Span) -> Span:
        """The two cells between which each lies."""
        return (span[0] - 1) // 2, (span[1] + 1) // 2


@dataclass(frozen=True)
class Transposed:
    """Enlargement to twice the size by transposed convolution. before: cells cut off at the beginning."""

    kernel: int
    before: int = 0

    def back(self, span: Span) -> Span:
        """The cells that are spread onto these."""
        return -((self.kernel - 1 - self.before - span[0]) // 2), (span[1] + self.before) // 2


@dataclass(frozen=True)
class Pyramid:
    """An encoder, and a decoder that may join what the encoder saw.

    down: for each stride, the steps that lead there from the level before · up: for each stride of the decoder, how
    features grow to that size and the steps that refine them · joined: the strides at which the encoder's features
    are joined before they are refined.
    """

    down: Mapping[int, Sequence[Step]]
    up: Mapping[int, tuple[Step, Sequence[Step]]] = field(default_factory=dict)
    joined: frozenset[int] = frozenset()

    def back(self, span: Span) -> Span:
        """The span that holds all ways through the pyramid."""
        wanted: dict[int, Span] = {}
        for stride in sorted(self.up):
            grow, refine = self.up[stride]
            span = through(refine, span)
            if stride in self.joined:
                wanted[stride] = span
            span = grow.back(span)
        for stride in sorted(self.down, reverse=True):
            first, last = wanted.get(stride, span)
            span = through(self.down[stride], (min(first, span[0]), max(last, span[1])))
        return span


def through(steps: Sequence[Step], span: Span) -> Span:
    """The cells before the first of these steps on which the cells after the last one depend."""
    for step in reversed(steps):
        span = step.back(span)
    return span


def widest(steps: Sequence[Step], cells: int) -> int:
    """The most input cells in a row that one of so many neighbouring output cells depends on.

    Where features grow, neighbouring cells see differently far; after `cells` of them it repeats.
    """
    spans = [through(steps, (cell, cell)) for cell in range(cells)]
    return max(last - first + 1 for first, last in spans)
