"""Runs side by side."""

import json
from pathlib import Path

import pytest

from gambol.runs.compare import SORTABLE, backbones, compare

BASE = Path("models")


@pytest.fixture
def made():
    """Facts about a run, as short as they can be: name, mAP, and the frames on which it was scored."""

    def make(name, mean_precision=None, frames="a", **changes):
        figures = {"oks": {"mAP": mean_precision}, "error_px": {"median": 3 - (mean_precision or 0), "p95": 9.0},
                   "frames": 7, "missed_instances": 1, "extra_instances": 2}
        stage = {"backbone": {"kind": "unet"}, "parameters": 1000}
        return {
            "path": (BASE / name).as_posix(), "state": "finished", "pipeline": "single", "stages": [stage],
            "labels": {"train": {"frames": 30}, "val": {"frames": 7, "fingerprint": frames}}, "minutes": 2.0,
            "accuracy": {} if mean_precision is None else {"val": figures},
            "speed": {"frames_per_second": 50.0, "device": "cpu"}} | changes

    return make


class TestCompare:
    def test_the_best_comes_first_and_what_is_not_scored_last(self, made):
        runs = [made("none", state="running"), made("poor", 0.3), made("good", 0.9)]
        assert [row["run"] for row in compare(runs, BASE)["rows"]] == ["good", "poor", "none"]
        json.dumps(compare(runs, BASE))

    @pytest.mark.parametrize("by", SORTABLE)
    def test_any_column_may_decide(self, made, by):
        runs = [made("b", 0.3, minutes=1.0), made("a", 0.9, pipeline="top-down"), made("c", speed=None)]
        rows = compare(runs, BASE, by)["rows"]
        assert sorted(row["run"] for row in rows) == ["a", "b", "c"]
        if by == "run":
            assert [row["run"] for row in rows] == ["a", "b", "c"]

    def test_the_best_of_each_column_is_named(self, made):
        runs = [made("one", 0.5), made("two", 0.9), made("three", 0.9)]
        runs[0]["speed"] = {"frames_per_second": 80.0, "device": "cpu"}
        best = compare(runs, BASE)["best"]
        assert set(best["mAP"]) == {"two", "three"} == set(best["median"])
        assert best["speed"] == ["one"] and len(best["p95"]) == 3

    def test_a_run_alone_is_not_the_best_of_anything(self, made):
        assert not any(compare([made("one", 0.5), made("two", 0.9, "b")], BASE)["best"][column]
                       for column in ("mAP", "median", "p95"))

    def test_runs_on_other_frames_are_kept_apart(self, made):
        runs = [made("alone", 0.99, "b"), made("poor", 0.3), made("good", 0.9)]
        compared = compare(runs, BASE)
        assert not compared["comparable"]
        assert [(group["group"], group["runs"]) for group in compared["groups"]] == [
            ("A", ["good", "poor"]), ("B", ["alone"])]
        assert [row["run"] for row in compared["rows"]] == ["good", "poor", "alone"]
        assert compared["best"]["mAP"] == ["good"]

    def test_test_frames_decide_where_all_runs_have_the_same(self, made):
        runs = [made("one", 0.5, "a"), made("two", 0.9, "b")]
        assert compare(runs, BASE)["part"] == "val"
        for run in runs:
            run["labels"]["test"] = {"frames": 5, "fingerprint": "same"}
            run["accuracy"]["test"] = run["accuracy"]["val"]
        compared = compare(runs, BASE)
        assert (compared["part"], compared["comparable"]) == ("test", True)

    def test_speeds_on_another_device_are_no_rivals(self, made):
        runs = [made("one", 0.5), made("two", 0.5), made("gpu", 0.5)]
        runs[2]["speed"] = {"frames_per_second": 900.0, "device": "cuda"}
        compared = compare(runs, BASE)
        assert compared["devices"] == ["cpu", "cuda"] and set(compared["best"]["speed"]) == {"one", "two"}

    def test_no_run_with_figures_is_no_harm(self, made):
        compared = compare([made("one"), made("two")], BASE)
        assert (compared["part"], compared["groups"], len(compared["rows"])) == (None, [], 2)


class TestBackbones:
    def test_stages_with_the_same_network_are_said_once(self, made):
        run = made("one")
        run["stages"] = [{"backbone": {"kind": "unet"}}, {"backbone": {"kind": "unet"}}]
        assert backbones(run) == "unet"
        run["stages"] = [{"backbone": {"kind": "unet"}}, {"backbone": {"kind": "resnet", "version": 50}}]
        assert backbones(run) == "unet + resnet50"
        run["stages"] = [{"backbone": None}]
        assert backbones(run) == ""
