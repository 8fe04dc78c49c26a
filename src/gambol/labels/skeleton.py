"""A skeleton: the nodes of an animal, the edges between them, and which mirror each other."""

import re
from dataclasses import dataclass
from functools import cached_property

SIDES = (
    (re.compile("left"), "right"),
    (re.compile("Left"), "Right"),
    (re.compile("LEFT"), "RIGHT"),
    (re.compile(r"(?<![A-Z])L(?![A-Za-z])|(?<![A-Za-z])L(?=[A-Z][a-z])"), "R"),
    (re.compile(r"(?<![A-Za-z])l(?![A-Za-z])"), "r"),
)


@dataclass(frozen=True)
class Skeleton:
    """Names of the nodes; edges and symmetries as pairs of node numbers.

    An edge is (source, destination); a symmetry is a pair that changes places in a mirror.
    """

    nodes: tuple[str, ...]
    edges: tuple[tuple[int, int], ...] = ()
    symmetries: tuple[tuple[int, int], ...] = ()
    name: str = "skeleton"

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def mirrored(self) -> tuple[int, ...]:
        """For each node the number of the node that takes its place in a mirror image (often itself).

        As the symmetries say; in a skeleton without any, as the names say (wingL and wingR, left_ear and right_ear).
        """
        pairs = self.symmetries or symmetries_by_name(self.nodes)
        partner = {one: other for pair in pairs for one, other in (pair, pair[::-1])}
        return tuple(partner.get(node, node) for node in range(len(self.nodes)))


def symmetries_by_name(nodes: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Pairs (left, right) of nodes whose names differ in nothing but their side: left/right, or a lone L/R.

    A letter is a side where it stands apart from other letters of its case: earL, forelegL2, L_paw, paw_l; not Lip.
    """
    numbers = {name: number for number, name in enumerate(nodes)}
    pairs = []
    for name, number in numbers.items():
        for pattern, right in SIDES:
            other, changes = pattern.subn(right, name)
            if changes == 1 and other in numbers:
                pairs.append((number, numbers[other]))
                break
    return tuple(pairs)
