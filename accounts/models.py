"""Who there is: clinics, their staff, patients and escorts, how to reach them, and what was done by whom."""

from __future__ import annotations

import uuid
from datetime import datetime, time
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from accounts.hours import HoursError, OpeningHours, read_hours
from accounts.phones import validate_stored_phone
from accounts.states import ActorKind, ChannelKind, ConsentKind, ConsentWay, DeviceScope, Role, TokenKind
from accounts.validators import validate_sender_name, validate_zone
from aftercare.models import TenantForeignKey, TenantModel


def default_reminder_hours() -> list[int]:
    return [48, 20]


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address; there is no user name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractUser):
    """A person of the staff, as far as signing in goes. Patients and escorts have no account."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[misc,assignment]


class Country(models.Model):
    """Help numbers of one country. They change: never write one into a text."""

    code = models.CharField(max_length=2, primary_key=True)
    emergency = models.CharField(max_length=16)
    crisis_name = models.CharField(max_length=80, blank=True)
    crisis_call = models.CharField(max_length=24, blank=True)
    crisis_text = models.CharField(max_length=24, blank=True)
    checked_on = models.DateField(null=True)

    def __str__(self) -> str:
        return self.code


class Clinic(models.Model):
    """One clinic. Other clinics never see a row of its."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    sender_name = models.CharField(
        max_length=24,
        validators=[validate_sender_name],
        help_text="Begins each text message. Must not tell what the clinic treats.",
    )
    zone = models.CharField(max_length=64, validators=[validate_zone])
    country = models.ForeignKey(Country, on_delete=models.PROTECT)
    address = models.CharField(max_length=200)
    phone = models.CharField(max_length=16, blank=True, validators=[validate_stored_phone])
    after_hours_phone = models.CharField(max_length=16, blank=True, validators=[validate_stored_phone])
    opening_hours = models.JSONField(default=dict, blank=True)
    holidays = models.JSONField(default=list, blank=True)
    instructions = models.CharField(
        max_length=300, blank=True, help_text="The clinic's own aftercare line. It comes first."
    )
    # What to eat, drink and take before a visit, in the clinic's own words: shown before the visit, never shortened by us.
    before_visit = models.TextField(max_length=1200, blank=True, default="", db_default="")
    # Hours before a visit at which whoever has not finished the set-up is reminded: [48, 20].
    reminder_hours = models.JSONField(default=default_reminder_hours, blank=True, db_default=[48, 20])
    # The clinic's own shortest stay after hour 0, for routes whose protocol names none, and longer than one that it names.
    minimum_stay_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    # What its staff do at each level of an alert, in the clinic's own words: {"urgent": "…"}.
    procedures = models.JSONField(default=dict, blank=True, db_default={})
    # Its own thresholds of triage, each on the safer side of what ships: {"panic_score": 7}.
    thresholds = models.JSONField(default=dict, blank=True, db_default={})
    is_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            read_hours(self.opening_hours, self.holidays)
        except HoursError as error:
            raise ValidationError({"opening_hours": str(error)}) from None

    @cached_property
    def hours(self) -> OpeningHours:
        return read_hours(self.opening_hours, self.holidays)

    def is_open(self, at: datetime) -> bool:
        return self.hours.is_open(at, ZoneInfo(self.zone))


