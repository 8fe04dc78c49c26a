"""Whether a video file is all there, by the sizes that its own container states.

A decoder reads a copy that was interrupted as far as it goes and says nothing. MP4/QuickTime, AVI and
Matroska/WebM state how long they are; for other containers nothing can be said.
"""

from pathlib import Path
from typing import BinaryIO

from gambol.video.matroska import element_end

MP4_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"moof", b"styp", b"sidx", b"pnot"})
EBML, SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def bytes_missing(path: Path) -> int:
    """How many bytes the container states beyond the file's end; 0 if none, or if it does not say."""
    with path.open("rb") as file:
        start = file.read(12)
        file.seek(0)
        if start[4:8] in MP4_BOXES:
            stated = _mp4_length(file)
        elif start[:4] == b"RIFF":
            stated = _riff_length(file)
        elif start[:4] == EBML:
            stated = _matroska_length(file)
        else:
            stated = 0
    return max(0, stated - path.stat().st_size)


def _mp4_length(file: BinaryIO) -> int:
    """Where the last box ends. Source: ISO/IEC 14496-12, 4.2."""
    end = 0
    while len(header := _at(file, end, 16)) >= 8 and header[4:8].isalnum():
        size = int.from_bytes(header[:4], "big")
        if size == 1:
            size = int.from_bytes(header[8:16], "big")
        if size < 8:  # 0: to the end of the file, however long that is
            return 0
        end += size
    return end


def _riff_length(file: BinaryIO) -> int:
    """Where the last RIFF chunk ends; 0 if a recorder never came back to write a size."""
    end = 0
    while len(header := _at(file, end, 8)) == 8 and header[:4] == b"RIFF":
        size = int.from_bytes(header[4:], "little")
        if size in (0, 2**32 - 1):
            return 0
        end += 8 + size
    return end


def _matroska_length(file: BinaryIO) -> int:
    """Where the segment ends; 0 if it was written live, without a size. Source: RFC 8794, RFC 9559."""
    _, after_header = element_end(_at(file, 4, 8), 4)
    if _at(file, after_header, 4) != SEGMENT:
        return 0
    known, end = element_end(_at(file, after_header + 4, 8), after_header + 4)
    return end if known else 0


def _at(file: BinaryIO, offset: int, count: int) -> bytes:
    """Up to `count` bytes from `offset`."""
    file.seek(offset)
    return file.read(count)
