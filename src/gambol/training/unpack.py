"""Opening a package that may come from anywhere: what its manifest does not name is not taken, nor what differs.

Nothing in a zip says that it is harmless. Names may lead out of the folder, entries may be links, and a few kilobytes
may unpack to terabytes; each is refused before or while it is read, and a refusal leaves nothing behind.
"""

import hashlib
import json
import os
import shutil
import stat
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from gambol.errors import GambolError, JobError, OutputError
from gambol.runs.find import is_run
from gambol.runs.layout import RunFolder
from gambol.storage import locked, sync, unwritable
from gambol.training.job import job_content
from gambol.training.package import FORMAT, JOB, LABELS, MANIFEST, OF_THIS_MACHINE, PIECE, README, Manifest

SUFFIX = ".zip"
LARGEST_TEXT = 1 << 20  # bytes of the manifest or the job
MOST_GROWTH = 20  # times the bytes in the zip; gambol does not compress at all, and PNG images hardly can be


def is_package(path: Path) -> bool:
    """Whether a file is a package by its name."""
    return path.suffix.lower() == SUFFIX and not path.is_dir()


def unpack(path: Path) -> Path:
    """The folder beside a package, named after it, with the package's content; made unless it is there already.

    Raises `JobError` if the package is missing, damaged, or holds what it should not; `OutputError` if the folder is
    something else, or cannot be made. Nothing is left behind then.
    """
    folder = path.absolute().with_suffix("")
    if not path.is_file():
        raise JobError(
            f"The package {path} does not exist. "
            "Nothing can be trained without it. "
            "Check the path, or make one with gambol package.")
    with locked(folder):
        try:
            with zipfile.ZipFile(path) as packed:
                text, manifest = _manifest(packed, path)
                if folder.exists():
                    _require_same(folder, text, path)
                else:
                    _require_safe(packed, manifest, path)
                    _extract(packed, manifest, text, folder, path)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError,
                OSError) as error:
            raise _damaged(path, str(error)) from error
    return folder


def runs_of(folder: Path) -> list[RunFolder]:
    """The runs of an unpacked package, the latest last."""
    models = folder / "models"
    return [RunFolder(place) for place in sorted(models.iterdir()) if is_run(place)] if models.is_dir() else []


def run_to_go_on_with(folder: Path, package: Path, others: list[str]) -> RunFolder | None:
    """The run that the same command began before, None if it is to begin one.

    others: options that ask for another training than the package's job. Raises `JobError` if a run is unfinished and
    it is not clear what is to become of it, or if the very training that is asked for is finished.
    """
    runs = runs_of(folder)
    unfinished = [run for run in runs if not run.complete]
    if unfinished and others:
        raise JobError(
            f"{unfinished[-1].path} holds a training of this package that was not finished, and "
            f"{' and '.join(others)} would make it another one. It was left as it is, so that nothing that it has "
            f"learnt is lost. Go on with it by gambol train {package}, or name another run with --out.")
    if unfinished:
        return unfinished[-1]
    if runs and not others:
        raise JobError(
            f"The training of {package} is finished: its run is {runs[-1].path}. "
            "The same training would come to the same again, so nothing was done. "
            "Predict with that run, or train another one with other settings or --out RUN.")
    return None


def _manifest(packed: zipfile.ZipFile, path: Path) -> tuple[bytes, Manifest]:
    try:
        with packed.open(MANIFEST) as file:
            text = file.read(LARGEST_TEXT + 1)
    except KeyError as error:
        raise JobError(
            f"{path} is a zip, but no package of gambol: it has no {MANIFEST}. "
            "What is in it cannot be known to be a training. "
            "Make the package with gambol package, and copy it as it is, without zipping it anew.") from error
    if len(text) > LARGEST_TEXT:
        raise _unsafe(path, f"its manifest is larger than {LARGEST_TEXT} bytes")
    try:
        content = json.loads(text)
        if isinstance(content, dict) and isinstance(content.get("format"), int) and content["format"] > FORMAT:
            raise JobError(
                f"{path} was made by a later gambol, with layout {content['format']}; this one knows {FORMAT}. "
                "Its content would be misread. "
                "Update gambol here, or make the package with the version that is installed here.")
        return text, Manifest.model_validate(content)
    except (ValueError, ValidationError) as error:
        raise _damaged(path, f"its manifest cannot be read: {str(error).splitlines()[0]}") from error


