"""A desk with a mapping, its entries, a file and a rehearsal book: what tests of imports are told on. Tests nothing."""

from pathlib import Path
from textwrap import dedent

from ledger.book import Book
from ledger.imports.doors import BookDoor, DryDoor
from ledger.imports.mapping import read_mapping
from ledger.imports.running import Import, Tally
from schemas.page import Sender

SENDER = Sender(name="import")

PAIRED = """
    name = "moves"
    site = "{site}"
    label = "row {row}"
    recorded_by = "import-desk"
    happened_at = "{day}"
    recorded_at = "{day}"
    describe_new_items = true
    units_finest_first = ["dose"]
    [file.columns]
    site = ["site"]
    n = ["n"]
    day = ["day"]
    [pairing]
    on = ["day"]
    quantity = "n"
    site = "site"
    percent = 2
    transfer = "{day} {from}>{to}"
    [[derive]]
    column = "n"
    pattern = '^(?P<sign>-)(?P<n>\\d+)$'
    [[document]]
    when = { end = "dispatched" }
    kind = "transfer_dispatched.v1"
    fields = { transfer = "{transfer}", to_site = "{other_site}" }
    lines = [{ item = "vaccine", unit = "dose", quantity = "{n}" }]
    [[document]]
    when = { end = "arrived" }
    kind = "transfer_arrived.v1"
    fields = { transfer = "{transfer}", from_site = "{other_site}" }
    lines = [{ item = "vaccine", unit = "dose", quantity = "{n}" }]
    [[document]]
    when = { sign = "-" }
    kind = "goods_issued.v1"
    fields = { receiver = "state", use = "sent_back" }
    lines = [{ item = "vaccine", unit = "dose", quantity = "{n}" }]
    [[document]]
    kind = "goods_received.v1"
    fields = { origin = "allocated" }
    lines = [{ item = "vaccine", unit = "dose", quantity = "{n}" }]
"""
MAPPING = """
    name = "desk"
    site = "WH-01"
    label = "sheet row {row}"
    recorded_by = "import-desk"
    happened_at = "{date}"
    entries = "desk.entries.toml"
    describe_new_items = true
    units_finest_first = ["个", "只", "支", "瓶", "套", "件", "箱"]
    [file.columns]
    date = ["date", "日期"]
    way = ["way"]
    party = ["party"]
    item = ["item"]
    spec = ["spec"]
    unit = ["unit"]
    quantity = ["quantity", "数量"]
    [[fill_down]]
    column = "unit"
    block = "party"
    needs = "quantity"
    [[derive]]
    column = "item"
    pattern = '定向捐赠(?P<designated>[^（）]+)'
    [[document]]
    when = { way = "in" }
    kind = "goods_received.v1"
    fields = { origin = "donated", donation = { donor = "{party}", designated_receiver = "{designated}" } }
    lines = [{ item = "{item}", unit = "{unit}", quantity = "{quantity}", pack = "{spec}" }]
    [[document]]
    when = { way = "out" }
    kind = "goods_issued.v1"
    fields = { receiver = "{party}" }
    lines = [{ item = "{item}", unit = "{unit}", quantity = "{quantity}", pack = "{spec}" }]
"""
ENTRIES = """
    happened_at = 2020-01-22T00:00:00+08:00
    recorded_by = "import-desk"
    [[synonym]]
    of = "item"
    names = ["消毒片（万消灵）"]
    means = "消毒片"
    reason = "the brand behind the name"
    [[synonym]]
    of = "unit"
    names = ["支"]
    means = "只"
    items = ["手套"]
    reason = "one glove either way"
    [[synonym]]
    of = "party"
    names = ["江夏红十字"]
    means = "江夏区红十字会"
    reason = "the short name"
"""
HEADER = "date,way,party,item,spec,unit,quantity"


class Desk:
    """A folder with a mapping, its entries, a file and a rehearsal book."""

    def __init__(self, folder: Path, nature: str = "rehearsal") -> None:
        self.folder = folder
        self.file = folder / "rows.csv"
        self.map(MAPPING)
        (folder / "desk.entries.toml").write_text(dedent(ENTRIES), encoding="utf-8")
        self.book = Book.create(folder / "book", nature=nature)

    def map(self, text: str) -> None:
        (self.folder / "desk.toml").write_text(dedent(text), encoding="utf-8")

    def write(self, *rows: str, header: str = HEADER) -> "Desk":
        self.file.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        return self

    def run(self, *, dry: bool = False) -> Tally:
        mapping = read_mapping(self.folder / "desk.toml")
        entries = self.folder / mapping.entries if mapping.entries else None
        door = DryDoor(self.book, SENDER) if dry else BookDoor(self.book, SENDER)
        return Import(mapping, self.file, door, entries, real=self.book.opening.nature == "real").run(
            lambda done, of: None, keep_problems=True
        )

    def on_hand(self, item: str) -> int:
        facts = self.book.folds.admission.catalogue.find(item)
        return self.book.folds.stock.totals["WH-01", facts.item].on_hand if facts else 0

    def base_unit(self, item: str) -> str:
        facts = self.book.folds.admission.catalogue.find(item)
        return facts.base_unit if facts else "nobody described it"
