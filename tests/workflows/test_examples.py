"""The examples do what they say: the script of a cluster, the notebook of a hosted GPU, the page from Python."""

import importlib.util
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gambol.formats import load
from gambol.training.job import TrainingJob
from gambol.training.package import package

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
SCRIPT, NOTEBOOK = EXAMPLES / "slurm_train.sh", EXAMPLES / "hosted_gpu.ipynb"


def known() -> set[str]:
    """The commands of gambol with their flags: "gambol train --out"."""
    return set((ROOT / "tests" / "architecture" / "cli_flags.txt").read_text().splitlines())


def used(text: str) -> set[str]:
    """The same for all commands in a text."""
    found = set()
    for line in text.splitlines():
        for verb, rest in re.findall(r"\bgambol (\w+)\b(.*)", line.split(" # ")[0]):
            flags = re.findall(r"(?<=\s)--?[a-z][\w-]*", rest)
            found |= {f"gambol {verb}"} | {f"gambol {verb} {flag}" for flag in flags}
    return found


class TestSlurmScript:
    def test_its_syntax_is_right(self):
        subprocess.run(["bash", "-n", SCRIPT], check=True)

    def test_it_uses_options_that_exist(self):
        text = SCRIPT.read_text().replace('"$@" &', "")
        commands = "\n".join(line for line in text.splitlines() if "work gambol" in line)
        assert len(used(commands)) >= 7
        assert used(commands) <= known()

    @pytest.fixture
    def cluster(self, tmp_path):
        """A folder with a package, and a PATH on which gambol and scontrol write down what they were asked.

        gambol train waits as long as there is a file called slow.
        """
        stubs = tmp_path / "bin"
        stubs.mkdir()
        (stubs / "gambol").write_text(
            '#!/bin/bash\necho "gambol $*" >> calls\n'
            'case "$*" in *--out*.run*) mkdir -p job.run; touch job.run/job.yaml;; esac\n'
            'if [ "$1" = train ]; then while [ -e slow ]; do sleep 0.05; done; fi\n'
            'if [ "$1" = predict ]; then touch "$6"; fi\n')
        (stubs / "scontrol").write_text('#!/bin/bash\necho "scontrol $*" >> calls\n')
        for stub in stubs.iterdir():
            stub.chmod(0o755)
        (tmp_path / "job.zip").touch()
        environment = os.environ | {"PATH": f"{stubs}:{os.environ['PATH']}", "SLURM_JOB_ID": "42"}

        def start(*words: str) -> subprocess.Popen:
            return subprocess.Popen(["bash", SCRIPT, "job.zip", *words], cwd=tmp_path, env=environment)

        return start

    @staticmethod
    def calls(folder: Path) -> list[str]:
        return (folder / "calls").read_text().splitlines() if (folder / "calls").exists() else []

    def test_it_trains_then_predicts_the_package_or_videos(self, cluster, tmp_path):
        assert cluster().wait(20) == 0
        assert self.calls(tmp_path) == [
            "gambol train job.zip --out job.run --device cuda",
            "gambol predict job/labels.pkg.slp --model job.run --out job.labels.pkg.predictions.slp --device cuda"]
        assert cluster("night.mp4", "day.mp4").wait(20) == 0
        assert self.calls(tmp_path)[2:] == [
            f"gambol predict {name}.mp4 --model job.run --out job.{name}.predictions.slp --device cuda"
            for name in ("night", "day")]

    def test_when_the_time_is_up_it_goes_back_into_the_queue_and_then_goes_on(self, cluster, tmp_path):
        (tmp_path / "slow").touch()
        job = cluster()
        until = time.monotonic() + 20
        while not (tmp_path / "job.run" / "job.yaml").exists() and time.monotonic() < until:
            time.sleep(0.02)
        job.send_signal(signal.SIGUSR1)
        assert job.wait(20) == 0
        assert self.calls(tmp_path)[1:] == ["scontrol requeue 42"]
        (tmp_path / "slow").unlink()
        assert cluster().wait(20) == 0
        assert self.calls(tmp_path)[2] == "gambol train --resume job.run --device cuda"
        assert self.calls(tmp_path)[3].startswith("gambol predict")

    def test_a_training_that_fails_ends_the_job(self, cluster, tmp_path):
        (tmp_path / "bin" / "gambol").write_text('#!/bin/bash\necho "gambol $*" >> calls\nexit 2\n')
        assert cluster().wait(20) == 2
        assert len(self.calls(tmp_path)) == 1


class TestNotebook:
    @pytest.fixture
    def cells(self) -> list[dict]:
        content = json.loads(NOTEBOOK.read_text())
        assert (content["nbformat"], content["nbformat_minor"]) == (4, 5)
        assert len({cell["id"] for cell in content["cells"]}) == len(content["cells"])
        return content["cells"]

    def test_it_uses_options_that_exist(self, cells):
        shell = "\n".join(line for cell in cells for line in cell["source"] if line.startswith(("!", "    gambol")))
        assert len(used(shell)) >= 6
        assert used(shell) <= known()

    def test_its_cells_run_from_top_to_bottom(self, cells, lone_gecko, tiny, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        job = {"labels": lone_gecko.labels, "pipeline": tiny["single"], "minutes": 0.02}
        package(TrainingJob.model_validate(job), tmp_path / "job.zip")
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        skipped = [cell for cell in code if "install" in cell["metadata"].get("tags", ())]
        assert ["".join(cell["source"]) for cell in skipped] == ["%pip install --quiet {GAMBOL}"]
        names: dict = {"shell": self.shell}
        for cell in code:
            if cell not in skipped:
                exec("".join(self.as_python(line) for line in cell["source"]), names)
            if "settings" in cell["metadata"].get("tags", ()):
                names |= {"TRAINING": "--device cpu", "PREDICTION": "--on all --device cpu"}
        assert len(load(tmp_path / "job" / "predictions.slp")) == 10
        shutil.unpack_archive(tmp_path / "job" / "run.zip", tmp_path / "home")
        [run] = (tmp_path / "home").iterdir()
        assert (run / "single" / "weights.safetensors").is_file()

    @staticmethod
    def as_python(line: str) -> str:
        """A line as IPython understands it: one that begins with `!` is for the shell, names in braces filled in."""
        return f"shell(f'''{line[1:].rstrip()}''')\n" if line.startswith("!") else line

    @staticmethod
    def shell(line: str) -> None:
        words = shlex.split(line)
        assert words[0] == "gambol"
        command = [sys.executable, "-c", "from gambol.cli import main; main()", *words[1:]]
        subprocess.run(command, check=True, timeout=200)


class TestPython:
    def test_it_trains_predicts_and_scores(self, tiny, tmp_path, monkeypatch, capsys):
        monkeypatch.setattr("gambol.training.loop.steps_per_epoch", lambda samples, batch: 10)
        spec = importlib.util.spec_from_file_location("python_api", EXAMPLES / "python_api.py")
        page = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(page)
        stages = [f"pipeline.{stage}={json.dumps(settings)}" for stage, settings in tiny["top-down"].items()
                  if stage != "kind"]
        stages.append("pipeline.centered_instance.crop_size=96")  # these geckos are larger
        page.main(tmp_path, ["minutes=null", "epochs=1", "device=cpu", *stages])
        assert "of 120 animals missed" in capsys.readouterr().out
        assert len(load(tmp_path / "predictions.slp")) == 60
