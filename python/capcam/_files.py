# SPDX-License-Identifier: Apache-2.0
"""Writes files whole or not at all, and reads them to a limit. Folders come from elsewhere: no link in one is followed
that nobody named."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from ._errors import InputError

READER_TRIES = 200  # every 50 ms
LONGEST_CHAIN = 40  # links that are followed, as many as the Linux kernel follows


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Opens a new file that takes the name when the block ends well. A link of that name is replaced itself.

    The unfinished file has a name nobody could foresee and is made anew. Raises InputError if it cannot be written.
    """
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name[:100]}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o666 & ~_umask())
        Path(beside).replace(path)
    except BaseException as error:
        with suppress(OSError):
            Path(beside).unlink()
        if isinstance(error, OSError):
            raise InputError(f"cannot write {path}: {error.strerror}") from None
        raise


def write_named(path: Path, content: bytes) -> None:
    """Writes to what the user named, as the program does: links are followed, pipes and devices written into."""
    target = _behind_links(path)
    try:
        kind = target.stat().st_mode
    except FileNotFoundError:
        kind = stat.S_IFREG
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None
    if stat.S_ISDIR(kind):
        raise InputError(f"cannot write {path}: it is a folder")
    if stat.S_ISREG(kind) and not _own_descriptor(target):
        with replacing(target) as file:
            file.write(content)
        return
    try:
        with os.fdopen(_opened(target, waits=stat.S_ISFIFO(kind)), "wb") as file:
            file.write(content)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror}") from None


def _opened(target: Path, waits: bool) -> int:
    """Opens the path as it is. A pipe waits for somebody to read it, but not for ever."""
    for _ in range(READER_TRIES if waits else 0):
        try:
            pipe = os.open(target, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            time.sleep(0.05)
        else:
            os.set_blocking(pipe, True)
            return pipe
    if waits:
        raise OSError(errno.ENXIO, "nobody reads the pipe")
    return os.open(target, os.O_WRONLY | os.O_CLOEXEC)


def read_limited(path: Path, limit: int) -> bytes:
    """Reads a regular file of at most so many bytes.

    Raises InputError for any other, and for one that cannot be read.
    """
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(f"{path}: expected a file")
            content = file.read(limit + 1)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if len(content) > limit:
        raise InputError(f"{path}: expected at most {limit:,} bytes")
    return content


def _behind_links(path: Path) -> Path:
    for _ in range(LONGEST_CHAIN):
        if not path.is_symlink() or _own_descriptor(path):
            return path
        path = path.parent / path.readlink()  # an absolute one stands for itself
    raise InputError(f"cannot write {path}: too many links")


def _own_descriptor(path: Path) -> bool:
    """Returns the 3 of /dev/fd/3, a name of what is open already."""
    return str(path.parent) in ("/dev/fd", "/proc/self/fd")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
