"""Runs side by side: their figures in rows, and which of them may be compared with which."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Facts = Mapping[str, Any]

HIGHER, LOWER = ("mAP", "speed"), ("median", "p95")  # which values are better
TEXTS = ("run", "pipeline", "backbone")
SORTABLE = (*TEXTS, "labels", "minutes", "mAP", "median", "p95", "speed")


def compare(runs: Sequence[Facts], base: Path, by: str = "mAP") -> dict[str, Any]:
    """Rows of figures, ready for JSON, sorted by one of `SORTABLE`, the best first.

    runs: what `run_facts` found. base: the folder from which they are named. part: the frames on which figures are,
    `test` where all runs have them and they differ less than validation frames. groups: of runs that were scored on the
    same frames, each with a letter; figures of two groups cannot be compared, so rows stay with their group where they
    are sorted by accuracy. best: by column, the rows that have the best value of their group (of speed: among those on
    one device).
    """
    part = _part(runs)
    letters = _letters(runs, part)
    rows = [_row(run, base, part, letters) for run in runs]
    for number, row in enumerate(rows):
        row["number"] = number
    grouped = by in ("mAP", "median", "p95")
    rows.sort(key=lambda row: (row["group"] or "~" if grouped else "", _rank(row, by)))
    groups = [{
        "group": letter, "frames": next(row["frames"] for row in rows if row["group"] == letter),
        "fingerprint": mark, "runs": [row["run"] for row in rows if row["group"] == letter]}
        for mark, letter in letters.items()]
    devices = sorted({str(row["device"]) for row in rows if row["device"]})
    return {"part": part, "rows": rows, "groups": groups, "comparable": len(groups) <= 1, "devices": devices,
            "best": _best(rows)}


def backbones(run: Facts) -> str:
    """The kinds of a run's networks, in words: `unet`, or `unet + resnet` where its stages differ."""
    kinds = [str(stage["backbone"].get("kind")) for stage in run["stages"] if stage["backbone"]]
    versions = [str(stage["backbone"].get("version", "")) for stage in run["stages"] if stage["backbone"]]
    return " + ".join(dict.fromkeys(kind + version for kind, version in zip(kinds, versions, strict=True)))


def scored(run: Facts, part: str | None) -> str | None:
    """What the frames of a part are known by, if the run was scored on them."""
    return (run["labels"].get(part) or {}).get("fingerprint") if run["accuracy"].get(part) else None


def _part(runs: Sequence[Facts]) -> str | None:
    """The part of the split that all runs were scored on, and in which they differ least."""
    marks = {part: [mark for run in runs if (mark := scored(run, part))] for part in ("test", "val")}
    most = max(map(len, marks.values()))
    possible = [part for part in marks if most and len(marks[part]) == most]
    return min(possible, key=lambda part: len(set(marks[part])), default=None)


def _letters(runs: Sequence[Facts], part: str | None) -> dict[str, str]:
    """A letter for each set of frames, A for that of most runs."""
    counts = Counter(mark for run in runs if (mark := scored(run, part)))
    return {mark: _letter(number) for number, (mark, _) in enumerate(counts.most_common())}


def _letter(number: int) -> str:
    return (_letter(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _row(run: Facts, base: Path, part: str | None, letters: Mapping[str, str]) -> dict[str, Any]:
    mark = scored(run, part)
    figures = run["accuracy"][part] if mark else {}
    error, speed = figures.get("error_px", {}), run["speed"] or {}
    sizes = [stage["parameters"] for stage in run["stages"]]
    return {
        "run": Path(run["path"]).relative_to(base).as_posix(), "state": run["state"], "pipeline": run["pipeline"],
        "backbone": backbones(run), "parameters": sum(sizes) if sizes and None not in sizes else None,
        "labels": (run["labels"].get("train") or {}).get("frames"), "minutes": run["minutes"],
        "mAP": figures.get("oks", {}).get("mAP"), "median": error.get("median"), "p95": error.get("p95"),
        "missed": figures.get("missed_instances"), "extra": figures.get("extra_instances"),
        "speed": speed.get("frames_per_second"), "device": speed.get("device"),
        "frames": figures.get("frames"), "group": letters.get(mark or "")}


def _rank(row: Facts, by: str) -> Any:
    value = row[by]
    if by in TEXTS:
        return str(value), row["number"]
    if value is None:
        return math.inf, row["number"]
    return (-value if by in HIGHER else value), row["number"]


def _best(rows: Sequence[Facts]) -> dict[str, list[str]]:
    """Names of the runs that are best among at least two that can be compared."""
    best: dict[str, list[str]] = {}
    for column in (*HIGHER, *LOWER):
        rivals: dict[str, list[Facts]] = {}
        for row in rows:
            if row[column] is not None:
                rivals.setdefault(str(row["device" if column == "speed" else "group"]), []).append(row)
        most = max if column in HIGHER else min
        best[column] = [
            row["run"] for own in rivals.values() if len(own) > 1
            for row in own if row[column] == most(one[column] for one in own)]
    return best
