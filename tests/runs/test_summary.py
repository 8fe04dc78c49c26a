"""What came of a training, read from its folder."""

import json

import pytest

from gambol.runs.events import Event, read_events
from gambol.runs.summary import run_facts
from gambol.storage import locked


class TestRunFacts:
    def test_of_a_finished_run(self, finished):
        facts = run_facts(finished)
        assert (facts["kind"], facts["state"], facts["pipeline"]) == ("run", "finished", "top-down")
        assert facts["continue_with"] is None
        assert facts["labels"]["train"]["frames"] + facts["labels"]["val"]["frames"] == 10
        assert facts["accuracy"]["val"]["oks"] == json.loads((finished / "metrics.val.json").read_text())["oks"]
        assert "nodes" not in facts["accuracy"]["val"]
        assert facts["budget"] == {"epochs": 2} and 0 < facts["minutes"] < 5
        assert facts["environment"]["gambol"] and facts["began"] < facts["ended"]
        json.dumps(facts)

    def test_a_stage_took_as_long_as_it_said_when_it_ended_not_when_it_last_told_a_step(self, finished):
        ended = {event["stage"]: event["seconds"] for event in read_events(finished / "events.jsonl")
                 if event["kind"] == "finished" and event["stage"]}
        for stage in run_facts(finished)["stages"]:
            assert 60 * stage["minutes"] == pytest.approx(ended[stage["name"]], abs=0.01)

    def test_stages_come_in_the_order_of_training(self, finished):
        stages = run_facts(finished)["stages"]
        assert [stage["name"] for stage in stages] == ["centroid", "centered_instance"]
        for stage in stages:
            assert stage["finished"] and stage["backbone"]["kind"] == "unet"
            assert stage["epochs"] == 2 and stage["best_epoch"] in (1, 2) and stage["steps"] == 60
            assert stage["weights_bytes"] > 1000

    def test_a_run_that_was_killed_says_how_to_go_on(self, stopped):
        facts = run_facts(stopped)
        assert (facts["state"], facts["why"]) == ("unfinished", None)
        assert facts["continue_with"] == f"gambol train --resume {stopped}"
        assert [stage["finished"] for stage in facts["stages"]] == [True, False]
        assert facts["accuracy"] == {}
        assert facts["labels"]["train"]["frames"] + facts["labels"]["val"]["frames"] == 10

    def test_a_run_that_failed_says_why(self, stopped):
        with (stopped / "events.jsonl").open("a") as diary:
            diary.write(Event("failed", data={"text": "The disk is full."}).line() + "\n")
        facts = run_facts(stopped)
        assert (facts["state"], facts["why"]) == ("failed", "The disk is full.")
        assert facts["continue_with"]

    def test_a_run_that_somebody_is_at_is_running(self, stopped):
        with locked(stopped.resolve()):
            facts = run_facts(stopped)
        assert facts["state"] == "running" and "process" in facts["why"]
        assert facts["continue_with"] is None

    @pytest.mark.parametrize(
        "name", ["events.jsonl", "resolved.yaml", "environment.json", "metrics.val.json", "labels.val.slp",
                 "centroid/model.yaml"])
    @pytest.mark.parametrize("content", [None, b"", b"\xff\x00 not what it should be: [{"])
    def test_a_file_that_is_missing_or_damaged_costs_only_what_it_would_have_said(self, finished, name, content):
        (finished / name).unlink()
        if content is not None:
            (finished / name).write_bytes(content)
        facts = run_facts(finished)
        assert facts["pipeline"] == "top-down" and len(facts["stages"]) == 2
        json.dumps(facts)

    @pytest.mark.parametrize("why", ["stopped by the user", "cancelled as it was asked to"])
    def test_a_run_that_was_ended_by_somebody_says_so(self, stopped, why):
        with (stopped / "events.jsonl").open("a") as diary:
            diary.write(Event("cancelled", data={"text": why}).line() + "\n")
        facts = run_facts(stopped)
        assert (facts["state"], facts["why"]) == ("cancelled", why)
        assert facts["continue_with"] and facts["reached"] == "training centered_instance, epoch 1"

    def test_what_was_asked_and_how_labels_were_split_is_told(self, finished):
        facts = run_facts(finished)
        assert facts["asked"]["epochs"] == 2 and facts["split"]["seed"] == 0
        assert facts["labels"]["val"]["fingerprint"] and "fingerprint" not in facts["labels"]["train"]

    def test_nodes_come_the_worst_first(self, finished):
        figures = json.loads((finished / "metrics.val.json").read_text())
        names = list(figures["nodes"])
        for number, name in enumerate(names):
            figures["nodes"][name] |= {"visible": 3, "error_px": {"median": float(number), "p95": 9.0}}
        figures["nodes"][names[0]]["error_px"]["median"] = None
        (finished / "metrics.val.json").write_text(json.dumps(figures))
        assert [node["node"] for node in run_facts(finished)["nodes"]["val"]] == [names[0], *names[:0:-1]]

    def test_speed_and_prediction_are_told(self, finished):
        facts = run_facts(finished)
        assert facts["speed"]["frames_per_second"] > 0 and facts["prediction"] is None
        (finished / "prediction.json").write_text('{"frames": 3}')
        assert run_facts(finished)["prediction"] == {"frames": 3}
