"""Postfix and Dovecot, as Debian packs them, in a folder of their own and on high ports of loopback.

Postfix takes mail with a login (STARTTLS or smtps; Dovecot checks the password) and puts it into the Maildirs of NAMES,
whatever follows a "+"; Dovecot serves these by IMAPS. Mail to anybody else is refused at once, mail to lost@example.com
comes back later. Both need root: they change to users of their own.
"""

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

from bench.machine import free_port
from tests.servers import authority
from tests.waiting import wait_until

LOGIN = ("tickets", "a password")
DOMAIN = "help.example.com"
NAMES = ("tickets", "jane", "team")  # who has a mailbox, at any of the domains
WAIT_SECONDS = 120  # for what takes a second on a machine without other work
UMASK = 0o022  # both have users of their own, who must be let in whatever the umask of those who run the tests
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log/postfix
maillog_file_prefixes = {folder}
inet_interfaces = loopback-only
inet_protocols = ipv4
myhostname = mx.{domain}
mydestination =
mynetworks =
virtual_mailbox_domains = {domain}, example.com
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = regexp:{folder}/conf/boxes
virtual_minimum_uid = 1
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_alias_maps = inline:{{ {{ lost@example.com = gone@elsewhere.example }} }}
transport_maps = inline:{{ {{ elsewhere.example = error:5.1.1 nobody of that name lives here }} }}
smtpd_tls_cert_file = {folder}/server.pem
smtpd_tls_key_file = {folder}/server.key
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/auth
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_client_connection_rate_limit = 0
queue_run_delay = 1s
minimal_backoff_time = 1s
"""
MASTER = """
{smtp} inet n - n - - smtpd
{smtps} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log/dovecot
protocols = imap
listen = 127.0.0.1
ssl = required
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%n
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {folder}/auth {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def program(name):
    """Where a program is, or None; /usr/sbin is not on everybody's path."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/dovecot")


def missing():
    """What is lacking to start both, in words; "" for nothing."""
    lacking = [name.capitalize() for name in ("postfix", "dovecot") if program(name) is None]
    return " and ".join(lacking + (["root, to start Postfix and Dovecot,"] if os.geteuid() else []))


class DebianMail:
    """Both servers; they run until `close`."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mail-servers-"))
        before = os.umask(UMASK)
        try:
            self._make()
        finally:
            os.umask(before)
        self._dovecot = None

    def _make(self):
        self.folder.chmod(0o755)  # the users of both servers go through it
        nobody = pwd.getpwnam("nobody")
        for name in ("conf", "spool", "data", "log", "mail", "run", "state"):
            (self.folder / name).mkdir()
        shutil.chown(self.folder / "data", "postfix")
        os.chown(self.folder / "mail", nobody.pw_uid, nobody.pw_gid)
        self.ca, _, _ = authority.make(self.folder)
        self.ports = {name: free_port() for name in ("smtp", "smtps", "imaps")}
        values = {"folder": self.folder, "domain": DOMAIN, "uid": nobody.pw_uid, "gid": nobody.pw_gid, **self.ports}
        (self.folder / "users").write_text(":".join([LOGIN[0], "{PLAIN}" + LOGIN[1]]) + "::::::\n")
        for file, form in (("conf/main.cf", MAIN), ("conf/master.cf", MASTER), ("dovecot.conf", DOVECOT)):
            (self.folder / file).write_text(form.format(**values))
        boxes = [f"/^{name}(\\+.*)?@/ {name}/\n" for name in NAMES]
        (self.folder / "conf/boxes").write_text("".join(boxes))

    def url(self, kind, login=LOGIN, ca=None):
        """SMTP_URL ("starttls" or "smtps") or REPLIES_URL ("imaps")."""
        user, password = (part.replace(" ", "%20") for part in login)
        ca = ca or self.ca
        if kind == "starttls":
            return f"smtp://{user}:{password}@localhost:{self.ports['smtp']}/?starttls=1&ca={ca}"
        path = "INBOX" if kind == "imaps" else ""
        return f"{kind}://{user}:{password}@localhost:{self.ports[kind]}/{path}?ca={ca}"

    def start(self):
        self.start_dovecot()
        self.start_postfix()
        return self

    def start_postfix(self):
        self._postfix("start")
        wait_until(lambda: answers(self.ports["smtp"]), "Postfix")

    def stop_postfix(self):
        self._postfix("stop")
        wait_until(lambda: not answers(self.ports["smtp"]), "Postfix")

    def _postfix(self, command):
        done = subprocess.run(
            [program("postfix"), "-c", self.folder / "conf", command], capture_output=True, text=True, umask=UMASK
        )
        log = self.folder / "log/postfix"
        said = done.stderr + (log.read_text() if log.exists() else "")
        assert done.returncode == 0, f"postfix {command} failed:\n{said[-3000:]}"

    def start_dovecot(self):
        command = [program("dovecot"), "-F", "-c", self.folder / "dovecot.conf"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._dovecot = subprocess.Popen(command, **quiet, start_new_session=True, umask=UMASK)
        wait_until(lambda: answers(self.ports["imaps"]) and (self.folder / "auth").exists(), "Dovecot")
        if answers(self.ports["smtp"]):  # whose processes still hold on to the one that has ended
            self._postfix("reload")

    def stop_dovecot(self):
        """At once, in the middle of what it says to whom."""
        if self._dovecot:
            os.killpg(self._dovecot.pid, signal.SIGKILL)
            self._dovecot.wait(WAIT_SECONDS)
            self._dovecot = None
            for file in ("auth", "run/master.pid"):
                (self.folder / file).unlink(missing_ok=True)
            wait_until(lambda: not answers(self.ports["imaps"]), "Dovecot")

    def mails(self, name):
        """The contents of what lies in somebody's Maildir."""
        return [
            file.read_bytes()
            for part in ("new", "cur")
            for file in sorted((self.folder / "mail" / name / part).glob("*"))
        ]

    def taken(self):
        """The Message-ID of each mail that was handed over to Postfix, as often as it was."""
        return re.findall(r"/cleanup\[\d+\]: \w+: message-id=(<[^>]+>)", (self.folder / "log/postfix").read_text())

    def put(self, name, content):
        """Lay a mail into somebody's Maildir, as another server's delivery would."""
        nobody, box = pwd.getpwnam("nobody"), self.folder / "mail" / name
        for part in (box, box / "tmp", box / "new", box / "cur"):
            part.mkdir(exist_ok=True)
            os.chown(part, nobody.pw_uid, nobody.pw_gid)
        file = box / "tmp" / f"{time.time_ns()}.{uuid.uuid4().hex}"  # a name that comes back is a mail that was read
        file.write_bytes(content)
        os.chown(file, nobody.pw_uid, nobody.pw_gid)
        file.rename(box / "new" / file.name)

    def close(self):
        if answers(self.ports["smtp"]):
            self.stop_postfix()
        self.stop_dovecot()
        shutil.rmtree(self.folder, ignore_errors=True)


def answers(port):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
