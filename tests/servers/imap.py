"""A small IMAP server on loopback: one account, folders of mails with flags, and faults when told to."""

import contextlib
import re
import select
import socketserver
import threading

LITERAL = re.compile(rb"\{(\d+)\}$")


class ImapServer:
    """`folders` maps a name to its mails, each `{"uid", "content", "flags"}`.

    `fault` is asked at each command ("LOGIN", "UID FETCH", ...): it returns None (all is well), "drop" (the connection
    ends without an answer), "hang" (no answer until the client has gone), "dribble" (an answer without an end, byte by
    byte, until then) or "no". It is asked for "GREETING" too.
    """

    def __init__(self, login=("tickets", "a password"), capabilities=("UIDPLUS", "MOVE")):
        self.login, self.capabilities = login, capabilities
        self.folders, self.commands, self.logins = {"INBOX": []}, [], 0
        self.fault = lambda command: None
        self._next, self._lock = 1, threading.Lock()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Handler, bind_and_activate=True)
        self._server.daemon_threads, self._server.imap = True, self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self):
        user, password = (part.replace(" ", "%20") for part in self.login)
        return f"imap://{user}:{password}@127.0.0.1:{self._server.server_address[1]}/INBOX"

    def add(self, content, folder="INBOX"):
        """Put a mail into a folder; returns its uid."""
        with self._lock:
            uid, self._next = self._next, self._next + 1
            self.folders[folder].append({"uid": uid, "content": content, "flags": set()})
        return uid

    def contents(self, folder="INBOX", seen=None):
        """The mails of a folder, or only those read, or not."""
        return [m["content"] for m in self.folders.get(folder, []) if seen in (None, "\\Seen" in m["flags"])]

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(socketserver.StreamRequestHandler):
    def setup(self):
        super().setup()
        self.imap = self.server.imap

    def handle(self):
        self.folder, self.authenticated = None, False
        if self.imap.fault("GREETING") == "dribble":
            return self.dribble()
        self.say("* OK ready")
        while line := self.rfile.readline().rstrip(b"\r\n"):
            while literal := LITERAL.search(line):
                self.say("+ go on")
                line = line[: literal.start()] + b'"' + self.rfile.read(int(literal[1])) + b'"'
                line += self.rfile.readline().rstrip(b"\r\n")
            tag, *words = re.findall(r'"[^"]*"|\([^)]*\)|\S+', line.decode("latin-1"))
            name = " ".join(words[: 2 if words[0].upper() == "UID" else 1]).upper()
            arguments = [word.strip('"') for word in words[len(name.split()) :]]
            self.imap.commands.append(name)
            fault = self.imap.fault(name)
            if fault == "drop":
                return
            if fault == "dribble":
                return self.dribble()
            if fault == "hang":
                self.rfile.read()
                return
            status = "NO" if fault == "no" else self.do(name, arguments)
            self.say(f"{tag} {status} {name} done")
            if name == "LOGOUT":
                return

    def dribble(self):
        while not select.select([self.connection], [], [], 0.002)[0]:  # the client has said its last
            with contextlib.suppress(OSError):
                self.wfile.write(b"*")

    def do(self, name, arguments):
        method = getattr(self, name.lower().replace(" ", "_"), None)
        if method is None or (name not in ("LOGIN", "CAPABILITY", "LOGOUT") and not self.authenticated):
            return "BAD"
        with self.imap._lock:
            return method(*arguments) or "OK"

    def say(self, text, literal=b"", end=""):
        self.wfile.write(text.encode() + literal + end.encode() + b"\r\n")

    def mails(self, uids):
        wanted = {int(uid) for uid in uids.split(",")}
        return [mail for mail in self.imap.folders[self.folder] if mail["uid"] in wanted]

    def capability(self):
        self.say("* CAPABILITY IMAP4rev1 " + " ".join(self.imap.capabilities))

    def login(self, user, password):
        self.imap.logins += 1
        self.authenticated = (user, password) == self.imap.login
        return "OK" if self.authenticated else "NO"

    def select(self, folder):
        self.folder = folder if folder in self.imap.folders else None
        if self.folder:
            self.say(f"* {len(self.imap.folders[folder])} EXISTS")
        return "OK" if self.folder else "NO"

    def create(self, folder):
        if folder in self.imap.folders:
            return "NO"
        self.imap.folders[folder] = []

    def uid_search(self, *criteria):
        unseen = [str(m["uid"]) for m in self.imap.folders[self.folder] if "\\Seen" not in m["flags"]]
        self.say(" ".join(["* SEARCH", *unseen]))

    def uid_fetch(self, uids, items):
        limit = int(re.search(r"BODY\.PEEK\[\]<0\.(\d+)>", items)[1])
        for mail in self.mails(uids):
            body = mail["content"][:limit]
            self.say(f"* 1 FETCH (UID {mail['uid']} BODY[]<0> {{{len(body)}}}\r\n", body, ")")

    def uid_store(self, uids, what, flags):
        for mail in self.mails(uids):
            mail["flags"] |= set(flags.strip("()").split())

    def uid_copy(self, uids, folder):
        if folder not in self.imap.folders:
            return "NO"
        self.imap.folders[folder] += [{**mail, "flags": set(mail["flags"])} for mail in self.mails(uids)]

    def uid_move(self, uids, folder):
        if "MOVE" not in self.imap.capabilities:
            return "BAD"
        moved = self.mails(uids)
        return self.uid_copy(uids, folder) or self._take_out(moved)

    def uid_expunge(self, uids):
        self._take_out([mail for mail in self.mails(uids) if "\\Deleted" in mail["flags"]])

    def expunge(self):
        self._take_out([mail for mail in self.imap.folders[self.folder] if "\\Deleted" in mail["flags"]])

    def logout(self):
        self.say("* BYE")

    def _take_out(self, gone):
        self.imap.folders[self.folder] = [mail for mail in self.imap.folders[self.folder] if mail not in gone]
