"""Papers of every kind, from the documented examples, to be spoilt by the tests of bad input. Tests nothing."""

import json
from typing import Any

from ledger import publishing
from schemas.entry import type_of_kind
from tests.spec import described

KINDS = sorted(type_of_kind)
Said = dict[str, Any]


def paper(kind: str, desk: str = "bad", **fields: Any) -> Said:
    """Return the documented example of a kind, as the first document of a desk for papers of that kind."""
    source = f"{desk}-{kind.removesuffix('.v1')}"
    said: Said = json.loads(publishing.example_of(kind)) | {"source": f"{source}.b1", "number": 1} | fields
    if "original" in said:
        said["reverses"] |= {"site": said["site"], "source": f"{source}.b2"}
        said["original"] = json.dumps(json.loads(said["original"]) | said["reverses"], ensure_ascii=False)
    return said


def written(said: Said) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()


def known() -> list[bytes]:
    """Describe what the examples are about."""
    parts = [described("kit-level-1", "套"), described("cap", "个"), described("gown", "件"), described("latex-gloves")]
    numbered = [doc.but(number=n).bytes() for n, doc in enumerate(parts, 1)]
    return [publishing.example_of("item_described.v1"), *numbered, publishing.example_of("kit_described.v1")]
