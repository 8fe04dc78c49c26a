"""What is known of a video, on the terminal."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from gambol.cli.progress import in_words
from gambol.cli.tables import headline, in_bytes, pairs
from gambol.video.frame_numbers import frames_in_words

Facts = Mapping[str, Any]


def video(facts: Facts) -> Iterator[str | Table]:
    """A video file or a folder of images: its size, its speed, and how its frames are found."""
    rows = [("frames", _frames_of_video(facts)), ("size", f"{facts['width']} x {facts['height']} pixels, "
             f"{'grey' if facts['channels'] == 1 else 'colour'}")]
    if facts["source"] == "images":
        sizes = [f"{width} x {height}" for width, height in facts["sizes"]]
        rows += [("images", f"{facts['first_image']} to {facts['last_image']}")]
        rows += [("sizes", ", ".join(sizes))] if len(sizes) > 1 else []
    elif facts["source"] == "video file":
        rate = f"{facts['fps']:.6g} frames/s" if facts["fps"] else "unknown"
        every = facts["keyframe_interval"]
        rows += [
            ("speed", rate + (", but not evenly: the frame rate varies" if facts["variable_rate"] else "")),
            ("coding", f"{facts['codec']}, {facts['pixel_format']}, in {facts['container']}"),
            ("range", facts["colour_range"]),
            ("frames by", facts["found_by"]),
            ("key frames", f"{facts['keyframes']}" + (
                f", every {every['median']:.0f} frames (at most {every['longest']})" if every else "")),
        ]
    if facts["exact"]:
        rows += [("access", "exact: frame n is the n-th that is shown, wherever reading begins")]
    if facts.get("damaged"):
        rows += [("damaged", f"{len(facts['damaged'])} frames cannot be read: {frames_in_words(facts['damaged'])}")]
    yield headline(facts, f"{facts['source']}, {in_bytes(facts['bytes'])}")
    yield pairs(rows)


def _frames_of_video(facts: Facts) -> str:
    text = f"{facts['frames']}"
    if facts.get("seconds"):
        text += f", {in_words(facts['seconds'])}"
    if facts.get("frames_stated") not in (None, facts["frames"]):
        text += f" (the file's header states {facts['frames_stated']})"
    if "dataset" in facts:
        text += f", from {facts['first']} to {facts['last']} of the original, in {facts['dataset']}"
    return text
