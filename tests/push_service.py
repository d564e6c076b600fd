"""A browser's push service on this machine: what Chromium checks in with, registers at, and holds a connection to.

It answers Google's check-in and registration over HTTP, and speaks MCS, the protocol of the held connection, over TLS. The
endpoint that our own server posts to is the providers' stand-in (prompts/channels/standin.py); `bring` hands on what came
there, sealed as it is: nothing here could read it.
"""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO, ClassVar
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# The kinds of MCS messages (mcs.proto): the first byte of each.
_PING, _PONG, _LOGIN, _LOGGED_IN, _NOTICE = 0, 1, 2, 3, 8
_VERSION = 41


class PushService:
    """Running from the moment it is made until close(). `flags` make a Chromium use it and no other."""

    def __init__(self, folder: Path) -> None:
        self.registered: dict[str, dict[str, str]] = {}
        self._connections: list[ssl.SSLSocket] = []
        self._tls, mark = _certificate(folder)
        handler = type("Handler", (_Handler,), {"service": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._listens = socket.create_server(("127.0.0.1", 0))
        for work in (self._http.serve_forever, self._accept):
            threading.Thread(target=work, daemon=True).start()
        address, port = f"http://127.0.0.1:{self._http.server_port}", self._listens.getsockname()[1]
        self.flags = [
            f"--gcm-checkin-url={address}/checkin",
            f"--gcm-registration-url={address}/register",
            f"--gcm-mcs-endpoint=https://localhost:{port}",
            f"--ignore-certificate-errors-spki-list={mark}",
        ]

    @property
    def has_browser(self) -> bool:
        """Whether a browser has signed in and holds its connection."""
        return bool(self._connections)

    def bring(self, token: str, *, headers: dict[str, str], content: bytes) -> None:
        """Hands a notice on to the browser that registered as `token`."""
        told = self.registered[token]
        said = {"subtype": told["X-subtype"], "content-encoding": headers["content-encoding"]}
        now = time.time_ns()
        message = b"".join(
            (
                _bytes(3, told["sender"].encode()),
                _bytes(5, told["app"].encode()),
                *(_bytes(7, _bytes(1, name.encode()) + _bytes(2, value.encode())) for name, value in said.items()),
                _bytes(9, f"0:{now}".encode()),
                _number(17, int(headers["ttl"])),
                _number(18, now // 1_000_000),
                _bytes(21, content),
            )
        )
        for connection in tuple(self._connections):
            connection.sendall(bytes([_NOTICE]) + _varint(len(message)) + message)

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._listens.close()

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listens.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(raw,), daemon=True).start()

    def _talk(self, raw: socket.socket) -> None:
        try:
            with self._tls.wrap_socket(raw, server_side=True) as connection, connection.makefile("rb") as reads:
                self._answer(connection, reads)
        except OSError:
            """The browser was closed."""

    def _answer(self, connection: ssl.SSLSocket, reads: BinaryIO) -> None:
        reads.read(1)  # the version
        try:
            while kind := reads.read(1):
                reads.read(_read_varint(reads))
                if kind[0] == _LOGIN:
                    answer = _bytes(1, b"1") + _number(9, int(time.time() * 1000))
                    connection.sendall(bytes([_VERSION, _LOGGED_IN]) + _varint(len(answer)) + answer)
                    self._connections.append(connection)
                elif kind[0] == _PING:
                    connection.sendall(bytes([_PONG, 0]))
        finally:
            if connection in self._connections:
                self._connections.remove(connection)


class _Handler(BaseHTTPRequestHandler):
    service: ClassVar[PushService]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.startswith("/checkin"):
            device = _number(1, 1) + _number(3, int(time.time() * 1000)) + _fixed(7, 4_660) + _fixed(8, 8_755)
            return self._answer(device, kind="application/x-protobuffer")
        token = f"browser-{len(self.service.registered) + 1}"
        self.service.registered[token] = dict(parse_qsl(body.decode()))
        return self._answer(f"token={token}".encode(), kind="text/plain")

    def _answer(self, body: bytes, *, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """For localhost, and the mark by which a browser knows it for ours."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    path = folder / "push.pem"
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return context, base64.b64encode(hashlib.sha256(public).digest()).decode()


# Protocol buffers, as much of them as is needed: fields that are a number, eight bytes, or a text.
def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def _read_varint(reads: BinaryIO) -> int:
    number = shift = 0
    while True:
        byte = reads.read(1)[0]
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return number


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _fixed(field: int, number: int) -> bytes:
    return _varint(field << 3 | 1) + number.to_bytes(8, "little")


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content
