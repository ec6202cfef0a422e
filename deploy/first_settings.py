"""Makes the files of secrets that deploy/compose.yml reads, with new random passwords: once, on the host that runs it.

`python3 deploy/first_settings.py help.example.com` needs Python 3 alone. What is there already stays as it is. With
--own-certificate a certificate that no browser trusts is made by openssl, to try it out.
"""

import argparse
import os
import secrets
import subprocess
import sys
from pathlib import Path

from settings_by_process import READER, split

FOLDER = Path(__file__).with_name("secrets")
# Who reads a file: numbers of the images' users. No container has settings.env itself.
OWNER, PROXY, DATABASE = 0, 99, 999


def settings(host: str, postgres: str, redis: str) -> str:
    """The secret settings; every other one of .env.example may be added."""
    return f"""# After each change: python3 deploy/settings_by_process.py. Put values with odd signs into '...'.
SITE_URL=https://{host}
SITE_SECRET_KEY={secrets.token_hex(32)}
DATABASE_URL=postgresql://assistant:{postgres}@postgres/assistant
REDIS_URL=redis://:{redis}@redis:6379/0
# Where pictures and PDF lie that people add; a bucket would do as well.
ATTACHMENTS_URL=folder:/srv/attachments
# How mail leaves, e.g. smtp://user:password@mail.example.com:587/?starttls=1. Without it codes reach nobody.
SMTP_URL=
# Who may sign in to the console; counts at once.
STAFF_EMAILS=
"""


def write(name: str, text: str, reader: int) -> None:
    """Write a file that nobody but its reader opens, unless it is there."""
    path = FOLDER / name
    if path.exists():
        print(f"{path} is there already and stays as it is.")
        return
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "w", encoding="utf-8") as file:
        file.write(text)
    if os.geteuid() == 0:
        os.chown(path, reader, reader)
    print(f"{path} was made.")


def make_all(host: str, own_certificate: bool) -> None:
    """Make what is missing."""
    FOLDER.mkdir(mode=0o711, exist_ok=True)
    postgres, redis = secrets.token_hex(24), secrets.token_hex(24)
    if not any((FOLDER / name).exists() for name in ("settings.env", "postgres_password", "redis.conf")):
        write("settings.env", settings(host, postgres, redis), OWNER)
        write("postgres_password", postgres, DATABASE)
        write(
            "redis.conf",
            f'requirepass {redis}\nappendonly no\nsave ""\nmaxmemory 128mb\nmaxmemory-policy volatile-ttl\n',
            DATABASE,
        )
    if (FOLDER / "settings.env").exists():
        split(FOLDER / "settings.env", FOLDER)
    if own_certificate:
        write("certificate.pem", certificate(host), PROXY)


def certificate(host: str) -> str:
    """A key with a certificate of its own for 90 days, as PEM."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "90", "-subj", f"/CN={host}"]
    command += ["-addext", f"subjectAltName=DNS:{host}", "-keyout", "-", "-out", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603


def main(arguments: list[str]) -> None:
    """Make them, and say what is still missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("host", help="the name that people reach the site by")
    parser.add_argument("--own-certificate", action="store_true", help="make a certificate to try it out")
    given = parser.parse_args(arguments)
    make_all(given.host, given.own_certificate)
    if os.geteuid() != 0:
        readers = f"{PROXY} certificate.pem, {DATABASE} postgres_password and redis.conf, {READER} the other .env files"
        print(f"As root, give the files to the users that read them in their containers (chown {readers}).")
    if not (FOLDER / "certificate.pem").exists():
        print(f"Put the certificate, its chain and its key, as PEM, into {FOLDER / 'certificate.pem'}.")


if __name__ == "__main__":
    main(sys.argv[1:])
