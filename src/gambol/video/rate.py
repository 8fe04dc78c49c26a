"""How fast a video file plays."""

from pathlib import Path

from gambol.video.indexing import frame_index
from gambol.video.packets import open_stream
from gambol.video.reader import HDF5_SUFFIXES, IMAGE_SUFFIXES


def frame_rate(path: Path) -> float | None:
    """Frames per second, by the time stamps of the frames; None for what has none (images, a single frame).

    Raises `VideoError` if the file cannot be read.
    """
    if path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES | HDF5_SUFFIXES:
        return None
    times = frame_index(path).times                                                      # (frame,) ticks
    container, stream = open_stream(path)
    with container:
        tick, stated = stream.time_base, stream.average_rate
    span = float((times.max() - times.min()) * tick) if tick and len(times) > 1 else 0.0
    measured = (len(times) - 1) / span if span > 0 else None
    if stated and (measured is None or abs(float(stated) / measured - 1) < 0.01):
        return float(stated)  # free of the rounding of time stamps
    return measured
