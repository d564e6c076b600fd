"""What the tests of signing in share: people with a password, an app and a passkey made of software."""

from __future__ import annotations

import json
import re
import secrets
import time
from datetime import timedelta
from html import unescape
from typing import Any

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.db.models import F
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts.models import SignIn, StaffMember

LOGIN, SECOND, PASSWORD = "/staff/login/", "/staff/login/second-step/", "four quiet wooden boats"
STEPS, ADD_PASSKEY, ADD_APP = "/staff/me/second-step/", "/staff/me/second-step/passkey/", "/staff/me/second-step/app/"
CODES, AGAIN, ME = "/staff/me/second-step/codes/", "/staff/reauthenticate/", "/staff/me/"
FLAG = AuthenticatorData.FLAG


def a_browser() -> Client:
    """At the one address without https where browsers allow passkeys."""
    return Client(SERVER_NAME="localhost")


def give_password(member: StaffMember) -> StaffMember:
    member.user.set_password(PASSWORD)
    member.user.save()
    return member


def give_app(member: StaffMember) -> str:
    """The secret of an app that this person has set up."""
    secret: str = generate_totp_secret()
    TOTP.activate(member.user, secret)
    return secret


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows; with `steps` on a phone whose clock is so many half minutes ahead."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def type_password(browser: Client, member: StaffMember, **other: str) -> Any:
    return browser.post(LOGIN, {"login": member.user.email, "password": PASSWORD, **other})


def sign_in(browser: Client, member: StaffMember, secret: str) -> Any:
    """With the password and the app."""
    type_password(browser, member)
    return browser.post(SECOND, {"code": code_of(secret)})


def later(member: StaffMember, by: timedelta, *names: str) -> None:
    """As if so much time had gone by since `names` of every sign-in of this person."""
    SignIn.objects.filter(user=member.user).update(**{name: F(name) - by for name in names})


def options_of(response: Any) -> Any:
    """What the page tells the script to ask the browser for."""
    match = re.search(r'data-options="([^"]+)"', response.content.decode())
    assert match
    return json.loads(unescape(match[1]))["publicKey"]


class SoftPasskey:
    """A passkey in memory. `verifies`: it checks who holds it, as a phone does with a finger."""

    def __init__(self, *, verifies: bool = True) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._id = secrets.token_bytes(16)
        self.flags = FLAG.UP | FLAG.UV if verifies else FLAG.UP
        self._user = ""

    def make(self, options: Any, *, origin: str = "http://localhost") -> str:
        self._user = options["user"]["id"]
        public = ES256.from_cryptography_key(self._key.public_key())  # type: ignore[no-untyped-call]
        data = AuthenticatorData.create(
            sha256(options["rp"]["id"].encode()),
            self.flags | FLAG.AT,
            0,
            AttestedCredentialData.create(b"\0" * 16, self._id, public),
        )
        attestation = AttestationObject.create("none", data, {})
        client = CollectedClientData.create("webauthn.create", options["challenge"], origin)
        return self._answer({"clientDataJSON": bytes(client), "attestationObject": bytes(attestation)})

    def use(self, options: Any, *, origin: str = "http://localhost") -> str:
        data = AuthenticatorData.create(sha256(options["rpId"].encode()), self.flags, 0)
        client = CollectedClientData.create("webauthn.get", options["challenge"], origin)
        signature = self._key.sign(bytes(data) + sha256(bytes(client)), ec.ECDSA(SHA256()))
        answer = {"clientDataJSON": bytes(client), "authenticatorData": bytes(data), "signature": signature}
        return self._answer(answer, userHandle=self._user)

    def _answer(self, parts: dict[str, bytes], **ready: str) -> str:
        response = {name: websafe_encode(value) for name, value in parts.items()} | ready
        named = {"id": websafe_encode(self._id), "rawId": websafe_encode(self._id), "type": "public-key"}
        return json.dumps({**named, "clientExtensionResults": {}, "response": response})


def give_passkey(browser: Client, passkey: SoftPasskey, *, kind: str = "") -> Any:
    """Adds it in a browser that is signed in."""
    address = f"{ADD_PASSKEY}?kind={kind}"
    options = options_of(browser.get(address))
    return browser.post(address, {"name": "Red phone", "credential": passkey.make(options)})


def use_passkey_alone(browser: Client, passkey: SoftPasskey) -> Any:
    asked = browser.get(f"{LOGIN}passkey/", headers={"accept": "application/json"})
    answer = passkey.use(asked.json()["request_options"]["publicKey"])
    return browser.post(f"{LOGIN}passkey/", {"credential": answer})
