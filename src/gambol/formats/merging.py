"""Files of labels or predictions brought into a project: read, told, written with a copy of what was there before."""

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path

from gambol.errors import LabelsError, VideoError
from gambol.formats import load, save
from gambol.labels.columns import Columns
from gambol.labels.merge import Incoming, MergeConfig, merge
from gambol.labels.paths import resolve
from gambol.labels.same_videos import match_videos
from gambol.labels.stored_videos import moved
from gambol.storage import locked, refuse_existing, sync, unwritable
from gambol.video.source import VideoSource


@dataclass
class Merging:
    """A project with what came in, not yet written; incoming: for each file, by video, what that is."""

    project: Path
    columns: Columns
    incoming: list[tuple[Path, list[Incoming]]]
    changed: bool


def merge_files(
    project: Path, others: Sequence[Path], config: MergeConfig | None = None, told: Mapping[int, int] | None = None
) -> Merging:
    """Read a project and bring the labels and predictions of other files into it, one after another.

    told: which of their videos are which of the project's, if a person knows it; the rest is found out. Nothing is
    written. Raises `LabelsError` if a file cannot be read or a video cannot be told from others, `SkeletonMismatch`
    for nodes that the project does not have, unless `config` lets them in.
    """
    columns, incoming, changed = load(project), [], False
    for path in others:
        theirs = load(path)
        matches = match_videos(columns, theirs, project, path, told)
        added = [_placed(video, path, project) for video, match in zip(theirs.videos, matches, strict=True)
                 if match.ours is None]
        result = merge(columns, theirs, matches, added, path.name, config)
        incoming.append((path, result.videos))
        if result.changed:
            noted = {"file": path.resolve().as_posix(), "at": datetime.now().astimezone().isoformat(timespec="seconds")}
            earlier = result.columns.provenance.get("merged")
            merged = [*(earlier if isinstance(earlier, list) else []), noted]
            columns = replace(result.columns, provenance=result.columns.provenance | {"merged": merged})
        changed = changed or result.changed
    return Merging(project, columns, incoming, changed)


def write_merged(merging: Merging, out: Path | None = None, overwrite: bool = False) -> Path | None:
    """Write the result, atomically: to `out`, or in the place of the project, which is kept beside it; gives the copy.

    The copy is called `<name>.before-merge.slp`, with a number if that is taken. Without `out`, a project that
    nothing came into is left as it is. Raises `OutputError` if the result cannot be written, or `out` exists and may
    not be replaced; `LabelsError` if the project holds what gambol would lose (see `formats.slp.write`).
    """
    if out is not None and not _is_same(out, merging.project):
        refuse_existing(out, overwrite)
        with locked(out.absolute()):
            save(merging.columns, out)
        return None
    if not merging.changed:
        return None
    project = merging.project.resolve()  # where a link leads, so that it stays one
    with locked(project):
        before = _kept(project)
        try:
            save(merging.columns, project)
        except BaseException:
            before.unlink(missing_ok=True)
            raise
    return before


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and one.samefile(other)


def _kept(project: Path) -> Path:
    """A second name for the file as it is now; where the system gives none, a copy."""
    stem = project.name.removesuffix(".slp")
    names = (f"{stem}.before-merge{'' if number == 1 else f'-{number}'}.slp" for number in count(1))
    before = next(place for place in map(project.with_name, names) if not place.exists())
    try:
        try:
            os.link(project, before)
        except OSError:
            shutil.copy2(project, before)
            sync(before)
    except OSError as error:
        with suppress(OSError):
            before.unlink(missing_ok=True)
        raise unwritable(before, error) from error
    return before


def _placed(video: VideoSource, theirs: Path, project: Path) -> VideoSource:
    """A video that comes in with their labels, as the project has to name it: rather itself than images taken of it."""
    if "video_crop" in video.stored:
        raise LabelsError(
            f"{theirs} has labels on {video.name} cropped on reading, which the project does not have. "
            "gambol does not crop on reading, so the points would land elsewhere in the whole image. "
            "Write the crop out as a video of its own with sleap-io, and label that one.")
    for source in (video.original, video):
        with suppress(VideoError):
            if source is not None:
                return resolve(source, theirs.resolve().parent)
    return moved(video, theirs.resolve().parent, project.resolve().parent)
