"""The last look before the first step."""

import pytest

from gambol.errors import JobError
from gambol.nn.cost import cost_of
from gambol.runs.layout import RunFolder
from gambol.training import preflight as page
from gambol.training.preflight import LIBRARIES, MARGIN, fit_batch
from gambol.training.prepare import Prepared, prepare, read_labels


@pytest.fixture
def findings(job, tmp_path):
    """What is found of a job, by name; and what was prepared."""

    def look(**changes):
        asked = job(**changes)
        prepared = Prepared(asked, RunFolder(tmp_path / "run"), read_labels(asked)[0])
        found = {event.data["name"]: event.data for event in prepare(prepared) if event.kind == "finding"}
        return found, prepared

    return look


class TestFindings:
    def test_device_memory_disk_and_speed_are_looked_at(self, findings):
        found, _ = findings(epochs=3)
        assert list(found) == ["device", "memory, single", "disk", "speed, single"]
        assert {one["level"] for one in found.values()} == {"ok"}
        assert found["device"]["data"] == {"device": "cpu", "precision": "fp32"}
        assert found["speed, single"]["data"]["steps_per_second"] > 0

    def test_quickly_all_but_the_speed(self, findings):
        assert "speed, single" not in findings(preflight="quick")[0]

    def test_too_few_minutes_are_warned_of(self, findings):
        found, _ = findings(epochs=None, minutes=0.001)
        assert found["speed, single"]["level"] == "warning"
        assert "Pass more --minutes" in found["speed, single"]["remedy"]

    def test_a_card_that_is_not_used_is_said_loudly(self, findings, monkeypatch):
        monkeypatch.setattr(page, "unused_card", lambda device: "an NVIDIA card is there, but PyTorch has no CUDA")
        card = findings()[0]["graphics card"]
        assert card["level"] == "warning" and "--index-url" in card["remedy"]

    def test_a_device_that_does_not_work_is_refused(self, findings, monkeypatch):
        monkeypatch.setattr(page, "fault_of", lambda device, bf16: "no kernel image")
        with pytest.raises(JobError, match="no kernel image"):
            findings()

    def test_a_full_disk_is_refused_before_the_first_step(self, findings, monkeypatch):
        full = type("Usage", (), {"free": 10})
        monkeypatch.setattr("gambol.training.preflight.shutil.disk_usage", lambda path: full)
        with pytest.raises(JobError, match="has no room"):
            findings()


class TestFitBatch:
    SIZE = 64, 80

    def needed(self, plan, batch: int) -> float:
        stage = plan.stage
        return LIBRARIES * cost_of(stage.backbone, stage.heads, stage.channels, self.SIZE, batch).training_bytes

    def test_one_that_fits_stays(self, stage):
        plan = stage().plan
        fitting, _, finding = fit_batch(plan, self.SIZE, int(2 * self.needed(plan, plan.batch) / MARGIN))
        assert fitting == plan and finding.level == "ok"

    def test_one_that_does_not_is_halved_and_that_is_said(self, stage):
        plan = stage().plan.model_copy(update={"batch": 8})
        fitting, _, finding = fit_batch(plan, self.SIZE, int(1.01 * self.needed(plan, 2) / MARGIN))
        assert (fitting.batch, finding.level) == (2, "warning")
        assert "8 examples in a step do not fit" in finding.text

    def test_where_not_even_one_fits_it_is_refused(self, stage):
        _, _, finding = fit_batch(stage().plan, self.SIZE, 1000)
        assert finding.level == "refusal" and "scale=0.5" in finding.remedy

    def test_where_nobody_knows_what_is_free_it_is_tried(self, stage):
        plan = stage().plan
        fitting, _, finding = fit_batch(plan, self.SIZE, None)
        assert fitting == plan and finding.level == "ok"

    def test_the_batch_that_fits_is_the_one_that_is_trained(self, findings, monkeypatch):
        monkeypatch.setattr(page, "free_memory", lambda: 3_000_000)
        found, prepared = findings()
        if found["memory, single"]["level"] == "warning":
            assert prepared.plans[0].batch == 1
            assert "batch: 1" in prepared.folder.resolved.read_text()
