"""The main job, end to end, by its three commands: labelled frames in, scored poses out."""

import json

import pytest

from gambol.formats import load


@pytest.mark.parametrize("pipeline", ["single", "top-down", "bottom-up"])
def test_three_commands_lead_from_labels_to_scores(command, lone_gecko, tiny, tmp_path, monkeypatch, pipeline):
    monkeypatch.setattr("gambol.training.loop.steps_per_epoch", lambda samples, batch: 25)
    run, predictions, figures = tmp_path / "run", tmp_path / "found.slp", tmp_path / "figures.json"
    changes = [word for stage, settings in tiny[pipeline].items() if stage != "kind"
               for word in ("--set", f"pipeline.{stage}={json.dumps(settings)}")]
    trained = command("train", "--labels", lone_gecko.labels, "--pipeline", pipeline, "--out", run, "--epochs", 2,
                      "--device", "cpu", "--set", "split.test=0.2", *changes)
    assert trained.code == 0, trained.err
    assert f"The model is in {run}" in trained.out
    assert sorted(path.name for path in run.glob("metrics.*")) == [
        f"metrics.{part}.json" for part in ("test", "train", "val")]

    found = command("predict", lone_gecko.video, "-m", run, "-o", predictions, "--animals", 1, "--threshold", 0,
                    "--animal-threshold", 0.001)
    assert found.code == 0, found.err
    assert len(load(predictions)) == 30

    scored = command("evaluate", lone_gecko.truth, predictions, "--json", figures, "--figure", tmp_path / "picture.png")
    assert scored.code == 0, scored.err
    result = json.loads(figures.read_text())
    assert result["frames"] == 30
    assert result["missed_instances"] < 30
    assert (tmp_path / "picture.png").stat().st_size > 1000


def test_minutes_bound_each_stage(command, lone_gecko, tiny, tmp_path):
    settings = json.dumps(tiny["single"]["single"])
    trained = command("train", "--labels", lone_gecko.labels, "--pipeline", "single", "--out", tmp_path / "run",
                      "--minutes", 0.01, "--device", "cpu", "--set", f"pipeline.single={settings}")
    assert trained.code == 0, trained.err
    events = [json.loads(line) for line in (tmp_path / "run" / "events.jsonl").read_text().splitlines()]
    seconds = [event["time"] for event in events if event.get("phase") == "first step" or event["kind"] == "epoch"]
    assert seconds[-1] - seconds[0] < 60
