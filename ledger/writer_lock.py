"""One writer a book: a lock the system releases when the holder dies, and a line that says who holds it."""

import fcntl
import json
import os
import socket
import sys
from datetime import datetime
from pathlib import Path
from typing import IO

from ledger.errors import BookHeld, BrokenEnvironment


class WriterLock:
    """Held from creation to `release`, or to the end of the process."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises `BookHeld`, naming the holder."""
        try:
            self.file: IO[str] = path.open("a+", encoding="utf-8", errors="replace")
        except OSError as error:
            raise BrokenEnvironment("file_unusable", path=path, found=error) from error
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.file.seek(0)
            holder = self.file.read().strip()
            self.file.close()
            raise BookHeld("book_held", path=path.parent, **_read_holder(holder)) from error
        self.file.truncate(0)
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:3]])
        json.dump({"process": os.getpid(), "host": socket.gethostname(), "since": since, "command": command}, self.file)
        self.file.flush()

    def release(self) -> None:
        """Let another process write."""
        self.file.truncate(0)
        self.file.close()


def _read_holder(line: str) -> dict[str, object]:
    unknown: dict[str, object] = {"process": "?", "host": "?", "since": "?", "command": "?"}
    try:
        said = json.loads(line) if line else {}
    except ValueError:
        return unknown  # the line only informs; that the book is held, the system says
    return unknown | {name: said[name] for name in unknown if name in said} if isinstance(said, dict) else unknown
