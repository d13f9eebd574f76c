"""The READMEs say what is so: their tours are run again and print what stands there."""

import pytest

from tests.readme import READMES, ROOT, replay


@pytest.mark.parametrize(("name", "lang"), READMES.items())
def test_the_tour_prints_what_the_readme_shows(name: str, lang: str) -> None:
    written = (ROOT / name).read_text(encoding="utf-8")
    assert written.count("```console") >= 4
    assert replay(written, lang) == written, "run `make docs` and look at what changed"
