"""A skeleton: the nodes of an animal, the edges between them, and which mirror each other."""

from dataclasses import dataclass
from functools import cached_property


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
        """For each node the number of the node that takes its place in a mirror image (often itself)."""
        partner = {one: other for pair in self.symmetries for one, other in (pair, pair[::-1])}
        return tuple(partner.get(node, node) for node in range(len(self.nodes)))
