"""The road under drill: two workers of each kind, a gateway, a device with its outbox, a broker behind a proxy.

Each part is a process of its own that can be killed and started anew; `judge` compares all with all. What is done to
them is in `tests.kafka.faults`.
"""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from ledger.logs.kafka.cluster import Cluster
from schemas.document import EVERY_SITE
from tests.conftest import ROOT
from tests.kafka.device import QUANTITY
from tests.kafka.on_cluster import folder_of
from tests.kafka.proxy import Proxy
from tests.kafka.road import BOOK, Road
from tests.kafka.traffic import Traffic
from tests.kafka.witness import Witness
from tests.serving import new_token
from tests.spec import NOON, described

VOLUMES = 2
TWICE = ("gatherer", "admission", "folds", "alerts", "cases")
SESSION_SECONDS = 6
SERVED_SECONDS_MAX = 90
Process = subprocess.Popen[bytes]


@dataclass
class Row:
    """What one kind of fault came to."""

    fault: str
    times: int = 0
    lost: int = 0
    double: int = 0
    wrong: int = 0
    seconds: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Write it as a line of the table: seconds to serve again as median and worst."""
        seconds = f"{median(self.seconds):.1f} / {max(self.seconds):.1f}" if self.seconds else "–"
        return f"| {self.fault} | {self.times} | {self.lost} | {self.double} | {self.wrong} | {seconds} |"


class Broker:
    """A broker whose clients know only the proxy before it."""

    def __init__(self, folder: Path) -> None:
        spec = importlib.util.spec_from_file_location("drilled_broker", ROOT / "deploy" / "kafka" / "broker.py")
        assert spec is not None
        assert spec.loader is not None
        self.module: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.folder = folder
        self.port, self.outside = self.module.free_port(), self.module.free_port()
        written = self.module.settings
        advertised = f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.port},"
        self.module.settings = lambda *given: written(*given).replace(
            advertised, f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.outside},"
        )
        self.start()
        self.proxy = Proxy(self.outside, self.port)

    def start(self) -> None:
        """Start it, again with the same files and port."""
        self.module.start(self.folder, self.port, ROOT / "var" / "kafka-jars")

    def kill(self) -> None:
        """End it as a power cut would."""
        process, _ = self.module.running(self.folder)
        os.kill(process, signal.SIGKILL)
        while self.module.running(self.folder):
            time.sleep(0.02)

    def stop(self) -> None:
        """End it properly."""
        self.module.stop(self.folder)


class Drill:
    """The road under drill, and how it is made to fail and then judged."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.chance = folder, Random(seed)
        self.broker = Broker(folder / "kafka")
        self.road = Road(Cluster((f"127.0.0.1:{self.broker.outside}",), session_seconds=SESSION_SECONDS), folder)
        self.road.open(volumes=VOLUMES, opened_at=NOON)
        self.road.submit([described(箱=700).but(number=1).bytes()], recorded_at=NOON)
        self.desk = folder_of(self.road, folder / "desk")
        self.port, self.token = self.broker.module.free_port(), new_token(self.desk, "device")
        os.environ["BAOGONG_BOOK"] = str(self.desk)
        self.parts: dict[str, Process] = {}
        for name in [f"{role}.{n}" for role in TWICE for n in "12"] + ["lake.1", "gateway.1", "device.1"]:
            self.start(name)
        self.witness = Witness(self.road.cluster, VOLUMES, BOOK, self.desk)
        self.traffic = Traffic(self.road.cluster, VOLUMES, seed)
        self.traffic.start()

    def start(self, name: str) -> None:
        """Start a part anew."""
        role = name.partition(".")[0]
        if role not in ("gateway", "device"):
            self.parts[name] = self.road.start(role, name.replace(".", "-"))
            return
        url = f"http://127.0.0.1:{self.port}"
        module = {
            "gateway": ["processors.serve", "--book", str(self.desk), "--port", str(self.port)],
            "device": ["tests.kafka.device", str(self.folder / "outbox.sqlite3"), str(self.journal), url, self.token],
        }[role]
        with (self.folder / "workers.log").open("ab") as log:
            self.parts[name] = subprocess.Popen([sys.executable, "-m", *module], cwd=ROOT, stdout=log, stderr=log)
        self.road.workers.append(self.parts[name])

    @property
    def journal(self) -> Path:
        """Where the device notes what it called saved."""
        return self.folder / "journal"

    def kill(self, name: str) -> None:
        """Kill a part with -9 and start it anew."""
        self.road.kill(self.parts[name])
        self.start(name)

    def served(self, began: float) -> float:
        """Send a document for every site; return the seconds since `began` when all of them count."""
        probes = self.traffic.probe()
        until = time.monotonic() + SERVED_SECONDS_MAX
        while not (probes <= self.witness.identities.keys() and self.said()) and time.monotonic() < until:
            self.revive()
            time.sleep(0.1)
            self.witness.read()
        return time.monotonic() - began

    def said(self) -> bool:
        """Tell whether the balances are not far behind the pages."""
        return all(volume.said.page + 20 > volume.chain.page for volume in self.witness.of)

    def revive(self) -> None:
        """Start again what ended itself for a reason that passes, as `worker all` does."""
        for name, process in list(self.parts.items()):
            if process.poll() not in (None, 2, 4):
                self.start(name)

    def judge(self, row: Row) -> None:
        """Let everything come to rest, and compare all with all."""
        pause = self.journal.with_suffix(".pause")
        pause.touch()
        self.traffic.pause()
        time.sleep(0.3)
        until = time.monotonic() + SERVED_SECONDS_MAX
        saved = set(self.journal.read_text().split()) | self.traffic.acknowledged
        while time.monotonic() < until:
            self.witness.read()
            if self._holds(saved) and self.witness.caught_up():
                break
            self.revive()
            time.sleep(0.1)
        row.lost += len(saved - self.witness.identities.keys()) + len(self.traffic.poison - self.witness.quarantined)
        row.double += sum(t > 1 for identity, t in self.witness.identities.items() if identity[0] != EVERY_SITE)
        wrong = self.witness.wrong() + self._stock()
        if not self.witness.caught_up():
            wrong.append(
                "not caught up: " + str([(v.chain.page, v.said.page, v.alerts.number) for v in self.witness.of])
            )
        wrong += [f"{name} ended with {p.poll()}" for name, p in self.parts.items() if p.poll() is not None]
        row.wrong += len(wrong)
        row.said += wrong[:5]
        pause.unlink()
        self.traffic.flowing.set()

    def _holds(self, saved: set[str]) -> bool:
        return saved <= self.witness.identities.keys() and self.traffic.poison <= self.witness.quarantined

    def _stock(self) -> list[str]:
        """Compare the stock with the sum of the documents, which the sender knows."""
        device = [i.split("/")[0] for i in self.witness.identities if "/dev-1." in i]
        expected = self.traffic.moved.copy()
        for site in device:
            expected[site] += QUANTITY
        found = self.witness.on_hand()
        return [f"{s}: {found[s]} on hand, documents give {expected[s]}" for s in expected if found[s] != expected[s]]

    def stop(self) -> None:
        """End everything."""
        self.traffic.flowing.clear()
        self.road.stop()
        self.broker.stop()
