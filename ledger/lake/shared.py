"""A lake many machines share, as settings say it: its catalogue in PostgreSQL, its files in an S3-compatible store.

It asks neither of the two. Password and key stand in files of their own and reach DuckDB as secrets, which it does not
show; no statement and no message holds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

EXTENSIONS = ("postgres_scanner", "httpfs")
CATALOGUE_SECRET = "lake_catalogue"  # noqa: S105 - the name of a secret, not a secret
"""The name under which DuckDB knows how to reach the catalogue."""
_NEEDED = {"catalogue", "password_file", "files", "endpoint", "key_file"}
_KNOWN = _NEEDED | {"schema", "region"}
_KEY_LINES = 2


@dataclass(frozen=True, slots=True)
class SharedLake:
    """The table `lake` of a settings file."""

    catalogue: str
    """`postgres://user@host:port/database`."""
    files: str
    """`s3://bucket/prefix`: nothing but this lake's files may lie under it."""
    endpoint: str
    """`http://host:port` or `https://…` of the store."""
    password: str = field(repr=False)
    key: tuple[str, str] = field(repr=False)
    schema: str = "lake"
    """The schema of the catalogue in its database; another book has another."""
    region: str = "us-east-1"

    @classmethod
    def read(cls, folder: Path, said: Mapping[str, str]) -> "SharedLake":
        """Read the table; files it names are relative to the folder. Raises `OSError` or `ValueError`, saying why."""
        if wrong := sorted(set(said) - _KNOWN | _NEEDED - set(said)):
            raise ValueError(f"lake: unknown or missing: {', '.join(wrong)}")
        catalogue = urlsplit(said["catalogue"])
        if catalogue.scheme != "postgres" or not (catalogue.hostname and catalogue.username and catalogue.path[1:]):
            raise ValueError("lake: catalogue is not postgres://user@host:port/database")
        if catalogue.password is not None:
            raise ValueError("lake: the password belongs into password_file")
        if not said["files"].startswith("s3://") or urlsplit(said["endpoint"]).scheme not in ("http", "https"):
            raise ValueError("lake: files is not s3://bucket/prefix, or endpoint not http(s)://host:port")
        key = (folder / said["key_file"]).read_text(encoding="utf-8").split()
        if len(key) != _KEY_LINES:
            raise ValueError(f"{said['key_file']}: not two lines, the key's id and its secret")
        return cls(
            said["catalogue"], said["files"].rstrip("/"), said["endpoint"],
            (folder / said["password_file"]).read_text(encoding="utf-8").strip(), (key[0], key[1]),
            **{name: said[name] for name in ("schema", "region") if name in said},
        )  # fmt: skip

    def secrets(self) -> str:
        """Return the statements that tell DuckDB how to reach catalogue and store."""
        at, store = urlsplit(self.catalogue), urlsplit(self.endpoint)
        return f"""
            CREATE OR REPLACE SECRET {CATALOGUE_SECRET} (
                TYPE postgres, HOST {text(at.hostname)}, PORT {at.port or 5432}, DATABASE {text(at.path[1:])},
                USER {text(at.username)}, PASSWORD {text(self.password)});
            CREATE OR REPLACE SECRET lake_files (
                TYPE s3, SCOPE {text(self.files)}, ENDPOINT {text(store.netloc)}, URL_STYLE 'path',
                USE_SSL {store.scheme == "https"}, REGION {text(self.region)},
                KEY_ID {text(self.key[0])}, SECRET {text(self.key[1])});
        """

    def attaching(self, name: str, schema: str, *, writable: bool, inlined_rows_max: int) -> str:
        """Return the statement that attaches the lake in a schema; a reader never makes one."""
        return f"""
            ATTACH 'ducklake:postgres:' AS {name} (
                DATA_PATH {text(self.files + "/")}, OVERRIDE_DATA_PATH true, META_SECRET {text(CATALOGUE_SECRET)},
                METADATA_SCHEMA {text(schema)}, DATA_INLINING_ROW_LIMIT {inlined_rows_max}
                {"" if writable else ", READ_ONLY"})
        """


def text(value: str | None) -> str:
    """Return a text as SQL writes it."""
    return "'" + (value or "").replace("'", "''") + "'"
