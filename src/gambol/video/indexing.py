"""The index of a video file, made once per file.

Frame n is the n-th frame shown. Counts and frame rates in file headers are often wrong, so the packets
themselves are read, without decoding them unless their time stamps cannot be trusted.
Where packets are gone, the frames that they held keep their numbers, so that no other frame gets them.
"""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from gambol.errors import VideoError
from gambol.video.avi import avi_index, contents_of, require_whole_chain
from gambol.video.gaps import with_gone
from gambol.video.index import FrameIndex
from gambol.video.packets import NO_TIME, marks_of, open_stream
from gambol.video.reader import require_file
from gambol.video.stamped import begins_with_keyframe, by_times, is_stamped
from gambol.video.unstamped import by_decoding

SOUGHT_BY_PTS = ("mov", "matroska")  # other containers are searched by decoding time
BARE = ("mpegvideo", "m4v")  # streams without a container: FFmpeg makes time stamps up
NEVER_SOUGHT = ("mpeg",)  # program streams: packets found by a seek get other time stamps than when read in order


def frame_index(path: Path) -> FrameIndex:
    """The index of a file, made once for as long as the file does not change. Raises `VideoError`."""
    require_file(path)
    stat = path.stat()
    return _frame_index(path, stat.st_size, stat.st_mtime_ns)


@lru_cache(maxsize=64)
def _frame_index(path: Path, size: int, modified: int) -> FrameIndex:
    container, stream = open_stream(path)
    with container:
        found = marks_of(container, stream)
        if not len(found):
            raise VideoError(
                f"{path} has no frames in it. "
                "There is nothing to find animals in. "
                "Check that the recording was finished properly, or convert it with ffmpeg.")
        found["is_key"][0] |= begins_with_keyframe(stream, found)
        name, by_pts = container.format.name, any(name in container.format.name for name in SOUGHT_BY_PTS)
        if name == "avi":
            require_whole_chain(path, found)
        index = avi_index(stream, found) if name == "avi" else None
        if index is not None:
            return index
        marks = contents_of(stream, found) if name == "avi" else with_gone(path, container, stream, found)
        stamped = name not in ("avi", *BARE) and is_stamped(stream, marks)
    index = by_times(path, marks, by_pts) if stamped else by_decoding(path, marks, name, by_pts)
    return replace(index, seeks=np.full_like(index.seeks, NO_TIME)) if name in NEVER_SOUGHT else index
