"""Pictures of how a stage learns: what the network draws on a frame, and what is found there beside the labels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8

from gambol.drawing.heat import heat
from gambol.drawing.lettering import RGB
from gambol.drawing.sheet import Comparison, mosaic, picture_of, with_legend, write_image
from gambol.errors import OutputError
from gambol.geometry.assignment import assign
from gambol.geometry.distances import pairwise
from gambol.labels.columns import Columns
from gambol.labels.convert import poses as poses_of
from gambol.labels.skeleton import Skeleton
from gambol.nn.heads import PartAffinityFieldsConfig
from gambol.pipelines.base import Network, PredictOptions
from gambol.pipelines.choose import assemble
from gambol.pipelines.stage import StageConfig
from gambol.poses import Poses
from gambol.training.prepare import Prepared
from gambol.video.colour import Image

KEPT = 50  # pictures, the latest ones
SIDE = 420  # pixels of one picture on the sheet
PARTS = {"train": "learnt from", "val": "validation"}


@dataclass
class Previews:
    """Draws, for one stage, always the same frame of those it learns from and of those it is validated with."""

    stage: StageConfig
    stages: Mapping[str, StageConfig]
    prepared: Prepared
    _given_up: bool = field(default=False, init=False)

    def write(self, network: Network, epoch: int) -> str | None:
        """Put the picture of an epoch into the run, and remove the oldest beyond the latest 50.

        What goes wrong with it does not end a training: the answer are then three sentences for the user, once.
        """
        if self._given_up:
            return None
        folder = self.prepared.folder.previews(self.stage.name)
        try:
            write_image(self.draw(network, epoch), folder / f"{epoch + 1:04}.png")
            for path in sorted(folder.glob("*.png"))[:-KEPT]:
                path.unlink()
        except (OutputError, OSError, ValueError, RuntimeError, MemoryError) as error:
            self._given_up = True
            return (
                f"No more pictures of the training can be written to {folder} ({str(error).split('. ')[0]}). "
                "They only show how it goes, so the training goes on. "
                "Free some space if you want to see them the next time.")
        return None

    def draw(self, network: Network, epoch: int) -> RGB:
        """The sheet: for each of the two frames the poses beside the labels, and the maps on what the network saw."""
        skeleton = self.stage.skeleton if self._shows_nodes else Skeleton(("centroid",))
        pictures, titles = [], []
        for part, what in PARTS.items():
            image, truth, place = _shown(self.prepared, part)
            comparison, inputs, maps = self._look(network, image, truth)
            pictures.append(picture_of(comparison, skeleton, SIDE))
            titles.append(f"{what}: {place}")
            for name, picture in self._heats(inputs, maps):
                pictures.append(picture)
                titles.append(f"{what}: {name}")
        sheet = mosaic(pictures, len(pictures) // len(PARTS), titles)
        return with_legend(sheet, f"{self.stage.name}, epoch {epoch + 1}")

    @property
    def _shows_nodes(self) -> bool:
        return "centroids" not in self.stage.heads

    def _look(
        self, network: Network, image: Image, truth: Poses
    ) -> tuple[Comparison, Image, Mapping[str, Any]]:
        """What is found in one image; and the first input that the network saw for it, with its maps."""
        seen: list[tuple[Any, Mapping[str, Any]]] = []

        def recording(inputs: UInt8[np.ndarray, "batch h w channel"]) -> Mapping[str, Any]:
            maps = network(inputs)
            seen.append((inputs, maps))
            return maps

        pipeline = assemble(self.stages, {self.stage.name: recording}, PredictOptions())
        [(found, asked)] = pipeline.check(self.stage.name, [image], [truth])
        comparison = Comparison(image, asked, found, pairs=_pairs(asked, found), focus=_focus(asked))
        if not seen:  # no animal, so no crop around one
            return comparison, np.zeros((SIDE, SIDE, 1), np.uint8), {}
        inputs, maps = seen[0]
        return comparison, inputs[0], {name: _on_cpu(own[0]) for name, own in maps.items()}

    def _heats(self, image: Image, maps: Mapping[str, Float[np.ndarray, "map h w"]]) -> list[tuple[str, RGB]]:
        """Each head's maps in one picture: the brightest of them, or the longest of the vectors."""
        pictures = []
        for name, head in self.stage.heads.items():
            own = maps.get(name, np.zeros((2, 1, 1)))
            if isinstance(head, PartAffinityFieldsConfig):
                vectors = own.reshape(-1, 2, *own.shape[1:])
                pictures.append(("edges", heat(image, np.hypot(*vectors.swapaxes(0, 1)).max(0), head.stride, SIDE)))
            else:
                pictures.append((name, heat(image, own.max(0), head.stride, SIDE)))
        return pictures


def _shown(prepared: Prepared, part: str) -> tuple[Image, Poses, str]:
    """The frame of a part of the split that is shown: of those with most animals the one in the middle."""
    labels: Columns = prepared.parts[part]
    animals = np.diff(labels.row_start)
    fullest = np.flatnonzero(animals == animals.max())
    video, frame = labels.frame_at(int(fullest[len(fullest) // 2]))
    name = Path(labels.videos[video].name).name
    return prepared.frames[part].image(video, frame), poses_of(labels, video, frame), f"{name} frame {frame}"


def _pairs(truth: Poses, found: Poses) -> list[tuple[int, int]]:
    """(labelled, found) animals that are nearest to each other."""
    apart = pairwise(truth.points, found.points)  # (true, found, node)
    missing = np.isnan(apart).all(-1)
    mean = np.where(missing, np.nan, np.nanmean(np.where(missing[..., None], 0, apart), -1))
    return [(int(one), int(other)) for one, other in assign(mean)]


def _focus(truth: Poses) -> tuple[float, float, float, float] | None:
    """The part of the image around its animals, with a margin; all of it if there are none."""
    points = truth.points[truth.visible]  # (point, 2)
    if not len(points):
        return None
    low, high = points.min(0), points.max(0)
    margin = max(16.0, 0.3 * float((high - low).max()))
    return (low[0] - margin, low[1] - margin, high[0] + margin, high[1] + margin)


def _on_cpu(maps: Any) -> Float[np.ndarray, "map h w"]:
    return np.asarray(maps if isinstance(maps, np.ndarray) else maps.detach().float().cpu())
