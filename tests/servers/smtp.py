"""A mail server on loopback: keeps what it takes, and refuses, stalls or drops connections when told to."""

import asyncio
import datetime
import ipaddress
import ssl
import threading
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DROP = "drop"  # the connection ends without an answer; nothing is kept
KEEP_AND_DROP = "keep and drop"  # the mail is kept, then the connection ends without an answer
HANG = "hang"  # no answer until `release`; nothing is kept
KEEP_AND_HANG = "keep and hang"  # the mail is kept, then no answer until `release`


class SmtpServer:
    """`mails` holds what was taken, as EmailMessage with X-To and X-From of the envelope.

    `fault` is asked at each "RCPT" and "DATA": it returns None (all is well), an answer such as "451 later", or one of
    the words above. `certificate` is a file for `?ca=` when `tls` is "starttls" or "smtps".
    """

    def __init__(self, folder=None, port=0, tls="", login=None, name="localhost"):
        self.mails, self.connections, self.logins, self.tls = [], 0, 0, tls
        self.fault = lambda stage: None
        self.reached, self._login = threading.Event(), login
        self.certificate, context = certificate(folder, name) if tls else (None, None)
        self._loop = asyncio.new_event_loop()
        self._released = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._protocols = set()
        self._server = self._call(
            self._loop.create_server(
                lambda: self._protocol(None if tls == "smtps" else context),
                "127.0.0.1",
                port,
                ssl=context if tls == "smtps" else None,
            )
        )
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def url(self):
        if not self.tls:
            return f"smtp://127.0.0.1:{self.port}"
        if self.tls == "smtps":
            return f"smtps://localhost:{self.port}/?ca={self.certificate}"
        return f"smtp://localhost:{self.port}/?starttls=1&ca={self.certificate}"

    def release(self):
        """Let everything go on that hangs."""
        self._loop.call_soon_threadsafe(self._released.set)

    def close(self):
        """Go away; every connection ends. A second time does nothing."""
        if self._loop.is_closed():
            return
        self._call(self._shut_down())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = await self._answer("RCPT", server)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server, session, envelope):
        fault = self.fault("DATA")
        if fault in (None, KEEP_AND_DROP, KEEP_AND_HANG):
            mail = message_from_bytes(envelope.content, policy=policy.default)
            mail["X-To"], mail["X-From"] = ",".join(envelope.rcpt_tos), envelope.mail_from
            self.mails.append(mail)
        return await self._answer("DATA", server, fault) or "250 OK"

    async def _answer(self, stage, server, fault=""):
        fault = self.fault(stage) if fault == "" else fault
        if fault in (DROP, KEEP_AND_DROP):
            server.transport.abort()
        if fault in (HANG, KEEP_AND_HANG):
            self.reached.set()
            await self._released.wait()
            fault = None
        return fault

    def _protocol(self, context):
        self.connections += 1
        authenticator = self._authenticate if self._login else None
        protocol = SMTP(
            self,
            hostname="localhost",
            loop=self._loop,
            tls_context=context,
            require_starttls=context is not None,
            authenticator=authenticator,
            auth_required=authenticator is not None,
            auth_require_tls=False,
            data_size_limit=None,
            enable_SMTPUTF8=False,
        )
        self._protocols.add(protocol)
        return protocol

    def _authenticate(self, server, session, envelope, mechanism, data):
        self.logins += 1
        return AuthResult(success=(data.login.decode(), data.password.decode()) == self._login, handled=False)

    async def _shut_down(self):
        self._server.close()
        self._released.set()
        for protocol in self._protocols:
            if protocol.transport is not None:
                protocol.transport.abort()
        await asyncio.sleep(0)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)


def certificate(folder, name):
    """A self-made certificate for a host name: the path of its file, and a context for the server."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names[:1] if name != "localhost" else names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / f"{name}.pem", folder / f"{name}.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
