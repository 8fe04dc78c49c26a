"""Frame numbers in words: `0-99,200` to stretches of numbers, and the check that a video has them."""

from collections.abc import Iterable
from itertools import chain

from gambol.errors import FrameOutOfRange, GambolError
from gambol.video.reader import VideoReader


def parse_frames(text: str) -> list[range]:
    """Stretches of frame numbers from words such as `0-99,200`. Raises `GambolError` if they are something else."""
    stretches = []
    for part in text.replace(" ", "").split(","):
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (dash and not (last.isdecimal() and int(first) <= int(last))):
            raise GambolError(
                f"'{text}' does not name frames. "
                "Nothing was done, because a guess could be wrong. "
                "Write numbers and ranges with commas between them, for example 0-99,200.")
        stretches.append(range(int(first), int(last or first) + 1))
    return stretches


def require_frames_of(reader: VideoReader, stretches: Iterable[range]) -> list[int]:
    """These frames, ascending, each once. Raises `FrameOutOfRange` if the video does not have one of them."""
    stretches = list(stretches)
    there = frozenset(reader.frame_numbers)
    for frame in chain(*stretches):  # however many are asked for, it ends at the first that is not there
        if frame not in there:
            raise FrameOutOfRange(
                f"Frame {frame} was asked for, but {reader.source.name} has {len(reader)} frames, "
                f"up to {max(there)}. "
                "Poses for a frame that is not there would mean nothing. "
                "Correct --frames, or check that this is the right video.")
    return sorted(set(chain(*stretches)))


def frames_in_words(frames: Iterable[int]) -> str:
    """`parse_frames` the other way: numbers as stretches, such as `3-5, 9`."""
    stretches: list[list[int]] = []
    for frame in sorted(set(frames)):
        if stretches and stretches[-1][-1] == frame - 1:
            stretches[-1][1:] = [frame]
        else:
            stretches.append([frame])
    return ", ".join("-".join(map(str, stretch)) for stretch in stretches)
