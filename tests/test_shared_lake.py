"""What settings say of a lake many machines share. On a real PostgreSQL and store: tests/lake_on_postgres.py."""

from pathlib import Path

import pytest

from ledger.errors import WrongUse
from ledger.lake import files
from ledger.settings import lake_of

SETTINGS = """[lake]
catalogue = "postgres://baogong@db.example:5433/books"
password_file = "postgres.password"
files = "s3://books/city/"
endpoint = "https://store.example"
key_file = "store.key"
"""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Give a folder whose lake is shared."""
    (tmp_path / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "postgres.password").write_text("it's secret\n", encoding="utf-8")
    (tmp_path / "store.key").write_text("key-id\nkey-secret\n", encoding="utf-8")
    return tmp_path


def test_without_the_table_the_lake_is_in_the_folder(tmp_path: Path) -> None:
    assert lake_of(tmp_path) is None
    (tmp_path / "settings.toml").write_text('log = "embedded"', encoding="utf-8")
    assert lake_of(tmp_path) is None
    assert files.files_of(tmp_path / "lake") == f"{tmp_path.resolve()}/lake/files/"


def test_a_shared_lake_is_attached_without_a_secret_in_the_statement(book: Path) -> None:
    lake = lake_of(book)
    assert lake is not None
    assert (lake.password, lake.key) == ("it's secret", ("key-id", "key-secret"))
    assert files.files_of(book / "lake") == "s3://books/city/"
    reader = lake.attaching("lake", lake.schema, writable=False, inlined_rows_max=40)
    writer = lake.attaching("lake", lake.schema, writable=True, inlined_rows_max=40)
    assert "READ_ONLY" in reader
    assert "READ_ONLY" not in writer
    assert not [word for word in ("secret'", "key-") if word in repr(lake) + reader + writer]
    told = lake.secrets()
    assert "HOST 'db.example', PORT 5433, DATABASE 'books'" in told
    assert "PASSWORD 'it''s secret'" in told
    assert "SCOPE 's3://books/city', ENDPOINT 'store.example'" in told
    assert "USE_SSL True" in told


WRONG = [
    ("postgres://baogong@", "postgres://baogong:open@", "belongs into password_file"),
    ("postgres://", "mysql://", "catalogue is not postgres://"),
    ("postgres://baogong@", "postgres://", "catalogue is not postgres://"),
    ("s3://books", "/srv/books", "files is not s3://"),
    ("https://store", "store", "endpoint not http"),
    ("endpoint", "end", "unknown or missing: end, endpoint"),
    ("store.key", "postgres.password", "not two lines|missing"),
    ('password_file = "postgres.password"', 'password_file = "lost"', "No such file"),
    ("[lake]", "lake = 3\n[notify]", "settings.toml"),
]


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_wrong_settings_of_a_lake_are_named_with_their_file(book: Path, old: str, new: str, said: str) -> None:
    (book / "settings.toml").write_text(SETTINGS.replace(old, new), encoding="utf-8")
    if new == "postgres.password":
        (book / "postgres.password").write_text("one-line-only", encoding="utf-8")
    with pytest.raises(WrongUse, match=said) as raised:
        lake_of(book)
    assert str(book / "settings.toml") in str(raised.value)
