import ipaddress
import re
import shutil
import subprocess
from itertools import product

import httpx
import pytest
import yaml

from actions.server import FOR_ANYBODY
from bench.machine import free_port
from bot.outbox.metrics import HELP
from bot.retention.erasures import kept_place
from bot.settings import Settings
from bot.telemetry.metrics import MetricsReaders
from tests.conftest import need
from tests.deploy.files import (
    DEPLOY,
    DOOR,
    EVERY_PART,
    OVERLAYS,
    containers,
    is_setting,
    may_be_secret,
    of_kind,
    pods,
    rendered,
    script,
)
from tests.deploy.servers import answering

HEALTH = {"site": (8000, "/healthz"), "rasa": (5005, DOOR), "actions": (5055, FOR_ANYBODY[0])}
SERVERS = ("site", "rasa", "actions", "worker")
RENDERED = (*OVERLAYS, EVERY_PART)
METRICS = {"site": (8000, "/metrics"), "rasa": (5005, f"{DOOR}metrics"), "actions": (5055, "/metrics")}
METRICS |= {"worker": (9101, "/metrics")}
KUBERNETES = DEPLOY / "kubernetes"
CLAIM, DOCKERFILE = "persistentVolumeClaim", DEPLOY / "images/Dockerfile"


@pytest.mark.parametrize("overlay", RENDERED)
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


@pytest.mark.parametrize("overlay", RENDERED)
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


@pytest.mark.parametrize("overlay", RENDERED)
def test_a_pod_has_longer_to_end_than_it_takes(overlay):
    for name in SERVERS:
        assert pods(overlay)[name]["spec"]["terminationGracePeriodSeconds"] >= 30


@pytest.mark.parametrize("overlay", RENDERED)
def test_settings_are_known_and_secrets_are_only_referred_to(overlay):
    (settings,) = of_kind(overlay, "ConfigMap")
    assert all(is_setting(name) and not may_be_secret(name) for name in settings["data"])
    taken = Settings.load({**settings["data"], "SITE_SECRET_KEY": "k" * 32})
    services = {one["metadata"]["name"] for one in of_kind(overlay, "Service")}
    assert {re.match("http://([a-z]+):", url)[1] for url in (taken.rasa_url, taken.actions_url)} <= services
    assert of_kind(overlay, "Secret") == []
    for name, template in pods(overlay).items():
        volumes = {one["name"]: one for one in template["spec"]["volumes"]}
        assert volumes["secrets"]["secret"]["secretName"] == "assistant-secrets"
        assert volumes["secrets"]["secret"]["items"] == [{"key": f"{name}.env", "path": "settings.env"}]
        for one in containers(template):
            assert "env" not in one
            assert one["envFrom"] == [{"configMapRef": {"name": settings["metadata"]["name"]}}]
            mounted = {mount["name"]: mount["mountPath"] for mount in one["volumeMounts"]}
            assert mounted["secrets"] == "/run/secrets/assistant" and set(mounted) <= set(volumes)
            assert {"/tmp", "/srv/assistant/var"} <= set(mounted.values())


def test_the_secret_is_read_where_the_image_looks_for_settings():
    dockerfile = (DEPLOY / "images/Dockerfile").read_text(encoding="utf-8")
    assert "ln -s /run/secrets/assistant/settings.env .env" in dockerfile
    example = yaml.safe_load((KUBERNETES / "external-secret.yaml").read_text(encoding="utf-8"))
    files = example["spec"]["target"]["template"]["data"]
    by_process = script("settings_by_process.py")
    assert set(files) == {f"{process}.env" for process in by_process.PROCESSES}
    lines = {line for text in files.values() for line in text.splitlines()}
    for line in lines:
        name, value = line.split("=")
        assert is_setting(name) and value == f"'{{{{ .{name.lower()} }}}}'"
    whole = "\n".join(sorted(lines))
    for process in by_process.PROCESSES:
        given = by_process.for_process(process, whole).splitlines()
        assert sorted(files[f"{process}.env"].splitlines()) == sorted(given[1:])


@pytest.mark.parametrize("overlay", RENDERED)
def test_nothing_starts_before_the_job_has_brought_the_schema_up_to_date(overlay):
    (job,) = of_kind(overlay, "Job")
    assert containers(job["spec"]["template"])[0]["command"] == ["python", "-m", "bot", "migrate"]
    for name in SERVERS:
        first, *_ = pods(overlay)[name]["spec"]["initContainers"]
        assert first["command"] == ["python", "-m", "bot", "migrate", "--wait", "600"]
        assert first["image"] == containers(job["spec"]["template"])[0]["image"]


