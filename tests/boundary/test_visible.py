"""The allow-list: what belongs to a package, and that nothing else comes along."""

from pathlib import Path

from autograder.boundary.visible import _owned, visible


def test_a_regular_package_is_seen_whole_and_a_namespace_by_what_the_package_owns_in_it():
    files = [
        "pkg/__init__.py",
        "pkg/deep/data.json",
        "shared/ours/__init__.py",
        "shared/ours/x.py",
        "pkg.libs/libx.so",
        "single.py",
        "pkg-1.0.dist-info/RECORD",
        "__pycache__/single.cpython-311.pyc",
        "../../bin/tool",
        "link.pth",
    ]

    assert _owned(files) == {"pkg", "shared/ours", "pkg.libs", "single.py"}


def test_every_path_of_the_allow_list_is_there():
    seen = visible(False)
    paths = [
        seen.interpreter,
        seen.standard_library,
        *(p for p, _ in seen.libraries + seen.packages + seen.application),
    ]

    assert [path for path in paths if not path.exists()] == []


def test_torch_is_seen_only_where_it_is_asked_for():
    without, with_torch = ({name for _, name in visible(torch).packages} for torch in (False, True))

    assert "torch" not in without
    assert "torch" in with_torch
    assert without <= with_torch


def test_shared_libraries_are_files_and_not_folders():
    assert all(Path(path).is_file() for path, _ in visible(False).libraries)
