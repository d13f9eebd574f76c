"""What every test may ask for: where the real input lies. Finds things; makes and changes nothing."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED_VARIABLE = "BAOGONG_SHARED"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real input: $BAOGONG_SHARED, else ../shared/data beside the repository.

    A missing folder fails the test: a skip would let real input go untested unnoticed.
    """
    named = os.environ.get(SHARED_VARIABLE)
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.fail(
            f"real input: expected a folder at {folder}, found none; {SHARED_VARIABLE}={named or ''};"
            f" set {SHARED_VARIABLE} to the folder that holds wuhan_redcross and the other sources",
            pytrace=False,
        )
    return folder
