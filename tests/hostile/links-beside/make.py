import os


def make(place):
    place.write()
    for name, target in (
        ("gradebook.db", place.course.gradebook),
        ("secret", place.course.secret),
        ("zeros.npy", "/dev/zero"),
        ("data", "/"),
        ("loop", "loop"),
        ("up", "../../.."),
    ):
        (place.folder / name).symlink_to(target)
    os.mkfifo(place.folder / "pipe.npy")
