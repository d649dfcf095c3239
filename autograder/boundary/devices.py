"""The devices of the machine that a box has too."""

DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")
