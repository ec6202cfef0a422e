import ipaddress
import re
from itertools import product

import pytest
import yaml

from actions.server import FOR_ANYBODY
from bot.outbox.metrics import HELP
from bot.settings import Settings
from tests.deploy.files import (
    DEPLOY,
    DOOR,
    OVERLAYS,
    containers,
    is_setting,
    may_be_secret,
    of_kind,
    pods,
    rendered,
)

HEALTH = {"site": (8000, "/healthz"), "rasa": (5005, DOOR), "actions": (5055, FOR_ANYBODY[0])}
SERVERS = ("site", "rasa", "actions", "worker")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_are_as_the_restricted_standard_of_kubernetes_asks(overlay):
    (namespace,) = of_kind(overlay, "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for template in pods(overlay).values():
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
        for one in containers(template):
            assert one["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert set(one["resources"]["requests"]) == set(one["resources"]["limits"]) == {"cpu", "memory"}
    names = {one["metadata"]["name"] for one in of_kind(overlay, "ServiceAccount")}
    assert {template["spec"]["serviceAccountName"] for template in pods(overlay).values()} == names


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_servers_are_asked_for_their_health_where_they_tell_it(overlay, app):
    assert app.test_client().get(HEALTH["site"][1]).status_code == 200
    services = {one["metadata"]["name"]: one["spec"] for one in of_kind(overlay, "Service")}
    for name, (port, path) in HEALTH.items():
        (one,) = pods(overlay)[name]["spec"]["containers"]
        assert one["ports"] == [{"containerPort": port, "name": "http"}]
        assert services[name]["ports"][0]["port"] == port
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            assert one[probe]["httpGet"] == {"path": path, "port": "http"}
    assert set(services) == set(HEALTH)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_pod_has_longer_to_end_than_it_takes(overlay):
    for name in SERVERS:
        assert pods(overlay)[name]["spec"]["terminationGracePeriodSeconds"] >= 30


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_settings_are_known_and_secrets_are_only_referred_to(overlay):
    (settings,) = of_kind(overlay, "ConfigMap")
    assert all(is_setting(name) and not may_be_secret(name) for name in settings["data"])
    taken = Settings.load({**settings["data"], "SITE_SECRET_KEY": "k" * 32})
    services = {one["metadata"]["name"] for one in of_kind(overlay, "Service")}
    assert {re.match("http://([a-z]+):", url)[1] for url in (taken.rasa_url, taken.actions_url)} <= services
    assert of_kind(overlay, "Secret") == []
    for template in pods(overlay).values():
        volumes = {one["name"]: one for one in template["spec"]["volumes"]}
        assert volumes["secrets"]["secret"]["secretName"] == "assistant-secrets"
        for one in containers(template):
            assert "env" not in one
            assert one["envFrom"] == [{"configMapRef": {"name": settings["metadata"]["name"]}}]
            mounted = {mount["name"]: mount["mountPath"] for mount in one["volumeMounts"]}
            assert mounted["secrets"] == "/run/secrets/assistant" and set(mounted) <= set(volumes)
            assert {"/tmp", "/srv/assistant/var"} <= set(mounted.values())


def test_the_secret_is_read_where_the_image_looks_for_settings():
    dockerfile = (DEPLOY / "images/Dockerfile").read_text(encoding="utf-8")
    assert "ln -s /run/secrets/assistant/settings.env .env" in dockerfile
    example = yaml.safe_load((DEPLOY / "kubernetes/external-secret.yaml").read_text(encoding="utf-8"))
    (name, text), *others = example["spec"]["target"]["template"]["data"].items()
    assert name == "settings.env" and not others
    settings = re.findall(r"^([A-Z_]+)='\{\{ \.([a-z_]+) \}\}'$", text, re.MULTILINE)
    assert len(settings) == len(text.splitlines()) and all(is_setting(one) for one, _ in settings)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_starts_before_the_job_has_brought_the_schema_up_to_date(overlay):
    (job,) = of_kind(overlay, "Job")
    assert containers(job["spec"]["template"])[0]["command"] == ["python", "-m", "bot", "migrate"]
    for name in SERVERS:
        first, *_ = pods(overlay)[name]["spec"]["initContainers"]
        assert first["command"] == ["python", "-m", "bot", "migrate", "--wait", "600"]
        assert first["image"] == containers(job["spec"]["template"])[0]["image"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_maintenance_never_takes_all_of_a_kind(overlay):
    budgets = {one["metadata"]["name"]: one["spec"] for one in of_kind(overlay, "PodDisruptionBudget")}
    assert set(budgets) == set(SERVERS)
    for name, spec in budgets.items():
        assert spec["maxUnavailable"] == 1
        assert spec["selector"]["matchLabels"].items() <= pods(overlay)[name]["metadata"]["labels"].items()


def test_the_large_one_grows_by_processor_and_by_the_queue():
    scalers = {
        one["spec"]["scaleTargetRef"]["name"]: one["spec"] for one in of_kind("large", "HorizontalPodAutoscaler")
    }
    assert set(scalers) == set(SERVERS)
    assert all(spec["minReplicas"] >= 2 and spec["maxReplicas"] > spec["minReplicas"] for spec in scalers.values())
    assert not [one for one in of_kind("large", "Deployment") if "replicas" in one["spec"]], "they would be reset"
    for name in ("site", "rasa", "actions"):
        assert scalers[name]["metrics"][0]["resource"]["name"] == "cpu"
    queue = scalers["worker"]["metrics"][0]["external"]
    assert queue["metric"]["name"] == "outbox_waiting" and "waiting" in HELP
    adapter = yaml.safe_load((DEPLOY / "kubernetes/overlays/large/prometheus-adapter.yaml").read_text(encoding="utf-8"))
    assert adapter["rules"]["external"][0]["name"]["matches"] == queue["metric"]["name"]
    assert queue["metric"]["selector"]["matchLabels"] == {"namespace": "credential-assistant"}


def test_what_editors_publish_reaches_every_process():
    for name in SERVERS:
        (one,) = pods("large")[name]["spec"]["containers"]
        mounted = {mount["mountPath"]: mount["name"] for mount in one["volumeMounts"]}
        volumes = {volume["name"]: volume for volume in pods("large")[name]["spec"]["volumes"]}
        assert volumes[mounted["/srv/content"]]["persistentVolumeClaim"] == {"claimName": "content"}
        assert one["image"].startswith("credential-assistant-studio:") == (name in ("site", "worker"))
    (claim,) = of_kind("large", "PersistentVolumeClaim")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]
    (settings,) = of_kind("large", "ConfigMap")
    assert settings["data"]["CONTENT_PATH"] == "/srv/content"


# Who may reach whom: our pods, a stranger among them, those who stand before the site, a database, the world.
HERE = "credential-assistant"
PLACES = {
    **{name: (HERE, {"app.kubernetes.io/name": name}, "10.1.0.1") for name in (*SERVERS, "migrate", "stranger")},
    "ingress": ("ingress-nginx", {}, "10.2.0.1"),
    "monitoring": ("monitoring", {}, "10.2.0.2"),
    "elsewhere": ("elsewhere", {"app.kubernetes.io/name": "site"}, "10.2.0.3"),
    "names": ("kube-system", {"k8s-app": "kube-dns"}, "10.2.0.4"),
    "database": (None, {}, "10.3.0.1"),
    "world": (None, {}, "93.184.216.34"),
}


def selects(selector, labels):
    known = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
    listed = [one for one in selector.get("matchExpressions", ()) if one["operator"] == "In"]
    assert len(listed) == len(selector.get("matchExpressions", ()))
    return known and all(labels.get(one["key"]) in one["values"] for one in listed)


def is_peer(peer, place):
    namespace, labels, address = PLACES[place]
    if block := peer.get("ipBlock"):
        at = ipaddress.ip_address(address)
        inside = at in ipaddress.ip_network(block["cidr"])
        return inside and not any(at in ipaddress.ip_network(one) for one in block.get("except", ()))
    if "namespaceSelector" in peer:
        near = selects(peer["namespaceSelector"], {"kubernetes.io/metadata.name": namespace})
    else:
        near = namespace == HERE
    return near and selects(peer.get("podSelector", {}), labels)


def allows(overlay, place, other, port, way, peers):
    """Whether the policies of one end let it through, in their way: "Ingress" with "from", or "Egress" with "to"."""
    namespace, labels, _ = PLACES[place]
    if namespace != HERE:
        return True
    policies = [one["spec"] for one in of_kind(overlay, "NetworkPolicy") if selects(one["spec"]["podSelector"], labels)]
    rules = [rule for spec in policies if way in spec["policyTypes"] for rule in spec.get(way.lower(), ())]
    return any(
        port in [one["port"] for one in rule["ports"]] and any(is_peer(peer, other) for peer in rule[peers])
        for rule in rules
    )


def reaches(overlay, source, target, port):
    return allows(overlay, source, target, port, "Egress", "to") and allows(
        overlay, target, source, port, "Ingress", "from"
    )


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_rasa_and_the_action_server_are_reached_from_inside_alone(overlay):
    found = {(a, b) for a, b in product(PLACES, HEALTH) if a != b and reaches(overlay, a, b, HEALTH[b][0])}
    assert found == {
        ("ingress", "site"),
        ("monitoring", "site"),
        ("site", "rasa"),
        ("site", "actions"),  # for /readyz: the action server refuses all else without Rasa's key
        ("rasa", "actions"),
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nobody_is_reached_at_any_other_port(overlay):
    ports = {22, 80, 443, 5005, 5055, 5432, 5672, 6379, 8000}
    for source, target, port in product(PLACES, SERVERS, ports):
        assert port == HEALTH.get(target, (0,))[0] or not reaches(overlay, source, target, port) or source == target


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_process_reaches_what_it_needs_and_no_more(overlay):
    def of(target, port):
        return {name for name in (*SERVERS, "migrate", "stranger") if reaches(overlay, name, target, port)}

    every = {*SERVERS, "migrate"}
    assert of("database", 5432) == of("database", 6379) == every and of("world", 5432) == set()
    assert of("database", 5672) == {"rasa"}
    assert of("names", 53) == every | {"stranger"}
    assert of("world", 443) == {"site", "actions", "worker"} and of("database", 443) == set()
    assert of("world", 587) == of("world", 465) == of("world", 993) == {"worker"}
    assert of("world", 80) == of("world", 22) == set()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_object_is_in_the_namespace_of_its_own(overlay):
    for one in rendered(overlay):
        assert one["kind"] == "Namespace" or one["metadata"]["namespace"] == HERE
