"""The one command that starts a broker: it may be said twice, and names what it lacks. And the settings beside it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ledger.logs.kafka.cluster import Cluster
from tests.conftest import ROOT
from tests.kafka.broker import BROKER


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*BROKER, *arguments], capture_output=True, text=True, check=False, env=os.environ | environment
    )


def test_starting_twice_gives_the_same_broker_and_stopping_twice_is_no_fault(tmp_path: Path) -> None:
    folder = ("--folder", str(tmp_path))
    first = run("start", "--port", "0", *folder)
    assert "ready at 127.0.0.1:" in first.stdout, first.stderr
    port = first.stdout.partition("127.0.0.1:")[2].split()[0]
    assert f"already at 127.0.0.1:{port}" in run("start", "--port", "0", *folder).stdout
    other = run("start", "--port", port, "--folder", str(tmp_path / "other"))
    assert other.returncode == 3
    assert f"127.0.0.1:{port} is taken" in other.stderr
    assert "stopped" in run("stop", *folder).stdout
    again = run("stop", *folder)
    assert (again.returncode, "none runs" in again.stdout) == (0, True)


FETCHING = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("broker", sys.argv[1])
broker = importlib.util.module_from_spec(spec)
spec.loader.exec_module(broker)
broker.need_program(Path(sys.argv[2]))
"""


def test_of_two_that_need_the_jars_at_once_one_fetches_them(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FETCHING, BROKER[-1], str(tmp_path / "jars")]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate()[0] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert "".join(said).count("fetching") == 1
    assert any((tmp_path / "jars").glob("kafka-server-*.jar"))


def test_without_java_it_names_what_is_missing_and_the_one_command_to_run(tmp_path: Path) -> None:
    found = run("start", "--port", "0", "--folder", str(tmp_path), PATH=str(tmp_path))
    assert found.returncode == 3
    assert "java and mvn missing" in found.stderr
    assert "sudo apt-get install -y --no-install-recommends openjdk-17-jre-headless maven" in found.stderr
    assert "缺少 java、mvn" in found.stderr
    assert "Traceback" not in found.stderr


def test_the_example_settings_are_read_with_their_password_from_its_own_file(tmp_path: Path) -> None:
    settings = Path(shutil.copy(ROOT / "deploy" / "settings.example.toml", tmp_path))
    (tmp_path / "kafka.password").write_text("secret\n")
    cluster = Cluster.read(settings)
    assert cluster.client()["sasl_plain_password"] == "secret"
    assert cluster.topic("pages") == "wuhan-pages"
    assert cluster.snapshot("stock", 3) == tmp_path / "state" / "wuhan-stock.3.snapshot"
