"""Memory in huge pages: a fork copies one entry of a page table for two megabytes instead of five hundred."""

from __future__ import annotations

import ctypes
import gc

HUGE = 21
"""Two to this power are the bytes of a huge page, where 4 KiB are those of a small one."""
COLLAPSE = 25

_libc = ctypes.CDLL(None)


def in_huge_pages() -> None:
    """Put the interpreter's memory into huge pages, where the kernel has such (Linux 6.1); what it holds stays.

    There is no /proc to look it up in: it is where the objects are, and next to that. A block that is not one piece of
    memory of this process's own is refused by the kernel, and left as it is.
    """
    blocks = {id(kept) >> HUGE for kept in gc.get_objects()}
    seen = set(blocks)
    while blocks:
        block = blocks.pop()
        if _libc.madvise(ctypes.c_void_p(block << HUGE), ctypes.c_size_t(1 << HUGE), COLLAPSE) == 0:
            beside = {block - 1, block + 1} - seen
            blocks |= beside
            seen |= beside