class StaffMember(models.Model):
    """A user's place at a clinic. Outside row-level security: it is what finds the clinic of a session."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="staff")
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="staff_member")
    name = models.CharField(max_length=80)
    credentials = models.CharField(max_length=24, blank=True)
    role = models.CharField(max_length=16, choices=Role)
    is_active = models.BooleanField(default=True)
    # Where alerts reach them on duty.
    phone = models.CharField(max_length=16, blank=True, default="", db_default="", validators=[validate_stored_phone])

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}" if self.credentials else self.name

    @property
    def is_manager(self) -> bool:
        return self.role == Role.MANAGER


class SignIn(models.Model):
    """One browser in which a staff member is signed in. Only a hash of its session's key is stored.

    Outside row-level security: it is what finds the user of a request. `confirmed_at` is when the person last proved who
    they are; `is_strong` says that it took more than a password.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_hash = models.CharField(max_length=64, unique=True)
    browser = models.CharField(max_length=60, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    confirmed_at = models.DateTimeField()
    is_strong = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user"], condition=Q(ended_at=None), name="sign_in_open_by_user")]

    def __str__(self) -> str:
        return self.browser


class Patient(TenantModel):
    """A person treated at the clinic."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first_name = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60)
    record_number = models.CharField(max_length=32)
    born_on = models.DateField()
    zone = models.CharField(max_length=64, validators=[validate_zone])
    quiet_starts_at = models.TimeField(default=time(21, 0))
    quiet_ends_at = models.TimeField(default=time(8, 0))
    pin_hash = models.CharField(max_length=128, blank=True)
    pin_misses = models.PositiveSmallIntegerField(default=0)
    pin_locked_until = models.DateTimeField(null=True)
    # What staff know of the past that changes advice; None until somebody asked (see timeline/facts.py).
    history = models.JSONField(null=True)
    # What the patient said of it at set-up, each flag with "yes", "no" or "not_sure": {"diabetes": "no"}. Staff confirm it
    # before it counts.
    history_told = models.JSONField(null=True)
    history_told_at = models.DateTimeField(null=True)
    # How escorts' pages name the patient.
    is_initial_for_escorts = models.BooleanField(default=False, db_default=False)
    assessed_on = models.DateField(null=True)
    assessed_by = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "record_number"], name="patient_record_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def name_for_escorts(self) -> str:
        """How the pages of an escort and of the home name the patient: "Maya", or "M" where that was asked for."""
        return self.first_name[:1] if self.is_initial_for_escorts else self.first_name


class Escort(TenantModel):
    """Somebody whom the patient named: who drives, or who stays tonight."""

    class Task(models.TextChoices):
        DRIVES = "drives", "Drives home"
        STAYS = "stays", "Stays tonight"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="escorts")
    name = models.CharField(max_length=60)
    task = models.CharField(max_length=8, choices=Task)
    phone = models.CharField(max_length=16, blank=True, validators=[validate_stored_phone])
    # Only for one who drives: the same person stays tonight.
    stays_too = models.BooleanField(default=False, db_default=False)
    # Set once somebody else was named: what this person agreed to and did stays on record.
    ended_at = models.DateTimeField(null=True)
    # Of settings.LANGUAGES, as they picked or read it when they said yes; "" until then.
    language = models.CharField(max_length=2, blank=True, default="", db_default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["clinic", "patient", "task"], condition=Q(ended_at=None), name="escort_one_per_task"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Channel(TenantModel):
    """A way to reach one patient or one escort: stopped once it says STOP, failed once nothing for it is taken for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="channels", null=True)
    escort = TenantForeignKey(Escort, models.PROTECT, related_name="channels", null=True)
    kind = models.CharField(max_length=8, choices=ChannelKind)
    address = models.CharField(max_length=254, blank=True)
    consented_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failed_code = models.CharField(max_length=32, blank=True, default="", db_default="")

    AGREED: ClassVar = Q(consented_at__isnull=False, stopped_at=None)
    OPEN: ClassVar = AGREED & Q(failed_at=None)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(patient=None) ^ Q(escort=None), name="channel_of_one_person"),
            models.UniqueConstraint(fields=["clinic", "patient", "kind"], name="channel_once_per_patient"),
            models.UniqueConstraint(fields=["clinic", "escort", "kind"], name="channel_once_per_escort"),
        ]
        indexes: ClassVar = [models.Index(fields=["clinic", "address"], name="channel_by_address")]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def may_send(self) -> bool:
        return self.consented_at is not None and self.stopped_at is None and self.failed_at is None


class Consent(TenantModel):
    """What a patient or an escort said yes or no to, in which words. Only added to: the last one counts."""

    id = models.BigAutoField(primary_key=True)
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="consents")
    escort = TenantForeignKey(Escort, models.PROTECT, related_name="consents", null=True)
    kind = models.CharField(max_length=16, choices=ConsentKind)
    version = models.CharField(max_length=16)
    wording = models.TextField()
    given = models.BooleanField()
    at = models.DateTimeField()
    way = models.CharField(max_length=8, choices=ConsentWay)
    by_kind = models.CharField(max_length=8, choices=ActorKind)
    by = models.UUIDField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["clinic", "patient", "kind"], name="consent_by_patient")]

    def __str__(self) -> str:
        return f"{self.kind}: {'yes' if self.given else 'no'}"


class Device(TenantModel):
    """A phone that was bound to a patient: face to face, or for set-up only by an invitation. Ends when it is revoked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = TenantForeignKey(Patient, models.PROTECT, related_name="devices")
    bound_at = models.DateTimeField()
    bound_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    scope = models.CharField(max_length=8, choices=DeviceScope, default=DeviceScope.FULL)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Phone bound {self.bound_at:%Y-%m-%d}"

    @property
    def is_full(self) -> bool:
        """Whether it opens all that is the patient's, and not the set-up page alone."""
        return self.scope == DeviceScope.FULL


class Token(models.Model):
    """A secret of which only a hash is stored. Outside row-level security: it is what finds the clinic."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=16, choices=TokenKind)
    hash = models.CharField(max_length=64)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="+")
    subject = models.UUIDField()
    made_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", null=True)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "hash"], name="token_hash_once")]
        indexes: ClassVar = [models.Index(fields=["subject"], name="token_by_subject")]

    def __str__(self) -> str:
        return self.get_kind_display()


class Throttle(models.Model):
    """How often something was tried lately, by a key that holds no personal data. Survives a Valkey restart."""

    key = models.CharField(max_length=64, primary_key=True)
    window_starts_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(count__gte=0), name="throttle_counts_up")]

    def __str__(self) -> str:
        return self.key


class AuditEvent(TenantModel):
    """What was done, by whom, to which row. Ids and codes only: never words, names or numbers. Never changed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    actor = models.UUIDField(null=True)
    action = models.CharField(max_length=48)
    object_kind = models.CharField(max_length=32)
    object = models.CharField(max_length=36)
    facts = models.JSONField(default=dict)

    class Meta:
        indexes: ClassVar = [models.Index(F("clinic"), F("object"), F("id"), name="audit_by_object")]

    def __str__(self) -> str:
        return self.action
