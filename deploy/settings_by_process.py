"""Makes of one file of settings one for each process, which has the secrets that this process needs and no others.

`python3 deploy/settings_by_process.py [SETTINGS [FOLDER]]` needs Python 3 alone. Where nothing else is said
SETTINGS is deploy/secrets/settings.env, and FOLDER, where rasa.env and the others are written, that of SETTINGS. Run it
again after each change: what is there is written anew.
"""

import os
import re
import sys
from pathlib import Path

SETTINGS = Path(__file__).with_name("secrets") / "settings.env"
READER = 10001  # the user of our images
SERVERS = ("site", "rasa", "actions", "worker")
PROCESSES = (*SERVERS, "migrate", "backup")
# Who reads a secret, and lists of people's addresses. What is not named here is for all.
READ_BY = {
    "SITE_SECRET_KEY": SERVERS,
    "SITE_SECRET_KEYS_ACCEPTED": SERVERS,
    "DATABASE_URL": PROCESSES,
    "REDIS_URL": SERVERS,
    "RABBITMQ_URL": ("rasa",),
    "METRICS_TOKEN": SERVERS,
    "OTEL_EXPORTER_OTLP_HEADERS": SERVERS,
    "ATTACHMENTS_URL": ("site", "worker", "backup"),
    "SMTP_URL": ("worker",),
    "REPLIES_URL": ("site", "actions", "worker"),
    "CREDLY_TOKEN": ("site", "actions", "worker"),
    "IDENTITY_TOKEN_SECRET": ("site",),
    "SLACK_BOT_TOKEN": ("site", "actions", "worker"),
    "SLACK_SIGNING_SECRET": ("site",),
    "SLACK_APP_TOKEN": ("site",),
    "STAFF_EMAILS": ("site", "actions", "worker"),
    "AUDITOR_EMAILS": ("site",),
    "CONTENT_EDITORS": ("site", "worker"),
}
# Who only wants to know whether it is set, e.g. whether a mail may say that answers are read; and what it gets instead.
WHO, TOKEN = (re.compile(r"://.*@"), "://not-here:not-here@"), (re.compile(r"xoxb-[^'\"\s]*"), "xoxb-not-here")
ONLY_WHETHER = {("REPLIES_URL", "site"): WHO, ("REPLIES_URL", "actions"): WHO, ("SLACK_BOT_TOKEN", "actions"): TOKEN}
LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")


def for_process(process: str, settings: str) -> str:
    """What a process gets of a file of settings; raises SystemExit where a line is no setting."""
    lines = []
    for number, line in enumerate(settings.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        setting = LINE.fullmatch(line.strip())
        if setting is None:
            raise SystemExit(f"Line {number} is no setting. Each stands on a line of its own, as NAME=value.")
        name, value = setting.groups()
        if process not in READ_BY.get(name, PROCESSES):
            continue
        if (name, process) in ONLY_WHETHER:
            secret, instead = ONLY_WHETHER[name, process]
            value = secret.sub(instead, value)
        lines.append(f"{name}={value}")
    return "\n".join([f"# Of {process} alone, made by settings_by_process.py.", *lines, ""])


def split(source: Path, folder: Path) -> None:
    """Write the file of each process; raises SystemExit as `for_process`."""
    settings = source.read_text(encoding="utf-8")
    for process, text in {process: for_process(process, settings) for process in PROCESSES}.items():
        _write(folder / f"{process}.env", text)


def _write(path: Path, text: str) -> None:
    """In its place, as a container has this very file, and never empty, as an empty list of people would count."""
    if path.exists():
        path.chmod(0o600)
    content = text.encode()
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        os.pwrite(file, content, 0)
        os.ftruncate(file, len(content))
    finally:
        os.close(file)
    path.chmod(0o400)
    if os.geteuid() == 0:
        os.chown(path, READER, READER)


def main(arguments: list[str]) -> None:
    """Split it, and say what was made."""
    source = Path(arguments[0]) if arguments else SETTINGS
    folder = Path(arguments[1]) if len(arguments) > 1 else source.parent
    if not source.is_file():
        raise SystemExit(f"{source} is missing.\n\n{__doc__}")
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    split(source, folder)
    print(f"{folder}: {', '.join(f'{process}.env' for process in PROCESSES)}")


if __name__ == "__main__":
    main(sys.argv[1:])
