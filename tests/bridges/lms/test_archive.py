"""A hostile archive: each bad entry is one line, and keeps nothing else from being read."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.bridges.lms import archive
from autograder.bridges.lms.archive import opened
from autograder.errors import SubmissionError, UsageError
from tests.bridges.lms.downloads import hostile, info, patched, zipped

GOOD = ("good.ipynb", b"{}")


def listed(path):
    with opened(path) as download:
        return {entry.name: entry.read() for entry in download.entries}, download.problems


@pytest.mark.parametrize(
    "entry, said",
    [
        (info("../evil.ipynb"), "leads out of the archive"),
        (info("a/../../evil.ipynb"), "leads out of the archive"),
        (info("/etc/evil.ipynb"), "absolute path"),
        (info("C:/evil.ipynb"), "absolute path"),
        (info("a\\..\\evil.ipynb"), "backslash"),
        (info("a//evil.ipynb"), "empty parts"),
        (info("./evil.ipynb"), "empty parts"),
        (info("evil\x1b[31m.ipynb"), "control characters"),
        (info("evil\u202egpj.ipynb"), "control characters"),
        (info("x" * 1001), "too long a name"),
        (info("evil.ipynb", mode=stat.S_IFLNK | 0o777), "is a symbolic link"),
        (info("evil.ipynb", mode=stat.S_IFIFO | 0o644), "is a named pipe"),
        (info("evil.ipynb", mode=stat.S_IFCHR | 0o644), "is a device"),
        (info("folder/", mode=stat.S_IFBLK | 0o644), "is a device"),
        (info("evil.ipynb", packed=zipfile.ZIP_LZMA), "unusual method"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_entry_is_one_line_and_the_others_are_read(tmp_path, entry, said):
    path = hostile(tmp_path / "x.zip", [(entry, b"/etc/passwd"), (info(GOOD[0]), GOOD[1])])

    files, problems = listed(path)

    assert files == dict([GOOD])
    assert len(problems) == 1
    assert said in problems[0]
    assert problems[0].isprintable()


def test_a_name_that_goes_on_after_a_nul_is_refused(tmp_path):
    path = hostile(tmp_path / "x.zip", [(info("good.ipynbXevil"), b"1"), (info(GOOD[0]), GOOD[1])])
    patched(path, (b"good.ipynbXevil", b"good.ipynb\0evil"))

    files, problems = listed(path)

    assert (files, len(problems)) == (dict([GOOD]), 1)


def test_an_empty_name_is_refused(tmp_path):
    path = patched(hostile(tmp_path / "x.zip", [(info("Q~Z"), b"1")]), (b"Q~Z", b"\0~Z"))

    files, problems = listed(path)

    assert (files, len(problems)) == ({}, 1)


def test_an_encrypted_entry_is_one_line(tmp_path):
    path = hostile(tmp_path / "x.zip", [(info("secret.ipynb"), b"1" * 50), (info(GOOD[0]), GOOD[1])])
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)

    files, problems = listed(path)

    assert (files, problems) == (dict([GOOD]), ("'secret.ipynb' is encrypted; it was not read",))


def test_two_entries_of_one_name_are_read_if_they_are_the_same(tmp_path):
    path = hostile(tmp_path / "x.zip", [(info("a"), b"1"), (info("a"), b"1"), (info("b"), b"1"), (info("b"), b"2")])

    files, problems = listed(path)

    assert files == {"a": b"1"}
    assert [problem.split(";")[1] for problem in problems] == [" it was read once", " it was not read"]


@pytest.mark.parametrize(
    "raw, flag, name",
    [
        ("Zoë.ipynb".encode(), 0x800, "Zoë.ipynb"),
        ("Zoë.ipynb".encode(), 0, "Zoë.ipynb"),
        ("Zoë.ipynb".encode("cp437"), 0, "Zoë.ipynb"),
        ("Zoe\u0308.ipynb".encode(), 0x800, "Zoë.ipynb"),
    ],
    ids=["utf-8", "utf-8 without saying so", "cp437", "decomposed, as macOS does"],
)
def test_a_name_is_understood_in_every_usual_encoding(tmp_path, raw, flag, name):
    plain = "X" * len(raw)
    path = patched(hostile(tmp_path / "x.zip", [(info(plain), b"1")]), (plain.encode(), raw))
    data = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(signature) + offset
        data[at : at + 2] = struct.pack("<H", flag)
    path.write_bytes(data)

    assert listed(path)[0] == {name: b"1"}


def test_a_name_that_is_not_what_it_says_is_told_with_a_way_out(tmp_path):
    path = patched(hostile(tmp_path / "x.zip", [(info("é"), b"1")]), ("é".encode(), b"\xff\xff"))

    with pytest.raises(UsageError, match="Unpack it"), opened(path):
        pass


def test_what_is_no_zip_is_told(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(b"%PDF-1.7")

    with pytest.raises(UsageError, match="not a zip archive"), opened(path):
        pass


# Sizes


def test_a_file_that_says_it_is_too_large_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "FILE_BYTES", 1000)
    path = zipped(tmp_path / "x.zip", {"a": os.urandom(2000)})

    with opened(path) as download, pytest.raises(SubmissionError, match="too large"):
        download.entries[0].read()


def test_a_file_that_is_larger_than_it_says_is_not_unpacked(tmp_path):
    path = zipped(tmp_path / "x.zip", {"a": b"\0" * 3_000_000})
    patched(path, (struct.pack("<L", 3_000_000), struct.pack("<L", 100)))

    with opened(path) as download, pytest.raises(SubmissionError, match="can't be unpacked"):
        download.entries[0].read()


def test_a_bomb_is_not_unpacked(tmp_path):
    path = zipped(tmp_path / "x.zip", {"a": b"\0" * 3_000_000})

    with opened(path) as download, pytest.raises(SubmissionError, match="packed more tightly"):
        download.entries[0].read()


def test_the_archive_as_a_whole_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "TOTAL_BYTES", 1500)
    path = zipped(tmp_path / "x.zip", {"a": os.urandom(1000), "b": os.urandom(1000)})

    with opened(path) as download:
        first = download.entries[0].read()
        with pytest.raises(SubmissionError, match="as a whole"):
            download.entries[1].read()

    assert len(first) == 1000


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "ENTRIES", 2)
    path = zipped(tmp_path / "x.zip", {"a": b"", "b": b"", "c": b""})

    with pytest.raises(UsageError, match="too many files"), opened(path):
        pass


def test_a_broken_entry_is_told_when_it_is_read_and_the_others_are_sound(tmp_path):
    path = hostile(tmp_path / "x.zip", [(info("a", packed=0), b"contents"), (info("b", packed=0), b"sound")])
    patched(path, (b"contents", b"CONTENTS"))

    with opened(path) as download:
        broken, sound = download.entries
        with pytest.raises(SubmissionError, match="can't be unpacked"):
            broken.read()
        assert sound.read() == b"sound"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_the_bytes_are_nothing_else_is_raised(tmp_path, data):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as sound:
        sound.writestr("lovelaceada_1_2_a.ipynb", "text " * 50)
        sound.writestr("b/c", b"more")
    spoilt = bytearray(made.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        spoilt[data.draw(st.integers(0, len(spoilt) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "x.zip"
    path.write_bytes(spoilt)

    with suppress(UsageError), opened(path) as download:
        for entry in download.entries:
            with suppress(SubmissionError):
                entry.read()


# A download that was unpacked


def test_an_unpacked_download_is_read_without_following_links(tmp_path):
    folder = tmp_path / "download"
    (folder / "Ada_1_assignsubmission_file_").mkdir(parents=True)
    (folder / "Ada_1_assignsubmission_file_" / "a.ipynb").write_bytes(b"1")
    (folder / "secret.ipynb").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")

    files, problems = listed(folder)

    assert files == {"Ada_1_assignsubmission_file_/a.ipynb": b"1"}
    assert [problem.split(" is ")[1].split(";")[0] for problem in problems] == [
        "neither file nor folder",
        "a symbolic link",
    ]


def test_files_of_the_desktop_are_counted(tmp_path):
    path = zipped(tmp_path / "x.zip", {"__MACOSX/._a": b"", ".DS_Store": b"", "a": b"1"})

    with opened(path) as download:
        assert ([entry.name for entry in download.entries], download.junk) == (["a"], 2)
