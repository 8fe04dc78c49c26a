"""The tables of docs/benchmarks.md, from the figures in benchmarks/results.

For: whoever has run a benchmark again. Command: `python benchmarks/tables.py`.
Writes: what stands between `<!-- begin NAME -->` and `<!-- end NAME -->` in docs/benchmarks.md; nothing else changes.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from gambol.storage import write_text

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HARDEST = 6  # nodes that the table of hard nodes shows by themselves
PIPELINES = ("single", "top-down", "bottom-up")
PEER, STEP, DECODING, FILES, SPEED = "peer", "training_step", "decoding", "predictions_file", "prediction_speed"
RECIPES, HARD, WARM, BACKBONES = "recipes", "hard_nodes", "warm_start", "backbones"
NO_SETS = PEER, STEP, DECODING, FILES, SPEED, RECIPES, HARD, WARM, BACKBONES  # every other file is the result of a set

Figures = dict[str, Any]
Row = Sequence[str]


def main() -> None:
    write_text(PAGE, render(PAGE.read_text(encoding="utf-8"), RESULTS))
    print(f"The tables of {PAGE.name} are up to date.")


def render(page: str, results: Path) -> str:
    """The page with its tables made from the results. Raises ValueError if it has no place for one."""
    figures = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(results.glob("*.json"))}
    for name, table in TABLES.items():
        pattern = rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)"
        places = list(re.finditer(pattern, page, flags=re.DOTALL))
        if len(places) != 1:
            raise ValueError(f"the page needs one pair of markers for the table '{name}', and has {len(places)}")
        page = f"{page[:places[0].end(1)]}\n{table(figures)}\n{page[places[0].start(2):]}"
    return page


def accuracy(figures: dict[str, Figures]) -> str:
    """One row for each test, pipeline and program, so that what was tested alike stands together."""
    header = (
        "tested on", "pipeline", "program", "minutes a stage", "mAP", "mAP, SLEAP's rule", "median px", "mean px",
        "95 % px", "within 5 px", "animals predicted / labelled", "missed", "extra", "frames with every animal",
        "frames/s",
    )
    own = [(test, "gambol", one) for test, one in tests(figures)]
    peers = [(one["test"], one["program"], one) for one in peer(figures)]
    ordered = sorted(own + peers, key=lambda row: (row[0], PIPELINES.index(row[2]["pipeline"]), row[1]))
    return markdown(header, [accuracy_row(*row) for row in ordered])


def accuracy_row(test: str, program: str, one: Figures) -> Row:
    """The cells of one program on one test; a figure that was not measured is a dash."""
    oks, error, pck = one.get("oks", {}), one["error_px"], one.get("pck", {})
    return (
        test, one["pipeline"], program, one["minutes"], number(oks.get("mAP")), number(oks.get("mAP_sleap")),
        number(error["median"]), number(error["mean"]), number(error["p95"]), share(pck.get("5")),
        f"{one['predicted_instances']} / {one['instances']}", number(one.get("missed_instances")),
        number(one.get("extra_instances")), share(one.get("complete_frames")), number(one.get("frames_per_second")),
    )


def training(figures: dict[str, Figures]) -> str:
    """One row for each stage that was trained."""
    header = ("set", "frames to learn from / to check with", "stage", "steps", "training, s", "waiting for data")
    rows = [
        (name, f"{own['training']['frames']['train']} / {own['training']['frames']['val']}", stage,
         str(made["steps"]), f"{made['seconds']:.0f}", share(made["waiting"]))
        for name, own in sets(figures) for stage, made in own["training"]["stages"].items()
    ]
    return markdown(header, rows)


def nodes(figures: dict[str, Figures]) -> str:
    """One row for each node of the first test of each set."""
    header = ("tested on", "pipeline", "node", "labelled", "missed", "median px", "mean px", "95 % px")
    rows: list[Row] = []
    for name, own in sets(figures):
        test, report = next(iter(own["tests"].items()))
        for node, one in report["nodes"].items():
            error = [number(one["error_px"][key]) for key in ("median", "mean", "p95")]
            counts = number(one["visible"]), number(one["missed"])
            rows.append((label(name, test), own["pipeline"], node, *counts, *error))
    return markdown(header, rows)


def training_step(figures: dict[str, Figures]) -> str:
    """One row for each program and stage."""
    header = ("stage", "program", "parameters", "numbers", "ms a step", "each turn", "waiting for data", "ratio")
    rows = [
        (stage, program, f"{one['parameters'] / 1e6:.2f} M", one["precision"], number(one["period_ms"]),
         ", ".join(number(turn) for turn in one["turns_ms"]), share(one["waiting"]),
         f"{own['times_faster']:.3g} × faster" if program == "gambol" else "")
        for stage, own in figures.get(STEP, {"stages": {}})["stages"].items()
        for program, one in own["programs"].items()
    ]
    return markdown(header, rows)


def decoding(figures: dict[str, Figures]) -> str:
    """One row for each scene."""
    header = ("animals", "nodes", "input, px", "ms a frame", "up to the peaks", "lines and grouping")
    rows = [
        (number(one["animals"]), number(one["nodes"]), number(one["side"]),
         *(number(one[key]) for key in ("ms", "peaks_ms", "grouping_ms")))
        for one in figures.get(DECODING, {"scenes": []})["scenes"]
    ]
    return markdown(header, rows)


def predictions_file(figures: dict[str, Figures]) -> str:
    """One row for each length of a predictions file."""
    header = (
        "frames", "file, MB", "written, s", "memory, MB", "by way of parts, s", "memory, MB", "opened, s",
        "a frame's poses, ms", "memory, MB", "read whole, s", "memory, MB",
    )
    rows = [
        (number(one["frames"]), number(one["megabytes"]),
         *(number(one[step][key]) for step in ("write", "parts") for key in ("seconds", "memory")),
         *(number(one["open"][key]) for key in ("seconds", "frame_ms", "memory")),
         *(number(one["read"][key]) for key in ("seconds", "memory")))
        for one in figures.get(FILES, {"rows": []})["rows"]
    ]
    return markdown(header, rows)


def prediction_speed(figures: dict[str, Figures]) -> str:
    """One row for each pipeline and program."""
    header = (
        "pipeline", "program", "engine", "frames/s", "each turn", "animals a frame", "most memory, MB", "ratio",
        "ratio of the networks alone")
    rows = [
        (pipeline, program, one["engine"], number(one["frames_per_second"]),
         ", ".join(number(turn) for turn in one["turns"]), number(one["animals"]), number(one["peak_mb"]),
         *(f"{one[ratio]:.3g} × faster" if ratio in one else "" for ratio in ("times_faster", "networks_times_faster")))
        for pipeline, programs in figures.get(SPEED, {"speed": {}})["speed"].items()
        for program, one in programs.items()
    ]
    return markdown(header, rows)


def prediction_time(figures: dict[str, Figures]) -> str:
    """One row for each run of gambol: what its threads did, and what the networks alone would have taken."""
    speed = figures.get(SPEED, {"speed": {}})
    runs = [
        ("centered_pair", pipeline, program, one)
        for pipeline, programs in speed["speed"].items() for program, one in programs.items() if "ms" in one
    ]
    runs += [("flies13", "top-down", "gambol, its own networks", speed["flies13"])] if "flies13" in speed else []
    work = ("network", "waiting for a turn", "reading maps", "cutting inputs", "waiting for frames")
    rows = [
        (recording, pipeline, program, number(1e3 / one["frames_per_second"]), share(one["network_share"]),
         *(number(one["ms"][each]) for each in work))
        for recording, pipeline, program, one in runs
    ]
    return markdown(("set", "pipeline", "program", "ms a frame", "of it the networks", *work), rows)


def prediction_start(figures: dict[str, Figures]) -> str:
    """How long a new process takes."""
    start = figures.get(SPEED, {}).get("start", {})
    words = {"help_seconds": "`gambol --help`", "first_result_seconds": "`gambol predict`, first frame"}
    return markdown(("command", "s from the start of the process"), [
        (words[name], number(seconds)) for name, seconds in start.items()])


def recipes(figures: dict[str, Figures]) -> str:
    """One row for each set and recipe; the ratio is that of the mean error to the best fixed recipe's."""
    header = ("set", "recipe", "minutes a stage", "steps", "mean px", "median px", "95 % px", "mAP", "beside the best")
    rows = []
    for name, own in figures.get(RECIPES, {"sets": {}})["sets"].items():
        fixed = [one["mean"] for recipe, one in own.items() if recipe != "auto" and one["mean"] is not None]
        for recipe, one in own.items():
            beside = f"{one['mean'] / min(fixed):.2f} ×" if fixed and one["mean"] is not None else "–"
            rows.append((
                name, recipe + (f" (the networks of {one['as']})" if "as" in one else ""), number(one["minutes"]),
                " + ".join(str(steps) for steps in one["steps"].values()),
                *(number(one[key]) for key in ("mean", "median", "p95", "mAP")), beside,
            ))
    return markdown(header, rows)


