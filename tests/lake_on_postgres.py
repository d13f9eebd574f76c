"""A lake many machines share, on a real PostgreSQL and an S3-compatible store: `make test-lake-pg`, not `make test`.

PostgreSQL is that of the machine (Debian: apt-get install postgresql); the store is moto's server, in a venv of its own
that `BAOGONG_MOTO` names. Without either it fails and says so.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import Request, urlopen

import duckdb
import pytest

from ledger.errors import BookHeld, BrokenEnvironment, WrongUse
from ledger.lake import Lake, LakeWriter, ask, catalogue, rebuild
from ledger.lake.files import connect, folder_of, prepare
from ledger.settings import lake_of
from ledger.verification import verify
from tests.on_disk import OnDisk
from tests.spec import ANYONE, described, received

STOCK = "SELECT site, item, on_hand FROM stock ORDER BY ALL"
SETTINGS = """[lake]
catalogue = "postgres://baogong@127.0.0.1:{postgres}/baogong"
password_file = "postgres.password"
files = "s3://baogong/{prefix}"
endpoint = "http://127.0.0.1:{store}"
key_file = "store.key"
schema = "{prefix}"
"""
PASSWORD = "it's a trial"


@pytest.fixture(scope="module")
def postgres() -> Iterator[int]:
    """Start PostgreSQL with a role and a database of the book's own; give its port."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl")) or [Path(shutil.which("pg_ctl") or "pg_ctl")]
    assert found[-1].exists(), "PostgreSQL is not installed. On Debian or Ubuntu: apt-get install postgresql"
    user, port = ("postgres" if os.geteuid() == 0 else None), free_port()
    folder = Path(tempfile.mkdtemp(prefix="baogong-pg-"))
    if user:
        shutil.chown(folder, user)

    def run(name: str, *words: str, said: str | None = None) -> None:
        command = [str(found[-1].with_name(name)), *words]
        subprocess.run(command, user=user, cwd=folder, input=said, text=True, check=True, stdout=subprocess.DEVNULL)

    run("initdb", "-D", str(folder / "db"), "-U", "owner", "--auth-local=trust", "--auth-host=scram-sha-256")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
    run("pg_ctl", "-D", str(folder / "db"), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        sql = f"CREATE ROLE baogong LOGIN PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}';"
        run("psql", "-h", str(folder), "-p", str(port), "-U", "owner", "postgres", said=sql)
        run("createdb", "-h", str(folder), "-p", str(port), "-U", "owner", "-O", "baogong", "baogong")
        yield port
    finally:
        run("pg_ctl", "-D", str(folder / "db"), "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Start an S3-compatible store with a bucket; give its port."""
    assert "BAOGONG_MOTO" in os.environ, "the S3 server is not named: run make test-lake-pg"
    port, log = free_port(), (tmp_path_factory.mktemp("store") / "log").open("wb")
    with log, subprocess.Popen([os.environ["BAOGONG_MOTO"], "-p", str(port)], stdout=log, stderr=log) as server:
        key = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/s3/aws4_request"}
        deadline = time.monotonic() + 60
        while True:
            try:
                urlopen(Request(f"http://127.0.0.1:{port}/baogong", method="PUT", headers=key)).close()
                break
            except OSError:
                assert time.monotonic() < deadline, "the store does not answer"
                time.sleep(0.2)
        yield port
        server.terminate()


@pytest.fixture
def shelf(tmp_path: Path, postgres: int, store: int) -> OnDisk:
    """Give a book of sixty receipts whose lake is shared."""
    disk = OnDisk(tmp_path / "book")
    share(disk.path, postgres=postgres, store=store, prefix=f"lake_{postgres}_{time.monotonic_ns()}")
    disk.admit(described(箱=700), *[received(10) for _ in range(60)])
    return disk


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def share(book: Path, **facts: object) -> None:
    """Write the settings of a shared lake into a book's folder."""
    (book / "settings.toml").write_text(SETTINGS.format(**facts), encoding="utf-8")
    (book / "postgres.password").write_text(PASSWORD + "\n", encoding="utf-8")
    (book / "store.key").write_text("baogong\nsecret-of-the-store\n", encoding="utf-8")


def in_store(book: Path) -> list[str]:
    """Return the files under the prefix of a book's lake."""
    shared = lake_of(book)
    assert shared is not None
    with closing(connect()) as asked:
        prepare(asked, shared)
        return [name for (name,) in asked.execute(f"FROM glob('{shared.files}/**')").fetchall()]


def test_the_book_is_seen_the_same_from_another_machine_and_verifies(shelf: OnDisk, tmp_path: Path) -> None:
    with closing(shelf.lake()) as lake:
        assert lake.execute(STOCK).fetchall() == [("WH-01", "KN95", 600)]
    assert in_store(shelf.path)
    assert not (folder_of(shelf.path) / "catalogue.sqlite").exists()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("settings.toml", "postgres.password", "store.key"):
        shutil.copy(shelf.path / name, elsewhere)
    with closing(Lake.connect_locked(elsewhere)) as locked:
        assert ask(locked, STOCK).rows == [("WH-01", "KN95", 600)]
    shelf.book.close()
    assert verify(shelf.path).ok


def test_a_rebuild_leaves_nothing_of_the_old_lake_in_the_store(shelf: OnDisk) -> None:
    shelf.lake().close()
    before = in_store(shelf.path)
    rebuild(shelf.book)
    after = in_store(shelf.path)
    assert len(after) == len(before)
    assert not set(after) & set(before)
    with closing(Lake.connect(shelf.path)) as lake:
        assert lake.execute(STOCK).fetchall() == [("WH-01", "KN95", 600)]


def test_a_lake_of_another_chain_is_built_anew(shelf: OnDisk, tmp_path: Path) -> None:
    shelf.lake().close()
    other = OnDisk(tmp_path / "other")
    other.admit(described(箱=700), received(7))
    for name in ("settings.toml", "postgres.password", "store.key"):
        shutil.copy(shelf.path / name, other.path)
    with LakeWriter(other.book) as writer:
        assert writer.rebuilt == "lake_of_another_chain"
        writer.catch_up()
    with closing(Lake.connect(other.path)) as lake:
        assert lake.execute(STOCK).fetchall() == [("WH-01", "KN95", 7)]


def test_a_second_writer_is_refused_also_from_another_folder(shelf: OnDisk, tmp_path: Path) -> None:
    elsewhere = Path(shutil.copytree(shelf.path, tmp_path / "elsewhere"))
    with LakeWriter(shelf.book) as writer:
        writer.catch_up()
        with pytest.raises(BookHeld, match="held by another writer"):
            LakeWriter(elsewhere)
    with LakeWriter(elsewhere) as free:
        assert free.rebuilt is None


def test_a_writer_that_lost_its_lock_writes_no_more(shelf: OnDisk) -> None:
    shared = lake_of(shelf.path)
    assert shared is not None
    with LakeWriter(shelf.book) as writer:
        writer.catch_up()
        shelf.book.submit([received(5).but(number=900).bytes()], ANYONE, shelf.clock)
        with closing(connect()) as other:
            prepare(other, shared)
            other.execute("ATTACH '' AS beside (TYPE postgres, SECRET lake_catalogue)")
            kill = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
            other.execute(f"FROM postgres_query('beside', '{kill.replace(chr(39), chr(39) * 2)}')")
        with pytest.raises(BrokenEnvironment, match="does not answer or refuses"):
            writer.catch_up()
    with closing(Lake.connect(shelf.path)) as lake:
        assert lake.execute(STOCK).fetchall() == [("WH-01", "KN95", 600)]
    with closing(shelf.lake()) as lake:
        assert lake.execute(STOCK).fetchall() == [("WH-01", "KN95", 605)], "the next writer goes on where the lake is"


def test_compacting_keeps_every_row_in_the_store(shelf: OnDisk) -> None:
    with LakeWriter(shelf.book) as writer:
        for number in range(5):
            shelf.book.submit([received(1).but(number=901 + number).bytes()], ANYONE, shelf.clock)
            writer.catch_up()
        writer.compact()
    shelf.book.close()
    assert verify(shelf.path).ok


FORBIDDEN = [
    "FROM 's3://baogong/elsewhere/x.parquet'", "FROM 's3://other/x.parquet'", "FROM '{book}/store.key'",
    "FROM read_text('{book}/postgres.password')", "FROM postgres_query('__ducklake_metadata_lake', 'SELECT 1')",
    "FROM duckdb_secrets()", "ATTACH 'host=127.0.0.1' AS y (TYPE postgres)", "FROM 'http://127.0.0.1/x.csv'",
]  # fmt: skip


def test_untrusted_sql_reaches_nothing_beside_the_lake(shelf: OnDisk) -> None:
    shelf.lake().close()
    with closing(Lake.connect_locked(shelf.path)) as locked:
        for sql in FORBIDDEN:
            with pytest.raises(WrongUse):
                ask(locked, sql.format(book=shelf.path))
        with pytest.raises(duckdb.PermissionException):
            locked.execute("FROM read_parquet('s3://baogong/elsewhere/x.parquet')")
        shown = str([locked.execute(f"FROM {of}").fetchall() for of in ("duckdb_databases", "duckdb_secrets()")])
        assert PASSWORD not in shown
        assert "secret-of-the-store" not in shown
        assert ask(locked, STOCK).rows == [("WH-01", "KN95", 600)]


def test_what_does_not_answer_is_said_and_is_no_damage(shelf: OnDisk) -> None:
    with pytest.raises(BrokenEnvironment, match="no lake at postgres://"):
        Lake.connect(shelf.path)
    shelf.lake().close()
    (shelf.path / "postgres.password").write_text("wrong", encoding="utf-8")
    with pytest.raises(BrokenEnvironment, match="password authentication failed"):
        Lake.connect(shelf.path)
    share(shelf.path, postgres=1, store=1, prefix="lake")
    with pytest.raises(BrokenEnvironment, match="Connection refused"):
        catalogue.exists(folder_of(shelf.path))
