"""What is in a project or in predictions, on the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from gambol.cli.progress import in_words
from gambol.cli.tables import NONE, empty_table, headline, in_bytes, number, pairs

Facts = Mapping[str, Any]


def project(facts: Facts) -> Iterator[str | Table]:
    """A project, or predictions: what it holds, its videos, its nodes."""
    frames, made = facts["frames"], facts["instances"]
    at_once = [f"{count} in {many} frames" for count, many in facts["animals_per_frame"].items()]
    rows = [
        ("frames", f"{frames['labelled']} labelled: {frames['with_user']} by a person, {frames['with_predicted']} "
         f"predicted, {frames['without_animals']} without animals{_share(frames['share_without_animals'])}"),
        ("animals", f"{made['user']} placed by a person, {made['predicted']} predicted"),
        ("at once", ", ".join(at_once) or NONE),
        ("tracks", _tracks(facts["tracks"])),
        ("suggestions", f"{facts['suggestions']} frames"),
    ]
    rows += [(f"{what}' scores", f"{low:.2f} to {high:.2f}, half of them {first:.2f} to {third:.2f}, median {mid:.2f}")
             for what, (low, first, mid, third, high) in (facts["scores"] or {}).items()]
    rows += [("also holds", ", ".join(facts["beyond_gambol"]))] if facts["beyond_gambol"] else []
    rows += _provenance(facts["provenance"])
    yield headline(facts, f"{facts['kind']}, {in_bytes(facts['bytes'])}")
    yield pairs(rows)
    yield _videos(facts["videos"], Path(facts["path"]).resolve().parent)
    for video in facts["videos"]:
        if video["changed"]:
            yield f"Video {video['number']} is not the one that was predicted: {video['changed']}."
    yield _nodes(facts)


def _tracks(tracks: Facts) -> str:
    if not tracks["count"]:
        return "none"
    longest = sorted(tracks["animals"].items(), key=lambda pair: -pair[1])
    listed = ", ".join(f"{name} ({length} frames)" for name, length in longest[:4])
    more = f" and {len(longest) - 4} more" if len(longest) > 4 else ""
    without = f"; {tracks['animals_without']} animals without" if tracks["animals_without"] else ""
    return f"{tracks['count']}: {listed}{more}{without}"


def _provenance(known: Facts) -> list[tuple[str, str]]:
    if known.get("software") != "gambol":
        return [("made by", str(known["sleap_version"]))] if known.get("sleap_version") else []
    version = (known.get("environment") or {}).get("gambol", "")
    engine = f" by {known['engine']}" if known.get("engine") else ""
    rows = [("made by", f"gambol {version}, {known.get('finished', '')}, on {known.get('device', '?')}{engine}")]
    rows += [("model", place) for place in (known.get("models") or {}).values()]
    if known.get("frames_per_second"):
        speed = f"{known['frames_per_second']:.1f} frames/s"
        rows += [("speed", f"{known.get('frames')} frames in {in_words(known.get('seconds') or 0)}, {speed}")]
    rows += [("lost", f"{lost['count']} frames of {lost['name']} could not be decoded: {lost['frames']}")
             for lost in known.get("lost_frames") or ()]
    return rows


def _videos(videos: Sequence[Facts], folder: Path) -> Table:
    table = empty_table("Videos", ("", "name"), ("labelled", "frames", "size", "frames/s"), ("where",))
    for video in videos:
        size = f"{video['width']} x {video['height']}" if video["width"] else NONE
        table.add_row(str(video["number"]), video["name"], str(video["labelled_frames"]), str(video["frames"] or NONE),
                      size, number(video["fps"], 2), _place(video, folder))
    return table


def _place(video: Facts, folder: Path) -> str:
    """Where a video was found, as seen from the project's folder."""
    if not video["found"]:
        return "not found"
    if video["embedded"]:
        return "in this file"
    place = Path(video["found"]).parent
    if place.is_relative_to(folder):
        place = place.relative_to(folder)
    images = f"{video['images']} images in " if video["images"] else ""
    return images + ("the project's folder" if place == Path() else place.as_posix())


def _nodes(facts: Facts) -> Table:
    skeleton = facts["skeleton"]
    symmetric = skeleton["symmetries"]
    table = empty_table(f"Nodes of {skeleton['name'] or 'the skeleton'}", ("node",), ("visible",),
                        ("edges to", *(("mirrored by",) if symmetric else ())))
    for node in skeleton["nodes"]:
        edges = ", ".join(end for start, end in skeleton["edges"] if start == node)
        mirrored = ", ".join(other for pair in symmetric for other in pair if node in pair and other != node)
        share = facts["visible_nodes"][node]
        table.add_row(node, NONE if share is None else f"{share:.1%}", edges, *((mirrored,) if symmetric else ()))
    return table


def _share(share: float | None) -> str:
    return f" ({share:.1%})" if share else ""