def hard_nodes(figures: dict[str, Figures]) -> str:
    """One row for each way of mining: means over its trainings, and over the nodes that are worst without it."""
    runs: list[Figures] = figures.get(HARD, {"runs": []})["runs"]
    ways = "off", "as SLEAP", "gentle"
    variants = {way: [one for one in runs if one["variant"] == way] for way in ways}
    plain = {node: mean([one["nodes"][node] for one in variants["off"]]) for node in (runs[0]["nodes"] if runs else ())}
    worst = sorted(plain, key=lambda node: -(plain[node] or 0))[:HARDEST]
    rows = [
        (variant, number(own[0]["minutes"]), number(len(own)), number(mean([one["steps"] for one in own])),
         *(number(mean([one[key] for one in own])) for key in ("mean", "median", "p95")),
         share(mean([one["pck5"] for one in own])),
         number(mean([one["nodes"][node] for one in own for node in worst])))
        for variant, own in variants.items() if own
    ]
    header = ("mining", "minutes", "trainings", "steps", "mean px", "median px", "95 % px", "within 5 px",
              f"mean px of the {HARDEST} nodes that are worst without")
    return markdown(header, rows)


def backbones(figures: dict[str, Figures]) -> str:
    """One row for each recording and backbone."""
    header = ("trained on", "minutes", "parameters, M", "GFLOP", "sees, px", "steps", "steps/s", "memory, MB",
              "median px", "mean px", "95 % px", "looks/s")
    rows = [
        (name, number(one["minutes"]), number(one["parameters"] / 1e6), number(one["gflop"]),
         number(one["receptive_field"]), number(one["steps"]), number(one["steps_per_second"]),
         number(one["training_mb"]), *(number(one.get(key)) for key in ("median", "mean", "p95")),
         number(one["looks_per_second"]))
        for name, one in figures.get(BACKBONES, {}).items()
    ]
    return markdown(header, rows)


