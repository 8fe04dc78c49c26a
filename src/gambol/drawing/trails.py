"""Trails: where each track has just been, as a line behind it that fades with age."""

from typing import NamedTuple

import cv2
import numpy as np
from jaxtyping import Bool, Float, Int

from gambol.drawing.lettering import RGB
from gambol.drawing.palette import colours
from gambol.drawing.style import Style
from gambol.geometry.affine import Affine
from gambol.labels.columns import Columns

BRIDGED = 3  # frames: a gap that is not longer is drawn across; a longer one stays open
STEPS = 24  # shades from the newest to the oldest part
STRONGEST, RIM_STRENGTH = 0.9, 0.45  # opacity of the newest part, and of its rim's
OFTEN = 0.95  # of the best node's sightings: nodes that are seen so often may lead a trail
_BITS = 4


class Path(NamedTuple):
    """One track's places in the order of time, and their frame indices."""

    frames: Int[np.ndarray, " place"]
    points: Float[np.ndarray, "place 2"]


class Trails:
    """The paths of all tracks of one video. Tracks keep their colours; an animal without a track leaves no trail."""

    def __init__(self, columns: Columns, video: int, rows: Bool[np.ndarray, " row"], style: Style) -> None:
        """Of which animals: rows (row,). Raises ValueError if the style's node is not in the skeleton."""
        frames = columns.row_frame
        rows = rows & (columns.frame_video[frames] == video) & (columns.track >= 0)
        points = columns.visible_points[rows]                                            # (chosen, node, 2)
        names = columns.skeleton.nodes
        node = names.index(style.trail_node) if style.trail_node is not None else middle_node(points)
        places, track = points[:, node] if len(names) else points.reshape(0, 2), columns.track[rows]
        index, seen = columns.frame_index[frames[rows]], ~np.isnan(places).any(-1)
        self.paths = {int(number): Path(index[own], places[own]) for number in np.unique(track)
                      if (own := seen & (track == number)).any()}
        self._shades = colours(style.palette, len(columns.tracks))
        self._style = style

    def draw(self, canvas: RGB, frame: int, to_canvas: Affine) -> None:
        """Draw each track's last `style.trail` frames up to this one, in place."""
        width = max(1, round(self._style.line or 1.3))
        rim = np.array(self._style.rim)
        for track, path in self.paths.items():
            first, last = np.searchsorted(path.frames, (frame - self._style.trail, frame + 1))
            if last - first < 2:
                continue
            frames, points = path.frames[first:last], to_canvas(path.points[first:last])
            fresh = 1 - (frame - frames) / (self._style.trail + 1)                       # (place,) 1 now, 0 gone
            region, points = _around(canvas, points, width + 3)
            for shade, wide, strength in ((rim, width + 2, RIM_STRENGTH), (self._shades[track], width, STRONGEST)):
                mask = np.zeros(region.shape[:2], np.uint8)
                _draw_path(mask, frames, points, strength * fresh, wide)
                _tint(region, mask, shade)


def middle_node(points: Float[np.ndarray, "animal node 2"]) -> int:
    """Of the nodes that are seen most often, the one nearest to the middle of the animals; 0 if nothing is seen."""
    seen = ~np.isnan(points).any(-1)                                                     # (animal, node)
    often = seen.sum(0)                                                                  # (node,)
    if not often.any():
        return 0
    middle = np.where(seen[..., None], points, 0).sum(1) / np.maximum(seen.sum(1), 1)[:, None]   # (animal, 2)
    apart = np.linalg.norm(points - middle[:, None], axis=-1)                            # (animal, node)
    distance = [np.median(apart[seen[:, node], node]) if count >= OFTEN * often.max() else np.inf
                for node, count in enumerate(often)]
    return int(np.argmin(distance))


def _draw_path(mask: np.ndarray, frames: Int[np.ndarray, " place"], points: Float[np.ndarray, "place 2"],
               strength: Float[np.ndarray, " place"], width: int) -> None:
    """Draw a path into a mask, the oldest part first; strength (place,): 0 to 1."""
    fixed = np.rint(points * 2**_BITS).astype(np.int32)                                  # (place, 2)
    step = np.ceil(strength[1:] * STEPS).astype(int)                                     # (segment,)
    whole = np.diff(frames) <= BRIDGED + 1                                               # (segment,)
    begins = np.flatnonzero(np.diff(step, prepend=-1) | ~whole | np.diff(whole, prepend=True))
    for begin, end in zip(begins, [*begins[1:], len(step)], strict=True):
        if whole[begin]:
            level = 255 * float(strength[begin + 1 : end + 1].mean())
            cv2.polylines(mask, [fixed[begin : end + 1]], False, level, width, cv2.LINE_AA, _BITS)


def _around(canvas: RGB, points: Float[np.ndarray, "place 2"], reach: int
            ) -> tuple[RGB, Float[np.ndarray, "place 2"]]:
    """The part of the canvas that a path lies in, and the path within that part."""
    limit = np.array(canvas.shape[1::-1])
    left, top = np.clip(np.floor(points.min(0)) - reach, 0, limit).astype(int)
    right, bottom = np.clip(np.ceil(points.max(0)) + reach, 0, limit).astype(int)
    return canvas[top:bottom, left:right], points - (left, top)


def _tint(region: RGB, mask: np.ndarray, shade: np.ndarray) -> None:
    """Colour a part of the canvas where the mask says, as strongly as it says."""
    drawn = cv2.findNonZero(mask) if mask.size else None                                 # (pixel, 1, 2) or (pixel, 2)
    if drawn is None:
        return
    columns, rows = np.asarray(drawn).reshape(-1, 2).T
    share = mask[rows, columns, None] / np.float32(255)                                  # (pixel, 1)
    there = region[rows, columns]                                                        # (pixel, 3)
    region[rows, columns] = np.round(there + share * (shade.astype(np.float32) - there))
