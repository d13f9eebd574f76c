"""deploy/compose.yaml and deploy/Dockerfile: what they name exists. No container engine is asked: there may be none."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from ledger import cli
from ledger.logs.kafka.cluster import Cluster
from ledger.settings import lake_of, read_settings
from processors.running import ROLES
from tests.conftest import ROOT

FILE = ROOT / "deploy" / "compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
BROKERS = {name: service for name, service in SERVICES.items() if service["image"].startswith("apache/kafka:")}
TOP = {"name", "services", "networks", "volumes"}
OF_A_SERVICE = {
    "image", "build", "command", "restart", "networks", "environment", "volumes", "depends_on", "ports", "healthcheck",
    "deploy", "profiles", "hostname", "entrypoint",
}  # fmt: skip
"""The keys this file uses, of those the Compose Specification has: one that is misspelt is not among them."""
OF_OTHERS = ("KAFKA_", "CLUSTER_ID", "POSTGRES_")
"""How variables begin that the images of others read."""
MADE_BY_HAND = {"./compose/postgres.password", "./compose/store.key"}
"""Secrets: the head of the file says how each is made; none is in the repository."""
cli.load_extensions()


def test_every_key_is_one_of_the_compose_specification() -> None:
    assert {key for key in COMPOSE if not key.startswith("x-")} == TOP
    for name, service in SERVICES.items():
        assert set(service) <= OF_A_SERVICE, name
        assert service["restart"] in ("no", "on-failure", "unless-stopped"), name
        assert re.fullmatch(r"[\w./-]+:[\w.-]+", service["image"]), f"{name}: an image without a version"
        assert not service["image"].endswith(":latest"), name
        for condition in service.get("depends_on", {}).values():
            assert condition["condition"] in ("service_healthy", "service_completed_successfully"), name


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_command_is_one_of_baogong_with_its_options(name: str) -> None:
    command: Any = typer.main.get_command(cli.app)
    words = [str(word) for word in OURS[name]["command"]]
    if words == ["--help"]:
        return
    while hasattr(command, "commands"):
        assert words[0] in command.commands
        command = command.commands[words.pop(0)]
    asked = command.make_context(name, words).params
    assert asked.get("role", ROLES[0]) in ROLES


def test_every_variable_is_one_the_code_reads_and_every_file_and_volume_is_there() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for p in ("ledger", "processors") for path in (ROOT / p).rglob("*.py")
    )
    for name, service in SERVICES.items():
        for variable in service.get("environment", {}):
            assert f'"{variable}"' in code or (name not in OURS and variable.startswith(OF_OTHERS)), variable
        for mount in service.get("volumes", ()):
            source, target = mount.split(":")[:2]
            assert target.startswith("/")
            there = source in COMPOSE["volumes"] or source in MADE_BY_HAND or (FILE.parent / source).exists()
            assert there, mount
        assert set(service["networks"]) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", {})) <= set(SERVICES)
    mounted = {mount.split(":")[0] for service in SERVICES.values() for mount in service.get("volumes", ())}
    assert set(COMPOSE["volumes"]) <= mounted, "a volume nobody mounts"
    assert not re.findall(r"\$\{(\w+)\}", FILE.read_text()), "a variable without a default"


def test_the_gateway_answers_where_its_port_is_published_and_only_on_loopback() -> None:
    command, (published,) = OURS["gateway"]["command"], OURS["gateway"]["ports"]
    host, outside, inside = published.split(":")
    assert host == "127.0.0.1"
    assert outside == inside == command[command.index("--port") + 1]
    assert inside in OURS["gateway"]["healthcheck"]["test"][-1]
    front = (ROOT / "ledger" / "gateway" / "front.py").read_text(encoding="utf-8")
    assert '"/readyz"' in front, "the path the health check asks for"


def test_the_settings_of_the_containers_name_the_brokers_and_there_is_one_worker_of_every_role(tmp_path: Path) -> None:
    written = (ROOT / "deploy" / "compose" / "settings.toml").read_text(encoding="utf-8")
    (tmp_path / "settings.toml").write_text(written, encoding="utf-8")
    cluster = read_settings(tmp_path).cluster
    assert isinstance(cluster, Cluster)
    assert {address.split(":")[0] for address in cluster.bootstrap} == set(BROKERS)
    advertised = {b["environment"]["KAFKA_ADVERTISED_LISTENERS"].split("//")[1] for b in BROKERS.values()}
    assert advertised == set(cluster.bootstrap)
    topics = yaml.safe_load((ROOT / "deploy" / "topics.yaml").read_text(encoding="utf-8"))
    assert topics["replicas"] <= len(BROKERS)
    carried = {service["command"][1] for service in OURS.values() if service["command"][0] == "worker"}
    assert carried == set(ROLES) - {"notifier"}, "the notifier runs where targets are named"


def test_the_lake_of_the_containers_is_in_their_catalogue_and_store(tmp_path: Path) -> None:
    """The settings name services of the file, its role and bucket, and secrets that are mounted and never committed."""
    folder, head = ROOT / "deploy" / "compose", FILE.read_text(encoding="utf-8").partition("\nname:")[0]
    (tmp_path / "settings.toml").write_text((folder / "settings.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "postgres.password").write_text("secret\n", encoding="utf-8")
    (tmp_path / "store.key").write_text("baogong\nanother\n", encoding="utf-8")
    lake = lake_of(tmp_path)
    assert lake is not None
    of = SERVICES["postgres"]["environment"]
    assert lake.catalogue == f"postgres://{of['POSTGRES_USER']}@postgres:5432/{of['POSTGRES_DB']}"
    assert lake.endpoint == "http://store:9000"
    assert SERVICES["bucket"]["command"][0].endswith(f"store/{lake.files.split('/')[2]}")
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for secret in MADE_BY_HAND:
        name = Path(secret).name
        assert f"> deploy/compose/{name} " in head
        assert f"/deploy/compose/{name}" in ignored
        assert all(f"{secret}:/book/{name}:ro" in service["volumes"] for service in OURS.values())
    assert len([s for s in OURS.values() if s["command"] == ["worker", "lake"] and "deploy" not in s]) == 1


def test_the_image_copies_what_is_there_and_installs_what_is_locked() -> None:
    said = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (.+) \S+$", said, re.MULTILINE):
        for source in line.split():
            assert (ROOT / source).exists(), source
    assert "--require-hashes -r requirements.lock" in said
    packages = re.search(r"^packages = \[(.+)\]$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert packages is not None
    assert all(f"COPY {name.strip(chr(32) + chr(34))} " in said for name in packages[1].split(","))
