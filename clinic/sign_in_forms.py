"""What staff type or touch to show who they are, in plain words."""

from __future__ import annotations

import json
import struct
from typing import Any

from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm as CodeBase
from allauth.mfa.base.forms import ReauthenticateForm as CodeAgainBase
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal import auth as passkeys
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError

from accounts.adapter import SecondStepAdapter
from accounts.models import User
from accounts.sealing import SealBroken
from accounts.second_steps import APP, OPENS_ALONE
from accounts.services import TooManyTries
from accounts.services.ways_in import count_code, forgive_code
from aftercare.fields import WordsField

# What a browser that is not one can send in place of a passkey's answer.
_UNREADABLE = (TypeError, ValueError, KeyError, AttributeError, IndexError, struct.error)
_NO_ANSWER = "No passkey answered. Try once more, or use another way."
_UNKNOWN = (
    "This passkey is not known here. Was it removed from the phone or from your account? "
    "Use another way, or ask a manager to let you in again."
)
_SECOND_ONLY = "This passkey is a second step only. Sign in with your password first."
_LONGEST_OF_APP = 8
# Longer than a code is taken for: one step before and one after its own 30 seconds.
_CODE_LIVES = 120


class PlainJson(json.JSONDecoder):
    """What no form can show again is no JSON either: nested too deep, a number without end, half of a pair of surrogates."""

    def decode(self, text: str, *args: Any) -> Any:
        try:
            found = super().decode(text, *args)
            json.dumps(found, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise json.JSONDecodeError("It can't be read.", "", 0) from None
        return found


class SignInForm(LoginForm):  # type: ignore[misc]
    """E-mail and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_plainly(self.fields["login"], label="E-mail", required="Type your e-mail address.")
        _say_plainly(self.fields["password"], label="Password", required="Type your password.")
        self.fields["login"].error_messages["invalid"] = "Type an e-mail address, like name@example.org."


class PasswordAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _say_plainly(self.fields["password"], label="Password", required="Type your password.")

    def save(self) -> None:
        """Nothing is kept of it: the view notes the moment."""


class _PlainCode:
    """A code of the app, or a recovery code. Each is taken once, also while it is still good."""

    user: User
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]  # type: ignore[attr-defined]
        _say_plainly(field, label="Code", required="Type the code.")
        field.max_length = 64
        field.widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}

    def clean_code(self) -> str:
        digits = "".join(char for char in self.cleaned_data["code"] if char.isdigit())  # type: ignore[attr-defined]
        # A recovery code is too long to be guessed: whoever used up the day's tries does not shut it out.
        code = self._looked_at() if len(digits) > _LONGEST_OF_APP else self._counted()
        is_of_app = self.authenticator.type == APP
        if is_of_app and not cache.add(f"code:{self.authenticator.pk}:{digits}", 1, timeout=_CODE_LIVES):
            raise ValidationError("This code was used before. Wait for the next one.")
        return code

    def _counted(self) -> str:
        """A right code does not count, and neither does one that nobody looked at."""
        try:
            count_code(self.user)
        except TooManyTries as error:
            raise ValidationError(str(error), code="rate_limited") from None
        try:
            code = self._looked_at()
        except ValidationError as error:
            if error.code != "incorrect_code":
                forgive_code(self.user)
            raise
        forgive_code(self.user)
        return code

    def _looked_at(self) -> str:
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except SealBroken as error:
            raise ValidationError(str(error)) from None


class SecondCodeForm(_PlainCode, CodeBase):  # type: ignore[misc]
    """A code as the second step of signing in."""


class CodeAgainForm(_PlainCode, CodeAgainBase):  # type: ignore[misc]
    """A code, before something that matters."""


class _PlainPasskey:
    """What a passkey answered. What can't be read is no different from what is not known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["credential"]  # type: ignore[attr-defined]
        field.decoder = PlainJson
        field.error_messages |= {"required": _NO_ANSWER, "invalid": _NO_ANSWER}

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except _UNREADABLE:
            raise ValidationError(_UNKNOWN) from None
        except ValidationError as error:
            raise (ValidationError(_UNKNOWN) if error.code == "incorrect_code" else error) from None


class SecondPasskeyForm(_PlainPasskey, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey as the second step of signing in."""


class PasskeyAgainForm(_PlainPasskey, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey, before something that matters."""


class PasskeySignInForm(_PlainPasskey, LoginWebAuthnForm):  # type: ignore[misc]
    """A passkey alone. Only one that was made for it: the device asked for a finger, a face or its own PIN."""

    def clean_credential(self) -> Authenticator:
        # What another page asked for, where a touch was enough, must not be answered here.
        if (passkeys.get_state() or {}).get("user_verification") != "required":
            raise ValidationError(_UNKNOWN)
        authenticator = super().clean_credential()
        if not authenticator.data.get(OPENS_ALONE):
            raise ValidationError(_SECOND_ONLY)
        return authenticator


class AddPasskeyForm(forms.Form):
    """A passkey that was just made, and a name to know it by. `opens_alone` tells what it was made for."""

    name = WordsField(label="A name for it", max_length=40, error_messages={"required": "Give it a name."})
    credential = forms.JSONField(
        widget=forms.HiddenInput,
        decoder=PlainJson,
        error_messages={"required": _NO_ANSWER, "invalid": _NO_ANSWER},
    )
    opens_alone = False

    def clean_credential(self) -> dict[str, Any]:
        credential: dict[str, Any] = self.cleaned_data["credential"]
        # What the browser was asked for stands in the session, not in what it sends.
        self.opens_alone = (passkeys.get_state() or {}).get("user_verification") == "required"
        try:
            passkeys.parse_registration_response(credential)
            passkeys.complete_registration(credential)
        except (*_UNREADABLE, ValidationError):
            raise ValidationError("The passkey could not be made. Try once more, or use an app.") from None
        return credential


class AddAppForm(forms.Form):
    """The first code of an app: it shows that app and server agree."""

    code = forms.CharField(label="The code that the app shows", max_length=16)

    def __init__(self, *args: Any, user: User, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user, self._secret = user, secret
        _say_plainly(self.fields["code"], label="The code that the app shows", required="Type the code.")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "one-time-code"}

    def clean_code(self) -> str:
        clear_count = check_rate_limit(self._user, error_key="rate_limited")
        code: str = self.cleaned_data["code"]
        if not validate_totp_code(self._secret, code):
            raise ValidationError(SecondStepAdapter.error_messages["incorrect_code"])
        clear_count()
        return code


class NewPasswordForm(forms.Form):
    """A new password, typed twice."""

    password1 = forms.CharField(
        label="New password",
        max_length=256,
        strip=False,
        help_text="At least 12 characters. Four odd words are easy to keep in mind.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Type a password."},
    )
    password2 = forms.CharField(
        label="The same once more",
        max_length=256,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Type it once more."},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_password1(self) -> str:
        password: str = self.cleaned_data["password1"]
        validate_password(password, self._user)
        return password

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "password1" in data and "password2" in data and data["password1"] != data["password2"]:
            self.add_error("password2", "The two are not the same. Type them once more.")
        return data


def _say_plainly(field: forms.Field, *, label: str, required: str) -> None:
    field.label, field.help_text = label, ""
    field.error_messages["required"] = required
    field.widget.attrs.pop("placeholder", None)
