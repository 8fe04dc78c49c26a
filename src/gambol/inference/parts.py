"""Results in parts: what is predicted is on the disk every few seconds, and stays there whatever happens.

While a prediction runs, `<out>.parts/` holds `manifest.json`, which says what the result depends on, and one file for
each stretch of frames that is done, `<video>.<from>-<to>.npz`: positions among the frames that were chosen of that
video. Each file is written whole and synced, so that a killed process loses only what it had in hand, and the same
command finds what is missing.
"""

import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gambol.errors import OutputError
from gambol.inference.basis import Basis
from gambol.labels.columns import Columns, empty_rows
from gambol.labels.skeleton import Skeleton
from gambol.storage import replacing, sync_folder, what_failed, write_text, writer_of
from gambol.video.source import VideoSource

MANIFEST, RESULT, FINISHED = "manifest.json", "result.slp", "finished.json"
NAME = re.compile(r"(\d+)\.(\d+)-(\d+)\.npz")
STORED = ("points", "point_scores", "scores", "track")


@dataclass(frozen=True, order=True)
class Part:
    """A stretch of one video that is done: positions `start` to `stop`, exclusive, among its chosen frames."""

    video: int
    start: int
    stop: int

    @property
    def file(self) -> str:
        """Its name in the folder."""
        return f"{self.video}.{self.start:09}-{self.stop:09}.npz"


def folder_of(output: Path) -> Path:
    """Where the parts of an output are kept until it is finished."""
    return output.with_name(f"{output.name}.parts")


def parts_in(folder: Path) -> list[Part]:
    """The parts that a folder holds, in the order of the result."""
    found = [NAME.fullmatch(path.name) for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(Part(*map(int, match.groups())) for match in found if match)


def kept(output: Path) -> int:
    """How many frames of an unfinished output are done and on the disk."""
    return sum(part.stop - part.start for part in parts_in(folder_of(output)))


def finished(output: Path) -> dict[str, Any] | None:
    """What was said of a result that is in its place, if its process died before it removed the parts."""
    try:
        said = json.loads((folder_of(output) / FINISHED).read_text(encoding="utf-8"))
        return dict(said["summary"]) if said["file"] == _identity(output) else None
    except (OSError, ValueError, TypeError, KeyError):
        return None


class Parts:
    """The parts of one prediction, in a folder beside its output; only who has locked the output may change them."""

    def __init__(self, output: Path, skeleton: Skeleton, videos: Sequence[VideoSource]) -> None:
        self.output, self.folder = output, folder_of(output)
        self.skeleton, self.videos = skeleton, list(videos)

    def begin(self, basis: Basis, overwrite: bool) -> None:
        """Go on with what an earlier process left, or begin.

        Raises `OutputError` if what is there belongs to another result, which `overwrite` throws away.
        """
        stored = self._manifest()
        differences = [] if stored is None else basis.differences(stored)
        if differences and not overwrite:
            raise OutputError(
                f"{self.folder} holds unfinished predictions that were made otherwise: {'; '.join(differences)}. "
                "Frames of both together would be a result that no single command gives. "
                "Restore what was there before and run the same command again, or pass --overwrite to begin anew.")
        if stored is None or differences:
            self.discard()
            write_text(self.folder / MANIFEST, json.dumps(basis.as_json(), indent=1))
        for left in self.folder.glob(".*.tmp"):  # by a process that was killed while it wrote
            left.unlink(missing_ok=True)

    def missing(self, video: int, frames: int) -> list[range]:
        """The stretches of a video with so many chosen frames that are still to be predicted."""
        gaps, position = [], 0
        for part in parts_in(self.folder):
            if part.video == video:
                gaps.append(range(position, part.start))
                position = part.stop
        return [gap for gap in (*gaps, range(position, frames)) if gap]

    def add(self, part: Part, columns: Columns) -> None:
        """Put a part on the disk. Raises `OutputError` if that fails; the parts before it stay."""
        arrays = {name: getattr(columns, name) for name in STORED}
        try:
            with replacing(self.folder / part.file) as temporary, temporary.open("wb") as file:
                np.savez(file, frames=columns.frame_index, starts=columns.row_start, **arrays)
        except OutputError as error:
            raise self._stopped(error.__cause__ or error) from error

    def read(self) -> Iterator[tuple[Part, Columns]]:
        """The parts and what they hold, one at a time; one that cannot be read is removed, and is missing then."""
        for part in parts_in(self.folder):
            try:
                columns = self._load(part)
            except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
                (self.folder / part.file).unlink()
            else:
                yield part, columns

    def publish(self, write: Callable[[Path], None], summary: Mapping[str, Any]) -> None:
        """Put the result in its place, then remove the parts. Raises `OutputError` if that fails; the parts stay.

        write: writes the whole result to the path it is given. summary: what `finished` says of it.
        """
        result = self.folder / RESULT
        try:
            write(result)
            write_text(self.folder / FINISHED, json.dumps({"file": _identity(result), "summary": dict(summary)}))
            result.replace(self.output)
        except (OSError, OutputError) as error:
            raise self._stopped(error.__cause__ or error) from error
        sync_folder(self.output.parent)
        self.discard()

    def discard(self) -> None:
        """Remove what gambol put into the folder, and the folder unless there is something else in it."""
        temporary = self.folder.glob(".*.tmp")
        ours = [*(self.folder / part.file for part in parts_in(self.folder)), *temporary,
                *(self.folder / name for name in (RESULT, MANIFEST, FINISHED))]
        for path in ours:  # the marks last: until then it is known what the rest was
            path.unlink(missing_ok=True)
        with suppress(OSError):
            self.folder.rmdir()

    def discard_if_empty(self) -> None:
        """Remove the folder if nothing is done yet."""
        if not parts_in(self.folder):
            self.discard()

    def _manifest(self) -> dict[str, Any] | None:
        try:
            return dict(json.loads((self.folder / MANIFEST).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def _load(self, part: Part) -> Columns:
        with np.load(self.folder / part.file, allow_pickle=False) as stored:
            frames, starts = stored["frames"], stored["starts"]
            rows = empty_rows(len(self.skeleton), int(starts[-1])) | {name: stored[name] for name in STORED}
        rows["visible"] = ~np.isnan(rows["points"]).any(-1)
        return Columns(self.skeleton, self.videos, [], np.full(len(frames), part.video), frames, starts, **rows,
                       negative=np.zeros(len(frames), bool))

    def _stopped(self, cause: BaseException) -> OutputError:
        """What went wrong while something was written, that nothing else is lost, and how to go on."""
        return OutputError(
            f"{what_failed(self.folder, cause)} "
            f"The {kept(self.output)} frames that were finished stay there. "
            "Free some space, or mend what is in the way; then run the same command again, and it goes on from there.")


def _identity(path: Path) -> list[int]:
    """What tells a file from any that takes its place later."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def unfinished(output: Path) -> dict[str, Any] | None:
    """What is there of an output that is being made, or was interrupted; None if nothing is.

    folder · frames that are done · total of those asked for · asked, in the user's words · writer, if one is at it.
    """
    folder = folder_of(output)
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        total = sum(int(count) for count, _ in manifest["frames"].values())
        asked = str(manifest["asked"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return {"folder": folder.as_posix(), "frames": kept(output), "total": total, "asked": asked,
            "writer": writer_of(output)}
