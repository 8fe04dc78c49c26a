"""Trainings side by side, in words."""

import io

import pytest
from rich.console import Console

from gambol.cli.facts.runs import WIDTH, runs


@pytest.fixture
def row():
    return {
        "state": "finished", "pipeline": "bottom-up", "backbone": "efficientnet_lite0", "parameters": 3_900_000,
        "labels": 1000, "minutes": 100.0, "mAP": 0.5, "median": 12.34, "p95": 100.1, "speed": 1234.5, "device": "cpu",
        "frames": 7, "group": "A"}


@pytest.fixture
def shown(row):
    """Lines that are printed of rows with these changes."""

    def show(*changes, **comparison) -> list[str]:
        rows = [row | {"run": f"run{number}"} | change for number, change in enumerate(changes)]
        compared = {
            "part": "val", "rows": rows, "comparable": True, "groups": [{"group": "A", "frames": 7, "runs": ["run0"]}],
            "devices": ["cpu"], "best": {"mAP": ["run1"], "median": [], "p95": [], "speed": []}} | comparison
        console = Console(width=WIDTH, record=True, file=io.StringIO())
        for part in runs({"runs": rows, "path": "models", "comparison": compared}):
            console.print(part, markup=False, highlight=False, soft_wrap=isinstance(part, str))
        return console.export_text().splitlines()

    return show


class TestRuns:
    def test_the_table_fits_also_with_long_names(self, shown):
        lines = shown({"run": "260304_050607.bottom_up.n=1000"}, {"run": "b"}, comparable=False)
        table = [line for line in lines if "runs were scored" not in line and "Train with" not in line]
        assert max(map(len, table)) <= WIDTH
        assert any("12.34" in line and "100.1" in line and "1234.5" in line for line in table)

    def test_the_best_value_is_marked(self, shown):
        first, second = (line for line in shown({}, {"mAP": 0.9}) if line.strip().startswith(("run0", "run1")))
        assert "0.900*" in second and "*" not in first

    def test_on_which_frames_it_was_is_told(self, shown):
        assert any("All figures are of the same 7 validation frames" in line for line in shown({}, {}))

    def test_runs_on_different_frames_are_told_apart(self, shown):
        groups = [{"group": "A", "frames": 7, "runs": ["run0"]}, {"group": "B", "frames": 9, "runs": ["run1"]}]
        text = "\n".join(shown({}, {"group": "B"}, comparable=False, groups=groups))
        assert "scored on different validation frames" in text
        assert "A: 7 validation frames, 1 run" in text and "B: 9 validation frames" in text and "--val" in text

    def test_what_is_not_finished_is_told(self, shown):
        none = {"state": "failed", "group": None, "mAP": None, "median": None, "p95": None, "speed": None}
        text = "\n".join(shown({}, none))
        assert "Not finished: run1 (failed)" in text and "–" in text

    def test_speeds_on_two_devices_are_told_apart(self, shown):
        assert any("cpu and on cuda" in line for line in shown({}, {"device": "cuda"}, devices=["cpu", "cuda"]))
