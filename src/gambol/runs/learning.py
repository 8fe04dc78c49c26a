"""How accuracy grows with the number of labelled frames, over the runs of a folder."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from gambol.errors import GambolError
from gambol.runs.compare import backbones, scored

Facts = Mapping[str, Any]


def learning_curves(runs: Sequence[Facts], folder: Path) -> dict[str, Any]:
    """One curve for each pipeline and backbone, over the runs that were scored on the same frames; ready for JSON.

    Of all sets of validation or test frames, the one counts on which models of most numbers of training frames were
    scored. curves: pipeline, backbone, `runs` (run, labels, median, mAP) and `points`, the medians of the runs with as
    many training frames. left_out: runs that were scored on others, or not at all.
    Raises `GambolError` if no pipeline and backbone were trained on two different numbers of frames.
    """
    part, mark = _most_telling(runs)
    chosen = [run for run in runs if mark is not None and scored(run, part) == mark]
    curves = _curves(chosen, part or "val")
    if not any(len(curve["points"]) > 1 for curve in curves):
        raise GambolError(
            f"{folder} has no two finished runs of one pipeline and backbone that learnt from different numbers of "
            "labelled frames and were scored on the same ones. "
            "A learning curve needs at least two such points, or it says nothing of more labels. "
            "Train on projects with fewer and with more labelled frames, and validate all of them on the same file: "
            "gambol train --labels FEWER.slp --val VALIDATION.slp --pipeline KIND --out "
            f"{folder}/NAME")
    return {
        "part": part, "frames": chosen[0]["accuracy"][part]["frames"], "curves": curves,
        "left_out": [run["path"] for run in runs if run not in chosen]}


def _most_telling(runs: Sequence[Facts]) -> tuple[str | None, str | None]:
    """The part of the split, and the frames in it, on which runs of the most numbers of training frames were scored."""
    sizes: dict[tuple[str, str], set[tuple[Any, Any, Any]]] = {}
    for part in ("test", "val"):
        for run in runs:
            mark = scored(run, part)
            if mark is not None and _labels(run) is not None:
                sizes.setdefault((part, mark), set()).add((run["pipeline"], backbones(run), _labels(run)))
    return max(sizes, key=lambda key: len(sizes[key]), default=(None, None))


def _curves(runs: Sequence[Facts], part: str) -> list[dict[str, Any]]:
    kinds = sorted({(str(run["pipeline"]), backbones(run)) for run in runs})
    curves = []
    for pipeline, backbone in kinds:
        own = [_point(run, part) for run in runs
               if (str(run["pipeline"]), backbones(run)) == (pipeline, backbone) and _labels(run) is not None]
        own.sort(key=lambda point: (point["labels"], point["run"]))
        points = []
        for labels in sorted({point["labels"] for point in own}):
            alike = [point for point in own if point["labels"] == labels]
            points.append({"labels": labels, "runs": len(alike), **{
                name: median(known) if (known := [point[name] for point in alike if point[name] is not None]) else None
                for name in ("median", "mAP")}})
        curves.append({"pipeline": pipeline, "backbone": backbone, "points": points, "runs": own})
    return curves


def _point(run: Facts, part: str) -> dict[str, Any]:
    figures = run["accuracy"][part]
    return {"run": run["path"], "labels": _labels(run), "median": figures.get("error_px", {}).get("median"),
            "mAP": figures.get("oks", {}).get("mAP")}


def _labels(run: Facts) -> int | None:
    """How many labelled frames the run learnt from."""
    return (run["labels"].get("train") or {}).get("frames")