def mean(values: Sequence[float | None]) -> float | None:
    """The mean of those that there are; None if there is none."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def warm_start(figures: dict[str, Figures]) -> str:
    """One row for each way to train: the middle one of the seeds, with the lowest and the highest."""
    header = ("trained on", "begun with", "minutes a stage", "seeds", "mAP", "median px", "mean px", "95 % px",
              "within 5 px", "missed")
    kept = figures.get(WARM, {"ways": {}, "rows": []})
    rows = []
    for way, about in kept["ways"].items():
        own = [row for row in kept["rows"] if row["way"] == way]
        if own:
            columns = (
                [number(row["oks"]["mAP"]) for row in own],
                *([number(row["error_px"][key]) for row in own] for key in ("median", "mean", "p95")),
                [share(row["pck"]["5"]) for row in own], [number(row["missed_instances"]) for row in own])
            rows.append((about["frames"], about["begun"], f"{about['minutes']:g}", str(len(own)),
                         *(spread(cells) for cells in columns)))
    return markdown(header, rows)


TABLES: dict[str, Callable[[dict[str, Figures]], str]] = {
    "accuracy": accuracy, "training": training, "nodes": nodes, "training_step": training_step,
    "decoding": decoding, "predictions_file": predictions_file, "prediction_speed": prediction_speed,
    "prediction_time": prediction_time, "prediction_start": prediction_start, RECIPES: recipes, HARD: hard_nodes,
    WARM: warm_start, BACKBONES: backbones,
}


def sets(figures: dict[str, Figures]) -> Iterator[tuple[str, Figures]]:
    """The results of the sets by name."""
    return ((name, own) for name, own in figures.items() if name not in NO_SETS)


def tests(figures: dict[str, Figures]) -> Iterator[tuple[str, Figures]]:
    """Every test of every set: its name, with that of the set where they differ, and its figures."""
    for name, own in sets(figures):
        for test, report in own["tests"].items():
            yield label(name, test), report | {"minutes": f"{own['minutes']:g}", "pipeline": own["pipeline"]}


def label(name: str, test: str) -> str:
    """What a test is called in the tables."""
    recording = name.partition(".")[0]
    return test if test.startswith(recording) else f"{recording}: {test}"


def peer(figures: dict[str, Figures]) -> list[Figures]:
    """The peer's rows."""
    rows: list[Figures] = figures.get(PEER, {"rows": []})["rows"]
    return rows


def markdown(header: Row, rows: Sequence[Row]) -> str:
    """A Markdown table with its numbers to the right."""
    words = ("tested on", "pipeline", "program", "set", "stage", "node", "engine", "command", "recipe", "mining",
             "trained on", "begun with")
    rule = ["---" if column in words else "--:" for column in header]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (header, rule, *rows))


def number(value: float | None) -> str:
    """A number in three digits, a count in full; a dash if there is none."""
    if value is None:
        return "–"
    return f"{value:.0f}" if isinstance(value, int) or value >= 100 else f"{value:.3g}"


def spread(cells: Sequence[str]) -> str:
    """The figures of several seeds in one cell: the middle one, then the lowest and the highest."""
    ordered = sorted(cells, key=lambda cell: float(cell.removesuffix(" %").replace("–", "inf")))
    middle = ordered[(len(ordered) - 1) // 2]
    return middle if len(ordered) == 1 else f"{middle} ({ordered[0]} to {ordered[-1]})"


def share(value: float | None) -> str:
    """A share in per cent, to a tenth; a dash if there is none."""
    return "–" if value is None else f"{100 * value:.1f} %"


if __name__ == "__main__":
    main()
