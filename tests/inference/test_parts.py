"""Parts on the disk: what is done stays, what is missing is known, what does not belong together is refused."""

import errno
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gambol.errors import OutputError
from gambol.inference.parts import FINISHED, MANIFEST, RESULT, Part, Parts, finished, folder_of, kept, unfinished
from gambol.labels.columns import ROW_FIELDS
from gambol.storage import locked


def again(parts: Parts, basis, overwrite: bool = False) -> Parts:
    """Another process that takes up the same output."""
    other = Parts(parts.output, parts.skeleton, parts.videos)
    other.begin(basis, overwrite)
    return other


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class TestWhatIsThere:
    def test_results_come_back_as_they_were(self, parts, results, basis):
        made = results(1, range(3, 9))
        parts.add(Part(1, 3, 9), made)
        [(part, back)] = again(parts, basis).read()
        assert part == Part(1, 3, 9)
        assert back.frame_video.tolist() == [1] * 6
        for name in (*ROW_FIELDS, "frame_index", "row_start", "negative"):
            np.testing.assert_array_equal(getattr(back, name), getattr(made, name), err_msg=name)

    def test_parts_come_in_the_order_of_the_result_whenever_they_were_made(self, parts, results):
        order = [Part(1, 0, 4), Part(0, 96, 100), Part(0, 4, 8), Part(0, 0, 4)]
        for part in order:
            parts.add(part, results(part.video, range(part.start, part.stop)))
        assert [part for part, _ in parts.read()] == sorted(order)
        assert kept(parts.output) == 16

    def test_what_is_missing_is_what_no_part_covers(self, parts, results):
        assert parts.missing(0, 100) == [range(100)]
        for start, stop in ((4, 8), (8, 20), (60, 100)):
            parts.add(Part(0, start, stop), results(0, range(start, stop)))
        assert parts.missing(0, 100) == [range(4), range(20, 60)]
        assert parts.missing(0, 120) == [range(4), range(20, 60), range(100, 120)]
        assert parts.missing(1, 7) == [range(7)]

    def test_a_part_without_any_frame_is_a_part(self, parts, results):
        """All its frames were lost."""
        parts.add(Part(0, 0, 10), results(0, range(0)))
        assert parts.missing(0, 10) == []

    @pytest.mark.parametrize("damage", [lambda content: b"", lambda content: content[:-30],
                                        lambda content: content.replace(b"\xf0\x3f", b"\x00\x40", 1)])
    def test_a_damaged_part_is_missing(self, parts, results, damage):
        for start in (0, 4):
            parts.add(Part(0, start, start + 4), results(0, range(start, start + 4)))
        path = parts.folder / Part(0, 0, 4).file
        path.write_bytes(damage(path.read_bytes()))
        assert [part for part, _ in parts.read()] == [Part(0, 4, 8)]
        assert parts.missing(0, 8) == [range(4)]


class TestBeginning:
    def test_what_a_killed_process_was_writing_is_removed(self, parts, basis):
        (parts.folder / ".0.000000000-000000004.npz.77.tmp").write_bytes(b"half of it")
        again(parts, basis)
        assert names(parts.folder) == {MANIFEST}

    def test_another_result_is_refused_with_what_differs(self, parts, basis, results):
        parts.add(Part(0, 0, 4), results(0, range(4)))
        with pytest.raises(OutputError, match="the model was another one") as refusal:
            again(parts, replace(basis, model="beef"))
        assert "--overwrite to begin anew" in str(refusal.value)
        assert kept(parts.output) == 4

    def test_overwrite_throws_another_result_away(self, parts, basis, results):
        parts.add(Part(0, 0, 4), results(0, range(4)))
        assert kept(again(parts, replace(basis, model="beef"), overwrite=True).output) == 0
        again(parts, replace(basis, model="beef"))

    def test_overwrite_goes_on_with_the_same_result(self, parts, basis, results):
        """So that a command with --overwrite goes on as well where it was interrupted."""
        parts.add(Part(0, 0, 4), results(0, range(4)))
        assert kept(again(parts, basis, overwrite=True).output) == 4

    def test_parts_of_which_nobody_knows_what_they_are_made_of_are_made_again(self, parts, basis, results):
        parts.add(Part(0, 0, 4), results(0, range(4)))
        (parts.folder / MANIFEST).unlink()
        assert kept(again(parts, basis).output) == 0

    def test_what_somebody_else_put_there_stays(self, parts):
        (parts.folder / "notes.txt").write_text("do not forget")
        parts.discard()
        assert names(parts.folder) == {"notes.txt"}


class TestPublishing:
    def test_the_result_is_put_in_place_and_the_parts_go(self, parts, results):
        parts.add(Part(0, 0, 4), results(0, range(4)))
        parts.publish(lambda path: path.write_text("all of it"), {"done": 4})
        assert parts.output.read_text() == "all of it"
        assert not parts.folder.exists()
        assert finished(parts.output) is None

    def test_a_process_that_died_before_the_parts_went_is_known_by_its_result(self, parts, basis, monkeypatch):
        monkeypatch.setattr(Parts, "discard", lambda self: None)
        parts.publish(lambda path: path.write_text("all of it"), {"done": 4})
        assert finished(parts.output) == {"done": 4}
        parts.output.write_text("another result")
        assert finished(parts.output) is None

    def test_a_result_that_cannot_be_written_leaves_the_parts(self, parts, results):
        def fail(path):
            raise OSError(errno.ENOSPC, "No space left on device")

        parts.add(Part(0, 0, 4), results(0, range(4)))
        with pytest.raises(OutputError, match="The disk is full") as refusal:
            parts.publish(fail, {})
        assert "The 4 frames that were finished stay there" in str(refusal.value)
        assert not parts.output.exists()
        assert names(parts.folder) == {MANIFEST, Part(0, 0, 4).file}


class TestFullDisks:
    def test_a_part_that_does_not_fit_leaves_the_others(self, parts, results, monkeypatch):
        def fail(*arrays, **named):
            raise OSError(errno.ENOSPC, "No space left on device")

        parts.add(Part(0, 0, 4), results(0, range(4)))
        monkeypatch.setattr(np, "savez", fail)
        with pytest.raises(OutputError, match=r"The disk is full: .+out\.slp\.parts"):
            parts.add(Part(0, 4, 8), results(0, range(4, 8)))
        assert names(parts.folder) == {MANIFEST, Part(0, 0, 4).file}


def test_parts_lie_beside_the_output():
    assert folder_of(Path("a/out.slp")) == Path("a/out.slp.parts")
    assert {RESULT, FINISHED, MANIFEST}.isdisjoint({Part(0, 0, 1).file})


class TestUnfinished:
    def test_what_is_there_and_what_was_asked_for(self, tmp_path):
        out = tmp_path / "found.slp"
        assert unfinished(out) is None
        folder_of(out).mkdir()
        (folder_of(out) / "manifest.json").write_text('{"frames": {"0": [30, ""], "2": [4, ""]}, "asked": "all"}')
        (folder_of(out) / "0.000000000-000000016.npz").touch()
        begun = {"folder": folder_of(out).as_posix(), "frames": 16, "total": 34, "asked": "all", "writer": None}
        assert unfinished(out) == begun
        with locked(out):
            assert "process" in unfinished(out)["writer"]

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"frames": 5}', '{"frames": {"0": 3}, "asked": "all"}'])
    def test_a_damaged_manifest_tells_nothing(self, tmp_path, content):
        folder_of(tmp_path / "found.slp").mkdir()
        (folder_of(tmp_path / "found.slp") / "manifest.json").write_text(content)
        assert unfinished(tmp_path / "found.slp") is None
