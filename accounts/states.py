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
    EMAIL = "email", "E-mail"
    PUSH = "push", "Notice on the phone"


class TokenKind(models.TextChoices):
    BIND_PHONE = "bind_phone", "Bind a phone by QR"
    BIND_CODE = "bind_code", "Bind a phone by typed code"
    INVITATION = "invitation", "Set up before the visit, by link"
    INVITATION_CODE = "invitation_code", "Set up before the visit, by typed code"
    WAY_BACK = "way_back", "Code to a known number"
    RECOVERY_CARD = "recovery_card", "Code on the printed card"
    NUDGE = "nudge", "A check-in that waits"
    NUMBER_CHANGED = "number_changed", "Note to the number before"
    STAFF_INVITATION = "staff_invitation", "Invitation of a staff member"
    PICKUP = "pickup", "An escort's list"
    ESCORT_NOTE = "escort_note", "A note to an escort"
    SET_UP_NOTE = "set_up_note", "A reminder before the visit"
    TEST_NOTE = "test_note", "A test"
    SHARE = "share", "A copy for somebody, by link and code"


class DeviceScope(models.TextChoices):
    """What a phone may open: the set-up pages before the visit, or all that is the patient's."""

    SET_UP = "set_up", "Set-up only"
    FULL = "full", "Everything"


class ConsentKind(models.TextChoices):
    """What somebody said yes or no to, in words of a version of its own (accounts/wordings.py)."""

    APP = "app", "Use of this app"
    TEXTS = "texts", "Texts to the patient"
    EMAILS = "emails", "E-mails to the patient"
    PUSH = "push", "Notices on the patient's phone"
    ASK_STAYER = "ask_stayer", "Asking the one who stays, in silence"
    PICKUP = "pickup", "The escort's list"
    ESCORT_TEXTS = "escort_texts", "Texts to the escort"
    ESCORT_ASKED = "escort_asked", "Being asked, in silence"
    CHARTS = "charts", "Charts of the weeks, for the clinic"


class ConsentWay(models.TextChoices):
    """How a consent was given or taken back."""

    SET_UP = "set_up", "On the set-up pages"
    APP = "app", "In the app"
    PICKUP = "pickup", "On the escort's page"
    STAFF = "staff", "Told to staff"
    REPLY = "reply", "By a reply such as STOP"


class ActorKind(models.TextChoices):
    STAFF = "staff", "Staff member"
    PATIENT = "patient", "Patient"
    ESCORT = "escort", "Escort"
    SYSTEM = "system", "System"
