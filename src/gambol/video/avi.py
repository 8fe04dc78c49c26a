"""AVI files, which store no time stamps: FFmpeg counts the packets that it finds, and guesses in which order they show.

The file's own table of contents tells which packets there should be, and so which ones a damaged stretch has
swallowed. The order is known where nothing is reordered, and in MPEG-4 (DivX, Xvid), whose packets name their kind.
"""

import re
from pathlib import Path

import numpy as np
from av.video.stream import VideoStream
from jaxtyping import Int64

from gambol.errors import VideoError
from gambol.video.index import FrameIndex, index_of
from gambol.video.packets import BIDIRECTIONAL, INTRA, MARK, SEVERAL, UNKNOWN

CHUNK = re.compile(rb"\d\d\w\w|LIST|JUNK|RIFF|idx1|ix\d\d")
CHUNK_HEADER = 8  # bytes before the content of a chunk; Source: the AVI RIFF file reference
TABLE_WITHIN = 1 << 16  # bytes from the beginning, or behind the last packet
LARGEST_SKIPPED_FRAME = 19  # bytes of an MPEG-4 packet that only says "nothing here" (FFmpeg's MAX_NVOP_SIZE)


def contents_of(stream: VideoStream, marks: np.ndarray) -> np.ndarray:
    """The packets that the file should have by its table of contents; those that are not found are gone."""
    if len(stream.index_entries) <= len(marks):
        return marks
    listed = [entry for entry in stream.index_entries if entry.size]
    places = np.array([entry.pos + CHUNK_HEADER for entry in listed], np.int64)       # (packet,)
    found = np.isin(places, marks["place"])
    if found.all() or found.sum() < len(marks):  # in the second case the table means other places
        return marks
    contents = np.zeros(len(listed), MARK)
    contents["pts"] = contents["dts"] = [entry.timestamp for entry in listed]
    contents["place"], contents["size"] = places, [entry.size for entry in listed]
    contents["kind"], contents["is_gone"] = UNKNOWN, ~found
    contents[found] = marks
    contents["is_key"] = [entry.is_keyframe for entry in listed]
    contents["kind"][(contents["kind"] == INTRA) & ~contents["is_key"]] = UNKNOWN  # it was hit where it names its kind
    return contents


def require_whole_chain(path: Path, marks: np.ndarray) -> None:
    """Raise `VideoError` if the file has no table of contents, and something else than chunks between its packets.

    How many packets that has swallowed is not known.
    """
    ends = marks["place"][:-1] + marks["size"][:-1] + marks["size"][:-1] % 2          # chunks begin at even places
    with path.open("rb") as file:
        head = file.read(TABLE_WITHIN)
        file.seek(int(marks["place"][-1] + marks["size"][-1]))
        if b"indx" in head or b"idx1" in file.read(TABLE_WITHIN):
            return
        for end in ends[ends + CHUNK_HEADER < marks["place"][1:]].tolist():
            file.seek(end)
            if not CHUNK.match(file.read(4)):
                raise uncountable(path)


def uncountable(path: Path) -> VideoError:
    """The error for a file in which an unknown number of frames was lost."""
    return VideoError(
        f"{path} is damaged within, and its frames carry no time stamps. "
        "How many frames were lost cannot be known, so poses after the damage would land on wrong frames. "
        f"Copy it again; or convert it, and take the numbers of its frames from the new file: "
        f"ffmpeg -i {path.name} -c:v libx264 -crf 15 {path.stem}.mp4")


def is_packed(marks: np.ndarray) -> bool:
    """Whether an MPEG-4 stream leaves frames out, or has packets with several frames and others with none."""
    is_small = marks["size"] <= LARGEST_SKIPPED_FRAME
    return bool((is_small & (marks["kind"] != BIDIRECTIONAL)).any() or (marks["kind"] == SEVERAL).any())


def avi_index(stream: VideoStream, marks: np.ndarray) -> FrameIndex | None:
    """The index of an AVI file by its packets alone; `None` if it must be decoded to know their order."""
    contents = contents_of(stream, marks)
    if stream.codec_context.name == "mpeg4":
        return None if is_packed(marks) else _reordered(contents)
    if stream.codec_context.has_b_frames:
        return None
    return index_of(contents, np.arange(len(contents)), False, by_number=True)


def _reordered(marks: np.ndarray) -> FrameIndex:
    """MPEG-4: B-frames are shown before the frame that was stored before them.

    Where packets are lost, so may be B-frames; when the frame stored before those is shown is not known, so it is
    lost as well.
    """
    numbers = np.arange(len(marks))
    is_b = marks["kind"] == BIDIRECTIONAL                                             # (packet,)
    anchors = numbers[~is_b]
    after: Int64[np.ndarray, "anchor"] = np.append(anchors[1:], len(marks))
    shown = numbers - 1.0                                # a B-frame is shown one place earlier than it is stored
    shown[anchors] = after - 1
    lost = numbers[(marks["kind"] == UNKNOWN) | marks["is_gone"] | marks["is_blank"]]
    if not is_b.any():
        return index_of(marks, numbers, False, by_number=True)
    before = anchors[np.searchsorted(anchors, lost) - 1]
    return index_of(marks, np.argsort(shown, kind="stable"), False, by_number=True, damaged=frozenset(before.tolist()))
