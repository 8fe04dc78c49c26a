"""Exported networks: made once, kept, and made anew when they no longer fit."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from gambol.errors import ModelError, OutputError
from gambol.inference.engines import exported as page
from gambol.inference.engines.base import EngineUnavailable
from gambol.inference.engines.exported import Exported, export_run, exported
from gambol.pipelines.saved import read_stage

FILES = ("engine.json", "network.bin", "network.xml")


@pytest.fixture
def made(monkeypatch) -> list[Exported]:
    """Exports that were made, in their order; each is another one, and takes no time."""
    exports: list[Exported] = []

    def export(folder, stage):
        exports.append(Exported(f"graph {len(exports)}".encode(), bytes(1000)))
        return exports[-1]

    monkeypatch.setattr("gambol.inference.engines.export.export", export)
    return exports


def content(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir()) if place.is_dir() else []


class TestKeeping:
    def test_it_is_made_once_and_found_again(self, stage_folder, made):
        first, second = (exported(stage_folder, read_stage(stage_folder)) for _ in range(2))
        assert first == second == made[0]
        assert len(made) == 1
        assert content(stage_folder / "engine") == sorted(FILES)

    def test_a_run_that_may_not_be_written_to_leaves_it_in_the_users_cache(
        self, stage_folder, made, user_cache, monkeypatch
    ):
        refuse(monkeypatch, stage_folder)
        assert [exported(stage_folder, read_stage(stage_folder)) for _ in range(2)] == [made[0]] * 2
        (place,) = (user_cache / "engines").iterdir()
        assert (content(place), content(stage_folder / "engine")) == (sorted(FILES), [])

    def test_where_nothing_can_be_written_it_is_made_each_time(self, stage_folder, made, user_cache, monkeypatch):
        refuse(monkeypatch, stage_folder, user_cache)
        assert [exported(stage_folder, read_stage(stage_folder)) for _ in range(2)] == made
        assert len(made) == 2


class TestExportRun:
    def test_every_stage_of_a_run_is_exported(self, firefly_run, tmp_path, made):
        run = shutil.copytree(firefly_run, tmp_path / "run", ignore=lambda *_: ["engine"])
        export_run(run)
        assert [content(run / stage / "engine") for stage in ("centroid", "centered_instance")] == [sorted(FILES)] * 2

    def test_what_cannot_be_exported_is_left(self, stage_folder, monkeypatch):
        def export(folder, stage):
            raise EngineUnavailable("OpenVINO is not installed")

        monkeypatch.setattr("gambol.inference.engines.export.export", export)
        export_run(stage_folder)
        assert content(stage_folder / "engine") == []


class TestMadeAnew:
    @pytest.mark.parametrize("file", FILES)
    @pytest.mark.parametrize("damage", ["gone", "empty", "cut short", "changed"])
    def test_when_it_is_damaged(self, stage_folder, made, file, damage):
        exported(stage_folder, read_stage(stage_folder))
        path = stage_folder / "engine" / file
        whole = path.read_bytes()
        broken = {"empty": b"", "cut short": whole[: len(whole) // 2], "changed": whole[:-3] + b"???"}
        path.write_bytes(broken[damage]) if damage in broken else path.unlink()
        again = exported(stage_folder, read_stage(stage_folder))
        assert [again, exported(stage_folder, read_stage(stage_folder))] == [made[1]] * 2
        assert len(made) == 2

    @pytest.mark.parametrize("file", ["weights.safetensors", "model.yaml"])
    def test_when_the_model_has_changed(self, stage_folder, made, file):
        exported(stage_folder, read_stage(stage_folder))
        with (stage_folder / file).open("ab") as model:
            model.write(b"\n")
        assert exported(stage_folder, read_stage(stage_folder)) == made[1]

    @pytest.mark.parametrize("package", ["gambol", "openvino"])
    def test_when_it_is_of_another_version(self, stage_folder, made, package, monkeypatch):
        exported(stage_folder, read_stage(stage_folder))
        real = page.version
        monkeypatch.setattr(page, "version", lambda name: "9.9.9" if name == package else real(name))
        assert exported(stage_folder, read_stage(stage_folder)) == made[1]

    def test_weights_that_are_gone_are_an_error(self, stage_folder, made):
        stage = read_stage(stage_folder)
        exported(stage_folder, stage)
        (stage_folder / "weights.safetensors").unlink()
        with pytest.raises(ModelError, match="cannot be read"):
            exported(stage_folder, stage)


@pytest.mark.parametrize(
    ("system", "variable", "expected"),
    [("linux", "XDG_CACHE_HOME", "gambol"), ("win32", "LOCALAPPDATA", "gambol/cache"), ("darwin", "HOME",
     "Library/Caches/gambol")])
def test_the_users_cache_is_where_the_system_expects_it(system, variable, expected, monkeypatch, tmp_path):
    monkeypatch.undo()  # of the folder's own cache
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv(variable, os.fspath(tmp_path))
    assert page.user_cache() == tmp_path / expected


def refuse(monkeypatch, *places: Path) -> None:
    """Nothing can be written below these folders, whoever tries."""
    real = page.replacing

    def replacing(path):
        if any(path.is_relative_to(place) for place in places):
            raise OutputError("no")
        return real(path)

    monkeypatch.setattr(page, "replacing", replacing)
