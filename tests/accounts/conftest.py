"""What a code on the way back needs: providers for texts and for e-mails. Nothing leaves here."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from aftercare.settings import mail_server


@pytest.fixture(autouse=True)
def providers(settings: Settings) -> None:
    settings.SMS_BASE_URL = "http://127.0.0.1:9"
    settings.EMAIL_SERVER = mail_server("smtp://127.0.0.1:9")