@pytest.mark.parametrize("overlay", RENDERED)
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
    adapter = yaml.safe_load((KUBERNETES / "overlays/large/prometheus-adapter.yaml").read_text(encoding="utf-8"))
    assert adapter["rules"]["external"][0]["name"]["matches"] == queue["metric"]["name"]
    assert queue["metric"]["selector"]["matchLabels"] == {"namespace": "credential-assistant"}


def test_letters_of_all_kinds_count_and_none_of_them_twice(tmp_path):
    """Two sites tell the same of mail and Slack, one a moment later than the other."""
    need(shutil.which("promtool") is not None, "promtool (in Debian's package prometheus)")
    adapter = yaml.safe_load((KUBERNETES / "overlays/large/prometheus-adapter.yaml").read_text(encoding="utf-8"))
    query = adapter["rules"]["external"][0]["metricsQuery"].replace("<<.LabelMatchers>>", f'namespace="{HERE}"')
    told = {("site-1", "mail"): 120, ("site-1", "slack"): 7, ("site-2", "mail"): 120, ("site-2", "slack"): 5}
    series = [
        {"series": f'outbox_waiting{{namespace="{HERE}",pod="{pod}",kind="{kind}"}}', "values": f"{count}x3"}
        for (pod, kind), count in told.items()
    ]
    series.append({"series": 'outbox_waiting{namespace="elsewhere",pod="site-9",kind="mail"}', "values": "900x3"})
    found = [{"labels": f'{{namespace="{HERE}"}}', "value": 127}]
    asked = {"expr": query, "eval_time": "1m", "exp_samples": found}
    case = {"rule_files": [], "tests": [{"interval": "1m", "input_series": series, "promql_expr_test": [asked]}]}
    (tmp_path / "case.yml").write_text(yaml.safe_dump(case))
    done = subprocess.run(["promtool", "test", "rules", tmp_path / "case.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


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
LABEL = "__meta_kubernetes_pod_label_app_kubernetes_io_name"
OURS = (*SERVERS, "migrate", "backup", "restore", "stranger")
PLACES = {
    **{name: (HERE, {"app.kubernetes.io/name": name}, "10.1.0.1") for name in OURS},
    "ingress": ("ingress-nginx", {}, "10.2.0.1"),
    "prometheus": ("monitoring", {"app.kubernetes.io/name": "prometheus"}, "10.2.0.2"),
    "near-prometheus": ("monitoring", {}, "10.2.0.5"),
    "collector": ("observability", {}, "10.2.0.6"),
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


@pytest.mark.parametrize("overlay", RENDERED)
def test_rasa_and_the_action_server_are_reached_from_inside_alone(overlay):
    found = {(a, b) for a, b in product(PLACES, HEALTH) if a != b and reaches(overlay, a, b, HEALTH[b][0])}
    assert found == {
        ("ingress", "site"),
        *(("prometheus", name) for name in HEALTH),  # for metrics
        ("site", "rasa"),
        ("site", "actions"),  # for /readyz: the action server refuses all else without Rasa's key
        ("rasa", "actions"),
    }


@pytest.mark.parametrize("overlay", RENDERED)
def test_nobody_is_reached_at_any_other_port(overlay):
    ports = {22, 80, 443, 4318, 5005, 5055, 5432, 5672, 6379, 8000, 9101}
    for source, target, port in product(PLACES, SERVERS, ports):
        allowed = port == HEALTH.get(target, (0,))[0] or (source, port) == ("prometheus", METRICS[target][0])
        assert allowed or not reaches(overlay, source, target, port) or source == target
    assert reaches(overlay, "prometheus", "worker", 9101)


@pytest.mark.parametrize("overlay", RENDERED)
def test_each_process_reaches_what_it_needs_and_no_more(overlay):
    def of(target, port):
        return {name for name in OURS if reaches(overlay, name, target, port)}

    every, with_backups = {*SERVERS, "migrate"}, overlay == EVERY_PART
    restore, backup = {"restore"} if with_backups else set(), {"backup"} if with_backups else set()
    assert of("database", 5432) == every | backup | restore and of("world", 5432) == set()
    assert of("database", 6379) == every | restore and of("names", 53) == set(OURS)
    assert of("world", 443) == {"site", "actions", "worker"} | restore and of("database", 443) == set()
    assert of("world", 587) == of("world", 465) == of("world", 993) == {"worker"}
    assert of("world", 80) == of("world", 22) == set()


def test_rabbitmq_and_a_collector_are_reached_where_somebody_wants_them():
    for overlay in RENDERED:
        wanted = overlay == EVERY_PART
        senders = {name for name in OURS if reaches(overlay, name, "database", 5672)}
        assert senders == ({"rasa"} if wanted else set())
        tracing = {name for name in OURS if reaches(overlay, name, "collector", 4318)}
        assert tracing == (set(SERVERS) if wanted else set())
        (settings,) = of_kind(overlay, "ConfigMap")
        collector = Settings.load({**settings["data"], "SITE_SECRET_KEY": "k" * 32}).otel_exporter_otlp_endpoint
        assert collector == ("http://collector.observability:4318" if wanted else "")


@pytest.mark.parametrize("overlay", RENDERED)
def test_prometheus_finds_the_metrics_of_every_process_and_shows_a_token(overlay):
    (settings,) = of_kind(overlay, "ConfigMap")
    loaded = Settings.load({**settings["data"], "SITE_SECRET_KEY": "k" * 32, "METRICS_TOKEN": "t" * 16})
    readers = MetricsReaders(loaded.metrics_networks, loaded.metrics_token)
    assert readers.may_read(f"Bearer {'t' * 16}", "10.2.0.2", False)
    assert not readers.may_read("", "10.2.0.2", False), "every address in a cluster is private"
    assert loaded.worker_metrics_address == "0.0.0.0:9101"
    monitors = {one["metadata"]["name"]: one["spec"] for one in example("kubernetes/pod-monitors.yaml")}
    assert set(monitors) == set(METRICS)
    for name, (port, path) in METRICS.items():
        told = pods(overlay)[name]["metadata"]["annotations"]
        wanted = {"scrape": "true", "port": str(port), "path": path}
        assert told == {f"prometheus.io/{key}": value for key, value in wanted.items()}
        (endpoint,) = monitors[name]["podMetricsEndpoints"]
        (listening,) = pods(overlay)[name]["spec"]["containers"][0]["ports"]
        assert (endpoint["port"], endpoint["path"]) == (listening["name"], path) and listening["containerPort"] == port
        assert monitors[name]["selector"]["matchLabels"].items() <= pods(overlay)[name]["metadata"]["labels"].items()
        assert endpoint["relabelings"] == [{"targetLabel": "job", "replacement": f"assistant-{name}"}]


@pytest.mark.parametrize("overlay", RENDERED)
def test_a_worker_counts_as_started_where_its_metrics_are(overlay):
    (one,) = pods(overlay)["worker"]["spec"]["containers"]
    assert one["startupProbe"]["tcpSocket"] == one["readinessProbe"]["tcpSocket"] == {"port": "metrics"}
    assert "livenessProbe" not in one, "it would say that the port is open, not that it works"


def test_each_way_to_read_metrics_names_the_jobs_as_the_alerts_do():
    (one_host,) = example("prometheus/prometheus.yml")
    (in_compose,) = example("prometheus/compose.yml")
    (in_kubernetes,) = example("prometheus/kubernetes.yml")
    by_name = {
        name: (port, path)
        for config in (one_host, in_compose)
        for name, port, path in [
            (one["job_name"], _port(one), one.get("metrics_path", "/metrics")) for one in config["scrape_configs"]
        ]
    }
    assert by_name == {f"assistant-{name}": place for name, place in METRICS.items()}
    (scraped,) = in_kubernetes["scrape_configs"]
    (job,) = [one for one in scraped["relabel_configs"] if one.get("target_label") == "job"]
    assert job["replacement"] == "assistant-$1" and job["source_labels"] == [LABEL]
    assert scraped["kubernetes_sd_configs"][0]["namespaces"] == {"names": [HERE]}
    assert one_host["rule_files"] == in_compose["rule_files"] == in_kubernetes["rule_files"] == ["alerts.yml"]


def _port(scraped):
    if "dns_sd_configs" in scraped:
        return scraped["dns_sd_configs"][0]["port"]
    return int(scraped["static_configs"][0]["targets"][0].rpartition(":")[2])


@pytest.mark.parametrize("name", ["compose.yml", "kubernetes.yml"])
def test_prometheus_takes_what_it_is_given(name, tmp_path):
    need(shutil.which("promtool") is not None, "promtool (in Debian's package prometheus)")
    (config,) = example(f"prometheus/{name}")
    for one in config["scrape_configs"]:
        one.pop("kubernetes_sd_configs", None)  # which Debian's promtool is built without
    (tmp_path / name).write_text(yaml.safe_dump(config))
    command = ["promtool", "check", "config", "--syntax-only", tmp_path / name]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def example(path):
    return list(yaml.safe_load_all((DEPLOY / path).read_text(encoding="utf-8")))


def test_a_backup_is_made_every_night_of_what_editors_published_as_well():
    (job,) = of_kind(EVERY_PART, "CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid" and job["spec"]["schedule"] == "30 2 * * *"
    (one,) = pods(EVERY_PART)["backup"]["spec"]["containers"]
    assert one["command"] == ["sh", "backup.sh", "/srv/backups"] and one["image"].startswith(
        "credential-assistant-backup:"
    )
    mounted = {mount["mountPath"]: mount for mount in one["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in pods(EVERY_PART)["backup"]["spec"]["volumes"]}
    claims = {
        path: volumes[mount["name"]]["persistentVolumeClaim"]["claimName"]
        for path, mount in mounted.items()
        if path.startswith("/srv/") and path != "/srv/assistant/var"
    }
    assert claims == {"/srv/backups": "backups", "/srv/content": "content"} and mounted["/srv/content"]["readOnly"]
    assert set(claims.values()) == {one["metadata"]["name"] for one in of_kind(EVERY_PART, "PersistentVolumeClaim")}


def test_a_backup_comes_back_in_a_pod_that_reads_what_the_nightly_one_wrote():
    (pod,) = example("kubernetes/restore.yaml")
    nightly, spec = pods(EVERY_PART)["backup"], pod["spec"]
    (one,), (its,) = spec["containers"], nightly["spec"]["containers"]
    assert pod["metadata"]["namespace"] == HERE and pod["metadata"]["labels"]["app.kubernetes.io/name"] == "restore"
    assert spec["securityContext"] == nightly["spec"]["securityContext"]
    assert spec["automountServiceAccountToken"] is False and one["securityContext"] == its["securityContext"]
    assert one["image"].split(":")[0] == its["image"].split(":")[0]
    mounted = {mount["mountPath"]: mount for mount in one["volumeMounts"]}
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    backups = volumes[mounted["/srv/backups"]["name"]]["persistentVolumeClaim"]["claimName"]
    assert backups in {claim["metadata"]["name"] for claim in of_kind(EVERY_PART, "PersistentVolumeClaim")}
    assert volumes["secrets"]["secret"]["items"] == [{"key": "worker.env", "path": "settings.env"}]
    assert {"/tmp", "/srv/assistant/var"} <= set(mounted) and not mounted["/srv/assistant/var"].get("readOnly")


@pytest.mark.parametrize("overlay", RENDERED)
def test_every_object_is_in_the_namespace_of_its_own(overlay):
    for one in rendered(overlay):
        assert one["kind"] == "Namespace" or one["metadata"]["namespace"] == HERE


@pytest.mark.parametrize("does", ["refuse", "end"])
def test_nginx_as_the_ingress_is_set_sends_nothing_again_that_changes_something(tmp_path, echoes, does):
    """A site that says 503 is not followed by another; one that ends a connection is, where only something is read."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    need(nginx is not None, "nginx")
    (ingress,) = of_kind("small", "Ingress")
    set_to = ingress["metadata"]["annotations"]
    told = {name: set_to[f"nginx.ingress.kubernetes.io/proxy-next-upstream{name}"] for name in ("", "-tries")}
    sites, port = [echoes(), echoes()], free_port()
    servers = "".join(f"server 127.0.0.1:{site.server_port} max_fails=0;" for site in sites)
    (tmp_path / "nginx.conf").write_text(
        f"""daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;
        events {{}}
        http {{
            access_log off; client_body_temp_path {tmp_path}/body; proxy_temp_path {tmp_path}/proxy;
            fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;
            upstream site {{ {servers} }}
            server {{
                listen 127.0.0.1:{port};
                location / {{
                    proxy_pass http://site; proxy_http_version 1.1;
                    proxy_next_upstream {told[""]}; proxy_next_upstream_tries {told["-tries"]};
                }}
            }}
        }}"""
    )
    process = subprocess.Popen([nginx, "-c", tmp_path / "nginx.conf", "-e", tmp_path / "error.log"])
    address = f"http://127.0.0.1:{port}"
    try:
        answering(f"{address}/healthz")
        for site in sites:
            site.does = does
        asked = {}
        for method in ("GET", "POST"):
            httpx.request(method, f"{address}/x", json={"id": 1} if method == "POST" else None, trust_env=False)
            asked[method] = sum(seen[0] == method for site in sites for seen in site.asked)
        assert asked == {"GET": 2 if does == "end" else 1, "POST": 1}
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("overlay", RENDERED)
def test_an_erasure_is_noted_where_it_lasts_or_refused(overlay, tmp_path, monkeypatch):
    """A note in an emptyDir would go with its pod, and a restored backup bring the person back."""
    (settings,) = of_kind(overlay, "ConfigMap")
    in_image = dict(re.findall(r"^ +([A-Z_]+)=(\S+)", DOCKERFILE.read_text(encoding="utf-8"), re.MULTILINE))
    known = {name: value for name, value in in_image.items() if is_setting(name)}
    monkeypatch.chdir(tmp_path)
    place = kept_place(Settings.load({**known, **settings["data"], "SITE_SECRET_KEY": "k" * 32}))
    (one,) = pods(overlay)["worker"]["spec"]["containers"]
    volumes = {volume["name"]: volume for volume in pods(overlay)["worker"]["spec"]["volumes"]}
    lasting = {mount["mountPath"] for mount in one["volumeMounts"] if CLAIM in volumes[mount["name"]]}
    assert str(place.parent) in lasting if lasting else place is None
