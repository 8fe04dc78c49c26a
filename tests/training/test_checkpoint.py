"""Files from which a training goes on: whole or not there, and known for damaged when they are."""

import pytest
import torch

from gambol import storage
from gambol.errors import OutputError
from gambol.runs.layout import RunFolder
from gambol.training.checkpoint import Checkpoint, Checkpoints, Damaged, read


class Killed(BaseException):
    """As near to `kill -9` as one process can come."""


@pytest.fixture
def checkpoints(tmp_path) -> Checkpoints:
    """The checkpoints of a stage that has none."""
    return Checkpoints(RunFolder(tmp_path), "single")


def made(number: float) -> Checkpoint:
    """A checkpoint in which everything tells of one number."""
    facts = {"losses": [number, 0.1 + 0.2, 1e-17], "best": float("inf"), "log": [{"epoch": 0}]}
    tensors = {"one": torch.full((3, 2), number), "step": torch.tensor(number), "random": torch.arange(9).byte()}
    return Checkpoint(tensors, facts)


def number(checkpoint: Checkpoint) -> float:
    """The number of which all of it tells."""
    [same] = {checkpoint.facts["losses"][0], *torch.cat([checkpoint.tensors["one"].flatten(),
                                                         checkpoint.tensors["step"][None]]).tolist()}
    return same


class TestCheckpoints:
    def test_what_is_read_is_what_was_written(self, checkpoints):
        checkpoints.write(7, made(1.5))
        found, expected = read(checkpoints.paths()[0]), made(1.5)
        assert found.facts == expected.facts
        assert set(found.tensors) == set(expected.tensors)
        for name, tensor in expected.tensors.items():
            assert found.tensors[name].dtype == tensor.dtype
            assert torch.equal(found.tensors[name], tensor)

    def test_the_last_two_are_kept(self, checkpoints):
        for step in (8, 9, 10, 11):
            checkpoints.write(step, made(step))
        assert [number(read(path)) for path in checkpoints.paths()] == [11, 10]

    @pytest.mark.parametrize("moment", ["save_file", "sync", "replace", "unlink"])
    def test_a_kill_while_it_is_written_leaves_the_last_good_one(self, checkpoints, monkeypatch, moment):
        """Tensors are written, synced, renamed into place; then the oldest goes."""
        for step in (1, 2):
            checkpoints.write(step, made(step))

        def kill(*args, **words):
            if moment == "save_file":
                args[1].write_bytes(b"half a header")
            raise Killed

        holder = {"save_file": "gambol.training.checkpoint.save_file", "sync": "gambol.storage.sync"}
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(holder.get(moment, f"pathlib.Path.{moment}"), kill)
            checkpoints.write(3, made(3))
        assert number(read(checkpoints.paths()[0])) == (3 if moment == "unlink" else 2)

    def test_a_disk_that_fills_leaves_the_last_good_one(self, checkpoints, monkeypatch):
        checkpoints.write(1, made(1))
        with monkeypatch.context() as patch:
            def full(path):
                raise OSError(28, "No space left on device")

            patch.setattr(storage, "sync", full)
            with pytest.raises(OutputError, match="The disk is full"):
                checkpoints.write(2, made(2))
        assert [number(read(path)) for path in checkpoints.paths()] == [1]

    def test_half_written_ones_are_not_taken_for_checkpoints(self, checkpoints):
        checkpoints.write(1, made(1))
        [path] = checkpoints.paths()
        path.with_name(".0000000002.safetensors.4711.tmp").write_bytes(b"half")
        assert checkpoints.paths() == [path]

    def test_of_a_finished_stage_only_the_note_stays(self, checkpoints, tmp_path):
        checkpoints.write(1, made(1))
        checkpoints.finish({"steps": 1})
        assert [path.name for path in (tmp_path / "single" / "checkpoint").iterdir()] == ["finished.json"]


class TestDamage:
    @pytest.fixture
    def path(self, checkpoints):
        """A checkpoint on the disk."""
        checkpoints.write(1, made(1))
        return checkpoints.paths()[0]

    def test_a_single_bit_that_changed_is_noticed_wherever_it_is(self, path):
        whole = path.read_bytes()
        for position in range(0, len(whole), 7):
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
            with pytest.raises(Damaged):
                read(path)

    @pytest.mark.parametrize("content", [b"", b"words", b"\xff" * 100], ids=["nothing", "words", "bytes"])
    def test_what_is_no_checkpoint_is_noticed(self, path, content):
        path.write_bytes(content)
        with pytest.raises(Damaged):
            read(path)

    def test_one_that_was_cut_short_is_noticed(self, path):
        whole = path.read_bytes()
        for length in (5, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:length])
            with pytest.raises(Damaged):
                read(path)

    def test_a_file_of_tensors_without_facts_is_noticed(self, path):
        from safetensors.torch import save_file

        save_file({"one": torch.ones(2)}, path)
        with pytest.raises(Damaged):
            read(path)
