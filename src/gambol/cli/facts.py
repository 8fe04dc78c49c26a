"""Facts about files and folders as lines and tables on the terminal."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.table import Table

from gambol.cli.progress import in_words
from gambol.cli.tables import NARROW, NONE, number, summary_table
from gambol.video.frame_numbers import frames_in_words

Facts = Mapping[str, Any]


def shown(facts: Facts) -> Iterator[str | Table]:
    """What `gambol.runs.look.facts_of` found, for people."""
    if facts["kind"] == "video":
        yield from _video(facts)
    elif facts["kind"] == "run":
        yield from _run(facts)
    elif facts["kind"] == "runs":
        yield _runs(facts)
    else:
        yield from _project(facts)


def _video(facts: Facts) -> Iterator[str | Table]:
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
    yield _headline(facts, f"{facts['source']}, {_bytes(facts['bytes'])}")
    yield _pairs(rows)


def _frames_of_video(facts: Facts) -> str:
    text = f"{facts['frames']}"
    if facts.get("seconds"):
        text += f", {in_words(facts['seconds'])}"
    if facts.get("frames_stated") not in (None, facts["frames"]):
        text += f" (the file's header states {facts['frames_stated']})"
    if "dataset" in facts:
        text += f", from {facts['first']} to {facts['last']} of the original, in {facts['dataset']}"
    return text


def _project(facts: Facts) -> Iterator[str | Table]:
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
    yield _headline(facts, f"{facts['kind']}, {_bytes(facts['bytes'])}")
    yield _pairs(rows)
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
    table = _table("Videos", ("", "name"), ("labelled", "frames", "size", "frames/s"), ("where",))
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
    pairs = skeleton["symmetries"]
    table = _table(f"Nodes of {skeleton['name'] or 'the skeleton'}", ("node",), ("visible",),
                   ("edges to", *(("mirrored by",) if pairs else ())))
    for node in skeleton["nodes"]:
        edges = ", ".join(end for start, end in skeleton["edges"] if start == node)
        mirrored = ", ".join(other for pair in pairs for other in pair if node in pair and other != node)
        share = facts["visible_nodes"][node]
        table.add_row(node, NONE if share is None else f"{share:.1%}", edges, *((mirrored,) if pairs else ()))
    return table


def _run(facts: Facts) -> Iterator[str | Table]:
    labels = [f"{counts['frames']} frames to {what}" for part, what in
              (("train", "learn from"), ("val", "validate with"), ("test", "test with"))
              if (counts := facts["labels"].get(part))]
    budget = ", ".join(f"{value:g} {name}" for name, value in facts["budget"].items())
    rows = [
        ("state", _state(facts)), ("pipeline", str(facts["pipeline"])), ("project", str(facts["project"])),
        ("labels", ", ".join(labels) or NONE),
        ("time", f"{facts['minutes']:.1f} min of training{f' ({budget} asked for each stage)' if budget else ''}"),
    ]
    rows += [("began", _when(facts["began"]))] if facts["began"] else []
    machine = facts["environment"]
    rows += [("machine", f"{machine.get('system')}, {machine.get('cores')} cores; gambol {machine.get('gambol')}, "
              f"torch {machine.get('torch')}")] if machine else []
    rows += [(stage["name"], _network(stage)) for stage in facts["stages"] if stage["backbone"]]
    rows += [("warning", text) for text in facts["warnings"]]
    yield _headline(facts, "run")
    yield _pairs(rows)
    yield _stages(facts["stages"])
    if facts["accuracy"]:
        yield summary_table(facts["accuracy"])


def _state(facts: Facts) -> str:
    text = {"running": f"running now ({facts['why']})", "failed": f"failed: {facts['why']}"}.get(
        facts["state"], str(facts["state"]))
    return text + (f"\nGo on with: {facts['continue_with']}" if facts["continue_with"] else "")


def _stages(stages: Iterable[Facts]) -> Table:
    table = _table("Stages", ("stage",), ("epochs", "best", "loss there", "minutes", "weights"), ())
    for stage in stages:
        weights = _bytes(stage["weights_bytes"]) if stage["weights_bytes"] else NONE
        best = NONE if stage["best_epoch"] is None else f"{stage['best_epoch']}{'' if stage['finished'] else ' so far'}"
        table.add_row(stage["name"], str(stage["epochs"] or NONE), best, number(stage["val_loss"], 5),
                      number(stage["minutes"], 1), weights)
    return table


def _network(stage: Facts) -> str:
    backbone, view = stage["backbone"] or {}, stage["view"] or {}
    told = [str(backbone.get("kind"))]
    if "filters_rate" in backbone:
        told.append(f"{backbone['filters']} filters x {backbone['filters_rate']:g} a level")
    if "max_stride" in backbone:
        told.append(f"stride {backbone['max_stride']} to {backbone.get('output_stride')}")
    size = f" of {view['size']} px" if view.get("size") else ""
    return f"{', '.join(told)}; sees a {view.get('kind')}{size} at scale {view.get('scale', 1):.2g}"


def _runs(facts: Facts) -> Table:
    table = _table(f"{len(facts['runs'])} runs in {facts['path']}", ("run", "pipeline", "state"),
                   ("labels", "minutes", "mAP", "median", "95 %", "missed"), ())
    for run in facts["runs"]:
        figures = run["accuracy"].get("test") or run["accuracy"].get("val") or {}
        error, frames = figures.get("error_px", {}), run["labels"].get("train") or {}
        table.add_row(
            Path(run["path"]).relative_to(facts["path"]).as_posix(), str(run["pipeline"]), run["state"],
            str(frames.get("frames", NONE)), number(run["minutes"], 1), number(figures.get("oks", {}).get("mAP"), 3),
            number(error.get("median"), 2), number(error.get("p95"), 1), str(figures.get("missed_instances", NONE)))
    table.caption = "mAP, errors in px and missed animals on the test frames of each run, or its validation frames."
    table.caption_justify = "left"
    return table


def _headline(facts: Facts, what: str) -> str:
    return f"{facts['path']}: {what}"


def _pairs(rows: Iterable[tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


def _table(title: str, left: Sequence[str], right: Sequence[str], last: Sequence[str]) -> Table:
    """An empty table whose columns of figures, in the middle, are right-aligned."""
    table = Table(title=title, **NARROW)
    for name in (*left, *right, *last):
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    return table


def _share(share: float | None) -> str:
    return f" ({share:.1%})" if share else ""


def _when(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="minutes")


def _bytes(count: int) -> str:
    size, units = float(count), iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while size >= 1000 and unit != "TB":
        size, unit = size / 1000, next(units)
    return f"{size:.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