def _require_safe(packed: zipfile.ZipFile, manifest: Manifest, path: Path) -> None:
    """Raise `JobError` unless the zip holds exactly the manifest's files, as plain files of the sizes told there."""
    entries = packed.infolist()
    names = [entry.filename for entry in entries]
    for entry in entries:
        if wrong := _wrong_with(entry):
            raise _unsafe(path, f"its entry {entry.filename!r} {wrong}")
    allowed = {*LABELS.values(), JOB, README}
    unknown = sorted({*names, *manifest.files} - allowed - {MANIFEST})
    if unknown or len(names) != len(set(names)):
        raise _unsafe(path, f"it holds {unknown[0]!r}, which no package has" if unknown else "it has a name twice")
    missing = sorted(({LABELS["labels"], JOB} | set(manifest.files)) - set(names))
    untold = sorted(set(names) - set(manifest.files) - {MANIFEST})
    if missing or untold:
        raise _damaged(path, f"{missing[0]} is missing" if missing else f"its manifest does not know {untold[0]}")
    for entry in entries:
        told = manifest.files.get(entry.filename)
        if told is not None and told.bytes != entry.file_size:
            raise _unsafe(path, f"{entry.filename} has {entry.file_size} bytes, where the manifest says {told.bytes}")
    if manifest.files[JOB].bytes > LARGEST_TEXT:
        raise _unsafe(path, f"its job is larger than {LARGEST_TEXT} bytes")
    size, total = path.stat().st_size, sum(file.bytes for file in manifest.files.values())
    if total > MOST_GROWTH * size:
        raise _unsafe(path, f"its {size} bytes would become {total}")


def _wrong_with(entry: zipfile.ZipInfo) -> str | None:
    """In a few words why an entry may not be unpacked, None if it may."""
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    if name.startswith(("/", "\\")) or ":" in name:
        return "has an absolute path"
    if ".." in PurePosixPath(name.replace("\\", "/")).parts:
        return "leads out of its folder"
    if kind == stat.S_IFLNK:
        return "is a link"
    if entry.is_dir() or kind not in (0, stat.S_IFREG):
        return "is no plain file"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is compressed in an unusual way"
    return "is encrypted" if entry.flag_bits & 1 else None


def _extract(packed: zipfile.ZipFile, manifest: Manifest, text: bytes, folder: Path, path: Path) -> None:
    """Unpack beside the folder's place and put it there when all of it has come, with the right checksums."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        total, free = sum(file.bytes for file in manifest.files.values()), shutil.disk_usage(folder.parent).free
        if total > free:
            raise OutputError(
                f"{path} needs {total / 1e9:.1f} GB unpacked, and {folder.parent} has {free / 1e9:.1f} GB free. "
                "Nothing was unpacked. "
                "Free some space, or copy the package to another disk.")
        temporary.mkdir()
        for name, told in manifest.files.items():
            digest, left = hashlib.sha256(), told.bytes
            with packed.open(name) as source, (temporary / name).open("wb") as target:
                while left > 0 and (piece := source.read(min(PIECE, left))):
                    digest.update(piece)
                    target.write(piece)
                    left -= len(piece)
            sync(temporary / name)
            if left or digest.hexdigest() != told.sha256:
                raise _damaged(path, f"{name} is not as it was packed")
        _require_own_labels(temporary / JOB, path)
        (temporary / MANIFEST).write_bytes(text)
        sync(temporary / MANIFEST)
        temporary.rename(folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        with suppress(OSError):
            shutil.rmtree(temporary)


def _require_own_labels(job: Path, path: Path) -> None:
    """Raise `JobError` if the job reads or writes anything outside of the folder that it lies in."""
    content = job_content(job)
    wrong = [key for key, name in LABELS.items() if content.get(key) not in (None, str(job.parent / name))]
    wrong += [key for key in OF_THIS_MACHINE if key in content]
    if wrong:
        raise _unsafe(path, f"its job sets {wrong[0]!r} to something outside of the package")


def _require_same(folder: Path, text: bytes, path: Path) -> None:
    """Raise `OutputError` unless the folder was unpacked from this package."""
    place = folder / MANIFEST
    if place.is_file() and place.read_bytes() == text:
        return
    what = "was unpacked from another package" if place.is_file() else "is there already and is no unpacked package"
    raise OutputError(
        f"{folder} {what}, so {path.name} was not unpacked. "
        "What lies in it, perhaps a trained model, would be mixed up with the package's. "
        "Move that folder away, or give the package another name.")


def _unsafe(path: Path, why: str) -> GambolError:
    return JobError(
        f"{path} was not unpacked: {why}. "
        "No package of gambol looks like this; it may have been made to do harm. "
        "Get it again from whom you trust, or make it anew with gambol package.")


def _damaged(path: Path, why: str) -> GambolError:
    return JobError(
        f"{path} is damaged or no package of gambol ({why.rstrip('.')}). "
        "A training on part of it would not be the one that was asked for, so nothing was unpacked. "
        "Copy the package again, or make it anew with gambol package.")
