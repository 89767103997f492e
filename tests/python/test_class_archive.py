"""The archive of Spark's classes: used where it is, made where it can be, never in the way."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dbt_pinlanding import class_archive


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    return class_archive.archive_path()


def test_an_archive_is_used_where_there_is_one(archive: Path) -> None:
    archive.parent.mkdir(parents=True)
    archive.touch()
    assert f"-XX:SharedArchiveFile={archive}" in class_archive.jvm_options()


def test_one_is_made_beside_its_place_where_there_is_none(archive: Path) -> None:
    (made,) = (
        option.removeprefix("-XX:ArchiveClassesAtExit=")
        for option in shlex.split(class_archive.jvm_options())
        if option.startswith("-XX:ArchiveClassesAtExit=")
    )
    assert Path(made).parent == archive.parent
    assert Path(made) != archive


def test_none_is_made_where_its_folder_cannot_be(archive: Path) -> None:
    archive.parent.parent.parent.joinpath("share").touch()
    assert class_archive.jvm_options() == ""


def test_another_java_has_another_archive(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java = tmp_path / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    assert class_archive.archive_path() != archive


def test_java_takes_the_options_and_runs_on_with_a_broken_archive(archive: Path) -> None:
    archive.parent.mkdir(parents=True)
    archive.write_bytes(b"no archive")
    command = ["java", *shlex.split(class_archive.jvm_options()), "-XshowSettings:none", "-version"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
