"""The words that accounts' rows may hold: roles, kinds of channel, kinds of token."""

from django.db import models


class Role(models.TextChoices):
    FRONT_DESK = "front_desk", "Front desk"
    NURSE = "nurse", "Nurse"
    CLINICIAN = "clinician", "Clinician"
    MANAGER = "manager", "Manager"


class ChannelKind(models.TextChoices):
    IN_APP = "in_app", "In the app"
    SMS = "sms", "Text message"


class TokenKind(models.TextChoices):
    BIND_PHONE = "bind_phone", "Bind a phone by QR"
    BIND_CODE = "bind_code", "Bind a phone by typed code"


class ActorKind(models.TextChoices):
    STAFF = "staff", "Staff member"
    PATIENT = "patient", "Patient"
    ESCORT = "escort", "Escort"
    SYSTEM = "system", "System"
