"""What operators are told of: the alerts come when they must, and every query asks for a metric that there is."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

import actions.base  # noqa: F401  registers its metrics, as the others
import bot.rasa.metrics
import bot.worker  # noqa: F401
from tests.conftest import need

RULES, BOARD = Path("deploy/prometheus"), Path("deploy/grafana/dashboard.json")
RUNBOOK = Path("docs/operations.md")
ALERTS = [rule for group in yaml.safe_load((RULES / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
CASES = [yaml.safe_load(file.read_text()) for file in sorted(RULES.glob("*.test.yml"))]
FUNCTIONS = "sum|min|max|rate|increase|absent|topk|count|histogram_quantile|by|and|or|unless|vector"
WORDS = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
# Of Prometheus itself, and of Python's process on Linux.
OTHERS = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"}


def metrics_of(query):
    """The metrics that a query asks for, without its labels, ranges and functions."""
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without)\s*\([^)]*\)|\"[^\"]*\"", " ", query)
    return set(WORDS.findall(bare)) - set(FUNCTIONS.split("|"))


def queries():
    for rule in ALERTS:
        yield rule["alert"], rule["expr"]
    for panel in json.loads(BOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]


@pytest.fixture()
def told(services):
    """The names of all series that the processes tell; a histogram's and a counter's with their endings."""
    from bot.site.watch import Watch
    from bot.tickets.inbox import Inbox

    object.__setattr__(services, "inbox", Inbox(services.database, services.clock))
    endings = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_count", "_sum"]}
    families = [(one.name, one.type) for one in REGISTRY.collect()]
    for collector in Watch(services).registry._collector_to_names:
        families += [(one.name, one.type) for one in getattr(collector, "describe", collector.collect)()]
    return {name + ending for name, kind in families for ending in endings.get(kind, [])}


def test_every_query_asks_for_metrics_that_there_are(told):
    asked = [(title, name) for title, query in queries() for name in metrics_of(query)]
    assert len(asked) > 50
    assert [(title, name) for title, name in asked if name not in told | OTHERS] == []


def test_every_alert_says_what_it_means_and_where_to_read_on():
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS) > 10
    for rule in ALERTS:
        anchor = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", rule["alert"]).lower()
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"] and rule["annotations"]["description"].endswith(".")
        assert rule["annotations"]["runbook_url"] == f"{RUNBOOK}#{anchor}"


def test_every_alert_is_tried_where_it_comes_and_where_it_does_not():
    tests = [test for case in CASES for test in case["tests"]]
    text = json.dumps(tests)
    for rule in ALERTS:
        assert rule["alert"] in text, rule["alert"]


def test_the_dashboard_can_be_imported():
    board = json.loads(BOARD.read_text())
    assert {"title", "uid", "schemaVersion", "panels", "templating", "time"} <= board.keys()
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in board["panels"]:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24 and panel["title"]
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == "${datasource}"


def promtool(*arguments):
    program = shutil.which("promtool")
    need(program is not None, "promtool (in Debian's package prometheus)")
    done = subprocess.run([program, *arguments], cwd=RULES, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_its_settings_and_the_rules():
    promtool("check", "config", "prometheus.yml")


def test_the_alerts_come_when_they_must_and_only_then():
    promtool("test", "rules", *sorted(file.name for file in RULES.glob("*.test.yml")))


def amtool(*arguments):
    program = shutil.which("amtool")
    need(program is not None, "amtool (in Debian's package prometheus-alertmanager)")
    done = subprocess.run([program, *arguments], cwd=RULES, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def test_each_alert_reaches_those_who_can_do_something():
    amtool("check-config", "alertmanager.yml")
    told = {}
    for rule in ALERTS:
        labels = [f"{name}={value}" for name, value in {**rule["labels"], "alertname": rule["alert"]}.items()]
        told[rule["alert"]] = amtool("config", "routes", "test", "--config.file=alertmanager.yml", *labels)
    woken = {rule["alert"] for rule in ALERTS if rule["labels"]["severity"] == "critical"}
    assert {name for name, receiver in told.items() if receiver == "on-call"} == woken
    of_the_team = {name for name, receiver in told.items() if receiver == "certification-team"}
    assert of_the_team == {"TicketsOverdue", "DeclinedShareJump"}
    assert {receiver for name, receiver in told.items() if name not in woken | of_the_team} == {"operators"}


def test_what_alertmanager_is_told_of_are_alerts_and_nobody_hides_itself():
    names = {rule["alert"] for rule in ALERTS}
    config = yaml.safe_load((RULES / "alertmanager.yml").read_text())
    for route in config["route"]["routes"]:
        assert all(named(one) <= names for one in route["matchers"] if one.startswith("alertname"))
    for rule in config["inhibit_rules"]:
        worse, hidden = (named(*rule[f"{end}_matchers"]) for end in ("source", "target"))
        assert worse <= names and hidden <= names and not worse & hidden


def named(matcher):
    """The alerts that a matcher is for."""
    return set(re.sub(r"^alertname =~? ", "", matcher).strip('"').split("|"))


def test_every_alert_has_its_section_where_it_says():
    if not RUNBOOK.exists():  # it comes with the rest of the manual
        return
    headings = re.findall(r"^#+ (.+)$", RUNBOOK.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {f"{RUNBOOK}#{heading.lower().replace(' ', '-')}" for heading in headings}
    assert {rule["annotations"]["runbook_url"] for rule in ALERTS} <= anchors
