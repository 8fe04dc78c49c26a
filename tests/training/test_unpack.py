"""A package from anywhere is opened as what it says it is, or not at all."""

import hashlib
import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from gambol.errors import JobError, OutputError
from gambol.training.job import TrainingJob
from gambol.training.package import FORMAT, JOB, LABELS, MANIFEST, README, package
from gambol.training.unpack import is_package, run_to_go_on_with, runs_of, unpack


@pytest.fixture(scope="session")
def made(geckos, tiny, tmp_path_factory) -> Path:
    """A sound package."""
    job = TrainingJob.model_validate({"labels": geckos.labels, "pipeline": tiny["single"], "epochs": 1})
    return package(job, tmp_path_factory.mktemp("made") / "job.zip").path


@pytest.fixture
def packed(made, tmp_path) -> Path:
    """A copy of it in a folder of its own."""
    return Path(shutil.copy(made, tmp_path / "job.zip"))


@pytest.fixture
def forged(packed) -> Callable[..., Path]:
    """The package made anew: files exchanged, added or (None) left out, and told by the manifest unless `told` is no.

    extra: further entries, each a `ZipInfo` with its content.
    """
    def forge(changes: dict | None = None, extra: tuple = (), told: bool = True, compress: int = zipfile.ZIP_STORED,
              **manifest) -> Path:
        with zipfile.ZipFile(packed) as source:
            content = {name: source.read(name) for name in source.namelist()}
        facts = json.loads(content.pop(MANIFEST))
        content = {name: value for name, value in (content | (changes or {})).items() if value is not None}
        if told:
            facts["files"] = {name: {"bytes": len(value), "sha256": hashlib.sha256(value).hexdigest()}
                              for name, value in content.items()}
        with zipfile.ZipFile(packed, "w", compress) as target:
            for name, value in content.items():
                target.writestr(name, value)
            for entry, value in extra:
                target.writestr(entry, value)
            target.writestr(MANIFEST, json.dumps(facts | manifest))
        return packed

    return forge


@pytest.fixture
def refused(tmp_path) -> Callable[[Path], str]:
    """Fails unless a package is refused in three sentences with nothing left beside it; gives what was said."""
    def check(path: Path) -> str:
        outside = sorted(tmp_path.parent.iterdir())
        with pytest.raises(JobError) as error:
            unpack(path)
        assert sorted(tmp_path.iterdir()) == [path] * path.exists()
        assert sorted(tmp_path.parent.iterdir()) == outside
        assert str(error.value).count(". ") >= 2
        return str(error.value)

    return check


def entry(name: str, kind: int = stat.S_IFREG) -> zipfile.ZipInfo:
    """An entry of the zip, of any name and kind."""
    made = zipfile.ZipInfo(name)
    made.external_attr = (kind | 0o644) << 16
    return made


class TestASoundPackage:
    def test_lies_beside_the_zip_under_its_name(self, packed):
        folder = unpack(packed)
        assert folder == packed.with_name("job")
        assert {path.name for path in folder.iterdir()} == {LABELS["labels"], JOB, README, MANIFEST}
        assert sorted(path.name for path in packed.parent.iterdir()) == ["job", "job.zip"]

    def test_is_found_again_with_what_was_made_in_it(self, packed):
        (unpack(packed) / "models").mkdir()
        assert (unpack(packed) / "models").is_dir()

    def test_may_be_compressed_by_somebody(self, forged):
        assert unpack(forged(compress=zipfile.ZIP_DEFLATED)).is_dir()

    def test_is_known_by_its_name(self, packed, tmp_path):
        assert is_package(packed) and is_package(Path("gone.ZIP"))
        assert not is_package(Path("job.yaml")) and not is_package(tmp_path)

    @pytest.mark.parametrize("what", ["another package", "is no unpacked package"])
    def test_takes_no_place_that_is_taken(self, packed, what):
        folder = packed.with_name("job")
        folder.mkdir()
        (folder / (MANIFEST if what == "another package" else "diary.txt")).write_text("mine")
        with pytest.raises(OutputError, match=what):
            unpack(packed)
        assert len(list(folder.iterdir())) == 1

    def test_a_full_disk_is_told_before_anything_is_unpacked(self, packed, monkeypatch):
        usage = shutil.disk_usage("/")._replace(free=10)
        monkeypatch.setattr("shutil.disk_usage", lambda path: usage)
        with pytest.raises(OutputError, match="free"):
            unpack(packed)
        assert list(packed.parent.iterdir()) == [packed]


