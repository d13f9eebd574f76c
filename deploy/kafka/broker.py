"""A real Apache Kafka on this machine: start, stop, say where. For trials and tests; loopback only, no password.

Runs on the standard library alone, before any environment is made. It must never be pointed at a real book's cluster.

    python3 deploy/kafka/broker.py start [--port 9092] [--folder var/kafka]      (--port 0: any free one)
    python3 deploy/kafka/broker.py stop  [--folder var/kafka]
"""

import argparse
import fcntl
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KAFKA = "4.3.0"
JAVA_MAJOR_MIN = 17
READY_SECONDS_MAX = 60
CLUSTER = "bG9jYWwtYmFvZ29uZy10cg"
"""Any 16 bytes in base64: this cluster is only ever of one broker."""
INSTALL = "apt-get install -y --no-install-recommends openjdk-17-jre-headless maven"


class Unready(Exception):
    """Something this broker needs is missing. Says so in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"kafka: {en}\nkafka: {zh}")


def say(text: str) -> None:
    """Print one line now, whoever reads it."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a program to its end and keep what it says."""
    quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=quietly)  # noqa: S603 - fixed programs


def need_program(jars: Path) -> None:
    """Have Java and Kafka's jars; of several that need them at once one fetches, and the others wait for it."""
    jars.mkdir(parents=True, exist_ok=True)
    with (jars / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        need_java()
        need_jars(jars)


def need_java() -> None:
    """Have Java and Maven, installing them where that is ours to do; else name the one command to run."""
    missing = [name for name in ("java", "mvn") if shutil.which(name) is None]
    if "java" not in missing and java_major() < JAVA_MAJOR_MIN:
        missing.append("java")
    if not missing:
        return
    if os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get"):
        say(f"kafka: {' and '.join(missing)} missing: {INSTALL}")
        ran("apt-get", "update", "-q")
        if ran(*INSTALL.split()).returncode == 0 and shutil.which("java") and shutil.which("mvn"):
            return
    raise Unready(
        f"缺少 {'、'.join(missing)}(需要 Java {JAVA_MAJOR_MIN} 及以上和 Maven)。请执行:sudo {INSTALL}",
        f"{' and '.join(missing)} missing (Java {JAVA_MAJOR_MIN} or newer, and Maven). Run: sudo {INSTALL}",
    )


def java_major() -> int:
    """Return the major version of the Java on the path; 0 when it does not say."""
    said = ran("java", "-version").stderr
    version = said.partition('version "')[2].partition(".")[0].strip('"\n ')
    return int(version) if version.isdigit() else 0


def need_jars(jars: Path) -> None:
    """Have Kafka's jars in a folder; fetched once, 115 MB."""
    whole = jars / f".kafka-{KAFKA}"
    if whole.exists():
        return
    say(f"kafka: fetching Apache Kafka {KAFKA} with Maven (115 MB, once)")
    fetch = [
        "mvn",
        "-q",
        "-B",
        "-f",
        str(HERE / "pom.xml"),
        "dependency:copy-dependencies",
        f"-DoutputDirectory={jars}",
    ]
    done = ran(*fetch)
    if done.returncode:
        last = (done.stdout + done.stderr).strip().splitlines()[:1]
        raise Unready(
            f"Maven 取不到 Kafka {KAFKA}({last})。检查网络或 ~/.m2/settings.xml 中的镜像后重试",
            f"Maven could not fetch Kafka {KAFKA} ({last}). Check the network or the mirror in ~/.m2/settings.xml",
        )
    whole.touch()


def settings(folder: Path, port: int, control: int) -> str:
    """Return the settings of a single KRaft broker that answers on loopback only."""
    listeners = f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{control}"
    lines = {
        "process.roles": "broker,controller", "node.id": 1, "controller.listener.names": "CONTROLLER",
        "controller.quorum.bootstrap.servers": f"127.0.0.1:{control}", "listeners": listeners,
        "advertised.listeners": listeners,
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT", "log.dirs": folder / "log", "num.partitions": 1,
        "auto.create.topics.enable": "false", "offsets.topic.num.partitions": 4,
        "offsets.topic.replication.factor": 1, "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1, "transaction.state.log.num.partitions": 1,
        "share.coordinator.state.topic.replication.factor": 1, "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0, "group.min.session.timeout.ms": 1000,
        "message.max.bytes": 67_108_864, "socket.request.max.bytes": 134_217_728,
        "log.retention.check.interval.ms": 300_000,
        # One that was killed may register again only when its old session has lapsed: shorter than the 9 s of a city.
        "broker.session.timeout.ms": 4_000, "broker.heartbeat.interval.ms": 1_000,
    }  # fmt: skip
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def java(jars: Path, folder: Path, *arguments: str) -> list[str]:
    """Return the command that runs a class of Kafka."""
    return [
        "java", "-Xms256m", "-Xmx768m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=4",
        f"-Dbaogong.kafka.folder={folder}", f"-Dlog4j2.configurationFile={HERE / 'log4j2.properties'}",
        "-cp", f"{jars}/*", *arguments,
    ]  # fmt: skip


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Ask the broker which versions it speaks: it answers only once it serves."""
    request = struct.pack(">hhih", 18, 0, 7, -1)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            line.sendall(struct.pack(">i", len(request)) + request)
            return line.recv(8)[4:8] == struct.pack(">i", 7)
    except OSError:
        return False


def running(folder: Path) -> tuple[int, int] | None:
    """Return process and port of the broker that keeps its files in this folder, or None."""
    try:
        said = json.loads((folder / "broker.json").read_text())
        command = Path(f"/proc/{said['process']}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return (said["process"], said["port"]) if f"baogong.kafka.folder={folder}".encode() in command else None


def start(folder: Path, port: int, jars: Path) -> int:
    """Start the broker unless it runs, and wait until it answers. Returns its port."""
    now = running(folder)
    if now is not None and (port in (0, now[1])) and wait(now[0], now[1], folder):
        say(f"kafka: already at 127.0.0.1:{now[1]} (process {now[0]}, files in {folder})")
        return now[1]
    need_program(jars)
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    if answers(port):
        raise Unready(
            f"127.0.0.1:{port} 已被占用。停下占用者,或用 --port 另选",
            f"127.0.0.1:{port} is taken. Stop what holds it, or choose --port",
        )
    control = free_port()
    written = folder / "server.properties"
    written.write_text(settings(folder, port, control))
    if not (folder / "log" / "meta.properties").exists():
        form = java(
            jars, folder, "kafka.tools.StorageTool", "format", "--standalone", "-t", CLUSTER, "-c", str(written)
        )
        done = ran(*form)
        if done.returncode:
            raise Unready(f"无法建立 {folder}:{done.stderr[-500:]}", f"cannot format {folder}: {done.stderr[-500:]}")
    return launch(folder, port, jars)


def launch(folder: Path, port: int, jars: Path) -> int:
    """Start the process, note it, and wait for its first answer."""
    began = time.monotonic()
    with (folder / "console.log").open("ab") as console:
        command = java(jars, folder, "kafka.Kafka", str(folder / "server.properties"))
        process = subprocess.Popen(  # noqa: S603 - the program and its arguments are ours
            command, stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True
        )
    (folder / "broker.json").write_text(json.dumps({"process": process.pid, "port": port}))
    if not wait(process.pid, port, folder):
        raise Unready(
            f"Kafka 在 {READY_SECONDS_MAX} 秒内没有应答,见 {folder}/broker.log",
            f"Kafka did not answer within {READY_SECONDS_MAX} s; see {folder}/broker.log",
        )
    say(
        f"kafka: ready at 127.0.0.1:{port} after {time.monotonic() - began:.1f} s"
        f" (process {process.pid}, files in {folder})"
    )
    return port


def wait(process: int, port: int, folder: Path) -> bool:
    """Wait until the broker answers; False when its process ended or the time is over."""
    until = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < until:
        if answers(port):
            return True
        if running(folder) is None and not Path(f"/proc/{process}").exists():
            return False
        time.sleep(0.1)
    return False


def stop(folder: Path) -> None:
    """Stop the broker of this folder, if one runs."""
    now = running(folder)
    if now is None:
        say(f"kafka: none runs in {folder}")
        return
    os.kill(now[0], signal.SIGTERM)
    until = time.monotonic() + READY_SECONDS_MAX / 3
    while running(folder) is not None and time.monotonic() < until:
        time.sleep(0.1)
    if running(folder) is not None:
        os.kill(now[0], signal.SIGKILL)
    (folder / "broker.json").unlink(missing_ok=True)
    say(f"kafka: stopped (process {now[0]})")


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("command", choices=("start", "stop"))
    parser.add_argument("--port", type=int, default=9092, help="0: any free port")
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "kafka")
    parser.add_argument("--jars", type=Path, default=ROOT / "var" / "kafka-jars")
    given = parser.parse_args()
    try:
        if given.command == "start":
            start(given.folder.resolve(), given.port, given.jars.resolve())
        else:
            stop(given.folder.resolve())
    except Unready as unready:
        sys.stderr.write(f"{unready}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
