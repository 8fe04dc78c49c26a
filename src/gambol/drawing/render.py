"""Poses in, a video or a picture that shows them out: the work of `gambol render`, told as it goes on."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from gambol.drawing.choices import choose_frames, choose_part, choose_video
from gambol.drawing.doubts import doubts
from gambol.drawing.overlay import Overlay, Part, write_video
from gambol.drawing.sheet import mosaic, write_image
from gambol.drawing.style import Style
from gambol.errors import GambolError, LabelsError, OutputError
from gambol.formats import load
from gambol.labels.columns import PREDICTED, USER, Columns
from gambol.labels.paths import resolve
from gambol.storage import refuse_existing
from gambol.video.rate import frame_rate
from gambol.video.reader import VideoReader, open_video

SUFFIXES = (".mp4", ".png")
USUAL_RATE = 30.0  # frames per second, for images that have none
A_ROW = 3  # frames that a sheet shows side by side
LARGEST_SHEET = 100  # frames
CELL = 480  # pixels: the longer side of a frame on a sheet
MOST_ENLARGED = 4.0  # times, on a sheet
LARGEST_SIDE = 16_000  # pixels that H.264 and PNG readers still take


@dataclass(frozen=True)
class RenderRequest:
    """What to draw, how, and where the result goes.

    video: number or name, where a project has several. frames: `0-99,200`, or `labelled`; all of them for a video, a
    few labelled ones for a picture if None. part: `left,top,right,bottom` in image pixels, or `animals`.
    scale: pixels of the picture per pixel of the image; 1, on a sheet what fits, if None. fps: the video's own if None.
    """

    source: Path
    out: Path | None = None
    video: str | None = None
    frames: str | None = None
    only: Literal["user", "predicted"] | None = None
    part: str | None = None
    scale: float | None = None
    fps: float | None = None
    style: Style = field(default_factory=Style)
    overwrite: bool = False

    @property
    def output(self) -> Path:
        """Where the result goes: `<input>.render.mp4` beside the input, unless asked otherwise."""
        return self.out or self.source.with_name(f"{self.source.name.removesuffix('.slp')}.render.mp4")

    @property
    def is_picture(self) -> bool:
        """Whether a picture is wanted, not a video."""
        return self.output.suffix.lower() == ".png"

    @property
    def kind(self) -> int | None:
        """Which animals to draw, as `Columns.kinds` says it."""
        return None if self.only is None else USER if self.only == "user" else PREDICTED


@dataclass(frozen=True)
class RenderProgress:
    """How far a rendering is; warnings come first, before any frame. lost: frames that could not be decoded."""

    done: int
    total: int
    seconds: float
    warning: str | None = None
    lost: Sequence[int] = ()


def render(request: RenderRequest) -> Generator[RenderProgress]:
    """Draw, and write the result; yields after each frame.

    Raises a `GambolError` before anything is written if the input, the frames or the output cannot be used; when it
    fails later or is left early, nothing stays behind.
    """
    if request.output.suffix.lower() not in SUFFIXES:
        raise OutputError(
            f"{request.output} ends neither in .mp4 nor in .png. "
            "The name says whether a video or a picture is wanted, so nothing was drawn. "
            "Choose a name with one of these endings for --out.")
    refuse_existing(request.output, request.overwrite)
    columns = _drawable(load(request.source), request)
    number = choose_video(columns, request.video)
    source = resolve(columns.videos[number], request.source.resolve().parent)
    if request.output.resolve() in {image.resolve() for image in (source.path, *source.images)}:
        raise OutputError(
            f"The result would take the place of {request.output}, which is the video itself. "
            "The recording would be lost. "
            "Choose another name with --out.")
    with open_video(source) as reader:
        frames = choose_frames(columns, number, reader, request.frames, request.is_picture)
        _refuse_crowded(request, frames)
        part = choose_part(columns, number, reader, frames, request.part, request.kind)
        for warning in doubts(columns, number, reader, frames, request.style):
            yield RenderProgress(0, len(frames), 0.0, warning)
        overlay = Overlay(columns, number, _style(request, frames, part, reader), kind=request.kind, part=part)
        started = time.monotonic()
        for done in _write(request, overlay, reader, frames):
            yield RenderProgress(done, len(frames), time.monotonic() - started, lost=tuple(reader.lost))


def _drawable(columns: Columns, request: RenderRequest) -> Columns:
    rows = columns.seen(request.kind)
    if not (columns.visible[rows] & ~np.isnan(columns.points[rows]).any(-1)).any():
        what = f"{request.only} " if request.only else ""
        raise LabelsError(
            f"{request.source} has no {what}animals with a visible node. "
            "The result would be the bare video. "
            "Give predictions or a project in which something is labelled.")
    node = request.style.trail_node
    if node is not None and node not in columns.skeleton.nodes:
        raise LabelsError(
            f"The skeleton has no node called '{node}' that a trail could follow. "
            f"Its nodes are {', '.join(columns.skeleton.nodes)}. "
            "Give one of them with --trail-node, or leave that option out.")
    return columns


def _refuse_crowded(request: RenderRequest, frames: Sequence[int]) -> None:
    if request.is_picture and len(frames) > LARGEST_SHEET:
        raise GambolError(
            f"{len(frames)} frames were asked for on one picture, and {LARGEST_SHEET} are the most. "
            "On more of them nothing could be seen. "
            "Ask for fewer frames with --frames, or for a video with --out NAME.mp4.")


def _style(request: RenderRequest, frames: Sequence[int], part: Part | None, reader: VideoReader) -> Style:
    """The style with its scale, which a result may not outgrow."""
    height, width = reader.size(frames[0])
    left, top, right, bottom = part or (0, 0, width, height)
    side = max(right - left, bottom - top)
    on_sheet = request.is_picture and len(frames) > 1
    scale = request.scale or (min(MOST_ENLARGED, CELL / side) if on_sheet else 1.0)
    if not 1 <= side * scale <= LARGEST_SIDE:
        raise GambolError(
            f"At --scale {scale:g} the picture would be {side * scale:.0f} pixels wide or high. "
            f"Programs show pictures of 1 to {LARGEST_SIDE} pixels. "
            "Choose another --scale, or show a part of the image with --part.")
    return request.style.model_copy(update={"enlarge": scale})


def _write(request: RenderRequest, overlay: Overlay, reader: VideoReader, frames: Sequence[int]) -> Iterator[int]:
    if not request.is_picture:
        rate = request.fps or (None if reader.source.images else frame_rate(reader.source.path)) or USUAL_RATE
        yield from write_video(overlay, reader, frames, request.output, rate)
        return
    pictures = []
    for frame in frames:
        pictures.append(overlay.paint(frame, reader.read(frame, channels=3)))
        yield len(pictures)
    columns = len(pictures) if len(pictures) <= A_ROW else int(np.ceil(np.sqrt(len(pictures))))
    titles = [f"frame {frame}" for frame in frames]
    write_image(pictures[0] if len(pictures) == 1 else mosaic(pictures, columns, titles), request.output)