class TestHarm:
    @pytest.mark.parametrize("name, why", [
        ("/etc/cron.d/job", "absolute path"), ("\\\\server\\job", "absolute path"), ("C:\\job", "absolute path"),
        ("../escaped.txt", "leads out"), ("models/../../escaped.txt", "leads out"), ("a\\..\\..\\b", "leads out"),
        ("models/", "no plain file"), ("notes.txt", "no package has")])
    def test_entries_that_do_not_belong_there(self, forged, refused, name, why):
        assert why in refused(forged(extra=((entry(name), b"harm"),)))

    @pytest.mark.parametrize("name, why", [("../escaped.txt", "leads out"), ("notes.txt", "no package has")])
    def test_even_if_the_manifest_knows_them(self, forged, refused, name, why):
        assert why in refused(forged({name: b"harm"}))

    @pytest.mark.parametrize("kind, why", [(stat.S_IFLNK, "is a link"), (stat.S_IFIFO, "no plain file")])
    def test_links_and_what_is_no_file(self, forged, refused, kind, why):
        assert why in refused(forged({README: None}, extra=((entry(README, kind), b"/etc/passwd"),)))

    @pytest.mark.parametrize("compress", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_compression_that_no_package_has(self, forged, refused, compress):
        assert "unusual way" in refused(forged(compress=compress, told=True))

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_a_name_twice(self, forged, refused):
        assert "twice" in refused(forged(extra=((entry(JOB), b"labels: labels.pkg.slp"),)))

    def test_more_bytes_than_the_manifest_says(self, forged, refused):
        assert "where the manifest says" in refused(forged({README: b"long" * 9999}, told=False))

    def test_a_bomb_that_says_what_it_is(self, forged, refused):
        bomb = forged({LABELS["labels"]: bytes(200_000_000)}, compress=zipfile.ZIP_DEFLATED)
        assert "would become 200" in refused(bomb)

    def test_a_bomb_that_lies_about_its_size(self, forged, refused):
        with zipfile.ZipFile(forged()) as sound:
            said = sound.getinfo(README).file_size
        bomb = forged({README: bytes(50_000_000)}, told=False, compress=zipfile.ZIP_DEFLATED)
        bomb.write_bytes(bomb.read_bytes().replace((50_000_000).to_bytes(4, "little"), said.to_bytes(4, "little")))
        with zipfile.ZipFile(bomb) as forgery:
            assert forgery.getinfo(README).file_size == said
        assert "damaged" in refused(bomb)

    def test_a_huge_manifest(self, forged, refused):
        assert "larger than" in refused(forged(compress=zipfile.ZIP_DEFLATED, made="x" * (1 << 21)))

    @pytest.mark.parametrize("line, setting", [
        ("out: ../../elsewhere", "out"), ("labels: ../../secret.slp", "labels"), ("overwrite: true", "overwrite"),
        ("validation: /etc/x.slp", "validation")])
    def test_a_job_that_reaches_out_of_the_folder(self, forged, refused, line, setting):
        text = f"labels: labels.pkg.slp\npipeline: {{kind: single}}\n{line}\n"
        assert f"sets '{setting}'" in refused(forged({JOB: text.encode()}))


class TestDamage:
    def test_a_package_that_is_not_there(self, refused, tmp_path):
        assert "does not exist" in refused(tmp_path / "gone.zip")

    @pytest.mark.parametrize("share", [0, 0.3, 0.9, 0.999])
    def test_a_copy_that_was_cut_off(self, packed, refused, share):
        content = packed.read_bytes()
        packed.write_bytes(content[: int(share * len(content))])
        refused(packed)

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
    def test_a_byte_that_flipped(self, packed, refused, share):
        content = bytearray(packed.read_bytes())
        content[int(share * len(content))] ^= 0xFF
        packed.write_bytes(content)
        assert "damaged" in refused(packed)

    def test_a_checksum_that_does_not_fit(self, forged, refused):
        with zipfile.ZipFile(forged()) as source:
            changed = bytes([source.read(README)[0] ^ 1]) + source.read(README)[1:]
        assert f"{README} is not as it was packed" in refused(forged({README: changed}, told=False))

    @pytest.mark.parametrize("name", [JOB, LABELS["labels"], README])
    def test_a_file_that_is_missing(self, forged, refused, name):
        assert f"{name} is missing" in refused(forged({name: None}, told=False))

    def test_any_other_zip(self, packed, refused):
        with zipfile.ZipFile(packed, "w") as target:
            target.writestr("holiday.jpg", b"sun")
        assert "no package of gambol" in refused(packed)

    def test_a_manifest_that_cannot_be_read(self, forged, refused):
        assert "manifest cannot be read" in refused(forged(files="none"))

    def test_a_later_layout(self, forged, refused):
        assert "later gambol" in refused(forged(format=FORMAT + 1))


class TestRuns:
    @pytest.fixture
    def unpacked(self, packed, trained) -> Callable[..., Path]:
        """The unpacked folder with runs: "finished" or "unfinished", in their order."""
        def make(*states: str) -> Path:
            folder = unpack(packed)
            for number, state in enumerate(states):
                run = Path(shutil.copytree(trained.run, folder / "models" / str(number)))
                if state == "unfinished":
                    (run / "metrics.val.json").unlink()
            return folder

        return make

    def test_none_is_there_at_first(self, unpacked, packed):
        assert runs_of(unpacked()) == []
        assert run_to_go_on_with(unpacked(), packed, []) is None

    def test_the_same_command_goes_on_with_one_that_was_stopped(self, unpacked, packed):
        folder = unpacked("finished", "unfinished")
        assert run_to_go_on_with(folder, packed, []).path == folder / "models" / "1"

    def test_another_command_does_not_and_says_so(self, unpacked, packed):
        with pytest.raises(JobError, match="--minutes would make it another one"):
            run_to_go_on_with(unpacked("unfinished"), packed, ["--minutes"])

    def test_what_is_finished_is_not_done_again(self, unpacked, packed):
        with pytest.raises(JobError, match="is finished"):
            run_to_go_on_with(unpacked("finished"), packed, [])

    def test_but_another_training_may_follow(self, unpacked, packed):
        assert run_to_go_on_with(unpacked("finished"), packed, ["--set"]) is None
