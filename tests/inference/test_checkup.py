"""Whether all that gambol needs is here."""

import pytest

from gambol.errors import VideoError
from gambol.inference import checkup as page
from gambol.inference.checkup import checkup


@pytest.fixture
def found(monkeypatch):
    """The findings of a look at this machine, by name."""
    monkeypatch.setattr(page, "SECONDS", 0)
    return lambda: {finding.name: finding for finding in checkup()}


class TestCheckup:
    def test_here_everything_works(self, found, monkeypatch):
        monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        findings = found()
        assert {"versions", "device", "video", "engine", "cores", "memory", "cache", "this folder"} <= set(findings)
        assert [name for name, finding in findings.items() if finding.level == "refusal"] == []
        assert findings["engine"].data["engine"].startswith("openvino")

    def test_videos_that_cannot_be_read_are_a_refusal(self, found, monkeypatch):
        def broken(*_):
            raise VideoError("no codec")

        monkeypatch.setattr("gambol.video.reader.open_video", broken)
        video = found()["video"]
        assert (video.level, video.remedy) == ("refusal", page.UPGRADE) and "no codec" in video.text

    def test_cores_that_pytorch_may_not_use_are_told(self, found, monkeypatch):
        monkeypatch.setenv("OMP_NUM_THREADS", "1")
        monkeypatch.setattr("gambol.inference.checkup.os.cpu_count", lambda: 8)
        cores = found()["cores"]
        assert cores.level == "warning" and "OMP_NUM_THREADS=1" in cores.text

    def test_little_memory_and_little_room_are_told(self, found, monkeypatch):
        monkeypatch.setattr(page, "free_memory", lambda: 10**8)
        monkeypatch.setattr(page, "LITTLE_DISK", 1e18)
        findings = found()
        assert findings["memory"].level == findings["cache"].level == "warning"
