"""How skeletons look on a picture: colours, widths, what is written beside them."""

import math
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float
from pydantic import Field

from gambol.config import Config
from gambol.drawing.lettering import DARK
from gambol.drawing.palette import colours
from gambol.drawing.strokes import Colour
from gambol.poses import Poses

NOBODY: Colour = (214, 216, 220)  # an animal without a track, where others have one
TYPICAL = 130.0  # pixels: the size taken for animals of which nothing is known


class Style(Config):
    """How skeletons look."""

    palette: Literal["bright", "standard", "colour-blind", "rainbow"] = Field(
        "bright", description="Colours: made for grey video, SLEAP's, safe for colour-blind eyes, or a rainbow.")
    colour_by: Literal["track", "animal", "node"] = Field(
        "track", description="One colour per track (per animal where nothing has a track), per animal by its place in "
        "the frame, or per node.")
    enlarge: float = Field(1, gt=0, le=16, description="Pixels of the picture per pixel of the image, each way.")
    line: float | None = Field(
        None, ge=0, le=50, description="Width of edges in pixels of the picture; 0 leaves them out. Empty: as the "
        "animals' size asks for.")
    node: float | None = Field(
        None, ge=0, le=50, description="Radius of nodes in pixels of the picture; 0 leaves them out. Empty: as the "
        "animals' size asks for.")
    hollow: bool = Field(False, description="Nodes as rings through which the image can be seen.")
    opacity: float = Field(1, ge=0, le=1, description="0 invisible, 1 opaque.")
    ground: Literal["image", "black", "white"] = Field(
        "image", description="What skeletons are drawn on: the image, or plain black or white instead of it.")
    scores: bool = Field(False, description="Write each animal's score beside it.")
    names: bool = Field(False, description="Write each animal's track beside it.")
    labels: bool = Field(False, description="Write each node's name beside it.")
    trail: int = Field(0, ge=0, le=10_000, description="Frames of its past that each track draws behind it.")
    trail_node: str | None = Field(
        None, description="The node whose path trails show. Empty: one in the middle of the animal that is seen often.")

    @property
    def rim(self) -> Colour:
        """The colour around lines and letters that keeps them apart from the image: the ground's, if that is plain."""
        return (255, 255, 255) if self.ground == "white" else DARK

    def fitted(self, points: Float[np.ndarray, "animal node 2"]) -> "Style":
        """The same with widths chosen, where they are empty, for animals such as these (image pixels, NaN unseen).

        They grow with an animal's size in the picture, but more slowly: small animals are not drawn with a hair, and
        large ones are not buried under their skeletons.
        """
        if self.line is not None and self.node is not None:
            return self
        node = max(1.9, 0.36 * math.pow(self.enlarge * _median_size(points), 0.4))
        widths = {"node": node if self.node is None else self.node, "line": max(1.3, 0.62 * node)}
        return self.model_copy(update=widths if self.line is None else {"node": widths["node"]})


def shades(poses: Poses, nodes: int, style: Style, tracks: int | None = None) -> list[list[Colour]]:
    """For each animal the colour of each of its nodes. tracks: how many the file has, so that colours are constant.

    By tracks, animals without one are pale grey, unless nothing has a track.
    """
    if style.colour_by == "node":
        return [[_tuple(shade) for shade in colours(style.palette, nodes)]] * len(poses)
    tracked = style.colour_by == "track" and (tracks or (poses.tracks >= 0).any())
    numbers = poses.tracks if tracked else np.arange(len(poses))
    among = max(tracks or 0 if tracked else len(poses), int(numbers.max(initial=-1)) + 1)
    listed = colours(style.palette, among)
    return [[_tuple(listed[number]) if number >= 0 else NOBODY] * nodes for number in numbers.tolist()]


def _tuple(shade: np.ndarray) -> Colour:
    red, green, blue = shade.tolist()
    return red, green, blue


def _median_size(points: Float[np.ndarray, "animal node 2"]) -> float:
    """The median diagonal of the boxes around animals with at least two visible nodes."""
    seen: Bool[np.ndarray, "animal node"] = ~np.isnan(points).any(-1)
    some = points[seen.sum(-1) > 1]                                                      # (animal, node, 2)
    if not len(some):
        return TYPICAL
    extent = np.nanmax(some, axis=1) - np.nanmin(some, axis=1)                           # (animal, 2)
    return float(np.median(np.hypot(extent[:, 0], extent[:, 1])))
