"""The silence ladder: no answer at home, at bedtime or in the morning makes a nudge, and then staff."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from accounts.models import Channel, Escort, Token
from accounts.queries import escorts_of, said_no_to_app
from accounts.services import has_agreed
from accounts.signals import message_wanted
from accounts.states import ChannelKind, ConsentKind, TokenKind
from accounts.tokens import hash_secret
from alerts.models import Alert
from alerts.services import AlertCause, raise_alert
from alerts.states import AlertState, Cause
from checkin.models import Answer, CheckIn, Reading, SilentStep
from checkin.silence import LISTENS_FOR, Climb, climb, moments
from checkin.states import WATCHED, Moment, SilentStage
from prompts.models import Prompt
from prompts.schedule import before_night
from prompts.services import can_text_escort, is_paused, text_escort
from prompts.states import PromptState, Reason
from timeline.document import QuietHours
from timeline.levels import Level, worst
from timeline.models import SetUpStep, Treatment
from timeline.phases import is_night
from timeline.set_up import STAYER_COMES
from timeline.states import TreatmentState

log = logging.getLogger(__name__)
_LISTENED_TO = (TreatmentState.RECOVERING, TreatmentState.DISCHARGED)
# An answer this long before the question counts for it: somebody who just said how they are is not silent.
JUST_SAID = timedelta(minutes=30)
NUDGE_LASTS = timedelta(hours=1)
_NOT_REACHED = (PromptState.FAILED, PromptState.UNKNOWN)
_LISTENED_FOR = Q(state__in=(PromptState.SENT, *_NOT_REACHED)) | Q(
    state=PromptState.CANCELLED, reason__in=(Reason.PAUSED, Reason.WITHDRAWN)
)


def follow_silence(*, at: datetime) -> int:
    """Takes each step that is due in this clinic, and lifts what nobody took. Returns how many steps were taken."""
    taken = sum(_followed(prompt, moment, at=at) for prompt, moment in _asked(at))
    return taken + _lift_untaken(at=at)


def _followed(prompt: Prompt, moment: Moment, *, at: datetime) -> bool:
    """Trouble with one patient's holds up nobody else's."""
    try:
        with transaction.atomic():
            return _follow(prompt, moment, at=at)
    except Exception:
        log.exception("Silence could not be followed", extra={"treatment": prompt.treatment_id})
        return False


def _asked(at: datetime) -> Iterator[tuple[Prompt, Moment]]:
    """Check-ins that were asked for lately and are listened for, of visits that go on.

    Also those whose message did not get through, and those that a pause, or a yes that was taken back, left out: whom no
    message reaches is silent too.
    """
    rows = (
        Prompt.objects.filter(
            _LISTENED_FOR,
            kind="check_in",
            due_at__gt=at - LISTENS_FOR,
            due_at__lte=at,
            treatment__state__in=_LISTENED_TO,
        )
        .select_related("treatment__patient", "treatment__protocol_version")
        .order_by("pk")
    )
    for prompt in rows:
        moment = moments(prompt.treatment.document.prompts).get(prompt.step)
        if moment in WATCHED:
            yield prompt, moment


def _follow(prompt: Prompt, moment: Moment, *, at: datetime) -> bool:
    treatment, asked_at = prompt.treatment, prompt.sent_at or prompt.due_at
    if _has_answered(treatment, since=asked_at - JUST_SAID):
        return False
    steps = SilentStep.objects.filter(treatment=treatment, moment=moment)
    taken = frozenset(SilentStage(stage) for stage in steps.values_list("stage", flat=True))
    step = climb(
        asked_at=asked_at,
        taken=taken,
        last_level=_last_level(treatment),
        is_night=_is_night(treatment, at),
        can_nudge=prompt.state == PromptState.SENT and _may_nudge(treatment, at=at),
        can_ask_stayer=SilentStage.NUDGE in taken and _stayer_to_ask(treatment, at=at) is not None,
        at=at,
    )
    return step is not None and _take(treatment, moment, step, at=at)


def _has_answered(treatment: Treatment, *, since: datetime) -> bool:
    return Answer.objects.filter(check_in__treatment=treatment, arrived_at__gte=since).exists()


def _last_level(treatment: Treatment) -> Level:
    """The worst reading of the last check-in of this visit."""
    last = CheckIn.objects.filter(treatment=treatment).order_by("-began_at").values("pk")[:1]
    return worst(Level(level) for level in Reading.objects.filter(check_in__in=last).values_list("level", flat=True))


def _is_night(treatment: Treatment, at: datetime) -> bool:
    """By the clock that its messages were planned by."""
    return is_night(at, ZoneInfo(treatment.zone), _quiet(treatment))


def _quiet(treatment: Treatment) -> QuietHours:
    return QuietHours(treatment.quiet_starts_at, treatment.quiet_ends_at)


def _take(treatment: Treatment, moment: Moment, step: Climb, *, at: datetime) -> bool:
    """One step, at most once: of two who look at the same time, one gets it."""
    with transaction.atomic():
        _, is_new = SilentStep.objects.get_or_create(
            clinic_id=treatment.clinic_id,
            treatment=treatment,
            moment=moment,
            stage=step.stage,
            defaults={"taken_at": at},
        )
        if is_new and step.stage is SilentStage.NUDGE:
            _nudge(treatment, at=at)
        elif is_new and step.stage is SilentStage.ESCORT:
            _ask_stayer(treatment, at=at)
        elif is_new:
            raise_alert(_cause(treatment, moment, step.level, at=at), at=at)
        return is_new


def _text_channel(treatment: Treatment) -> Channel | None:
    channel = Channel.objects.filter(patient_id=treatment.patient_id, kind=ChannelKind.SMS).first()
    return channel if channel and channel.may_send else None


def _may_nudge(treatment: Treatment, *, at: datetime) -> bool:
    """Not in a pause that the patient asked for, nor once they took back their yes to the app: then people are asked, as
    where no text reaches them. The visit is held, as by whoever takes it back."""
    if _text_channel(treatment) is None or is_paused(treatment.patient_id, at):
        return False
    Treatment.objects.select_for_update(no_key=True).get(pk=treatment.pk)
    return not said_no_to_app(treatment.patient_id)


def _nudge(treatment: Treatment, *, at: datetime) -> None:
    """One more text, outside the budget: it answers to nothing that was planned. A busy provider has it until the night."""
    channel, zone = _text_channel(treatment), ZoneInfo(treatment.zone)
    token = Token.objects.create(
        kind=TokenKind.NUDGE,
        hash=hash_secret(secrets.token_urlsafe(16)),
        clinic_id=treatment.clinic_id,
        subject=treatment.patient_id,
        expires_at=before_night(at + NUDGE_LASTS, since=at, zone=zone, quiet=_quiet(treatment)),
    )
    message_wanted.send(Token, patient=treatment.patient, token=token, kind="nudge", channel=channel, at=at)


def _stayer_to_ask(treatment: Treatment, *, at: datetime) -> Escort | None:
    """Who stays tonight, when patient and escort both agreed to it, they said yes to this visit, and a text may reach
    them now."""
    patient, stayer = treatment.patient, escorts_of(treatment.patient).stayer
    if stayer is None or not has_agreed(ConsentKind.ASK_STAYER, patient=patient):
        return None
    agrees = has_agreed(ConsentKind.ESCORT_ASKED, patient=patient, escort=stayer)
    comes = SetUpStep.objects.filter(treatment=treatment, key=STAYER_COMES).exists()
    return stayer if agrees and comes and can_text_escort(treatment, stayer, at=at) else None


def _ask_stayer(treatment: Treatment, *, at: datetime) -> None:
    if stayer := _stayer_to_ask(treatment, at=at):
        text_escort(treatment, stayer, at=at)


_MOMENT_WORDS = {Moment.HOME: "at home", Moment.BEDTIME: "at bedtime", Moment.MORNING: "in the morning"}


def _cause(treatment: Treatment, moment: Moment, level: Level, *, at: datetime) -> AlertCause:
    """At night, and while the clinic is closed, nobody looks at a list: somebody on duty is told."""
    return AlertCause(
        patient=treatment.patient,
        treatment=treatment,
        kind=Cause.SILENCE,
        source=f"silence:{treatment.pk}:{moment}",
        level=level,
        reasons=(f"No answer to the check-in {_MOMENT_WORDS[moment]}.",),
        rules=(),
        tells_duty=_is_night(treatment, at) or not treatment.patient.clinic.is_open(at),
    )


def _lift_untaken(*, at: datetime) -> int:
    """A silence that nobody of the staff took by its time is urgent: each step is acknowledged, or it climbs."""
    lifted = 0
    waiting = Alert.objects.filter(
        state=AlertState.OPEN, cause=Cause.SILENCE, level=Level.CALL_TODAY, due_at__lte=at, treatment__isnull=False
    ).select_related("patient", "treatment")
    # Locked, so that one that somebody takes at this moment stays theirs.
    for alert in waiting.select_for_update(of=("self",), no_key=True, skip_locked=True):
        cause = AlertCause(
            patient=alert.patient,
            treatment=alert.treatment,
            kind=Cause.SILENCE,
            source=alert.source,
            level=Level.URGENT,
            reasons=(*alert.reasons, "Nobody has taken this yet."),
            rules=(),
        )
        raise_alert(cause, at=at)
        lifted += 1
    return lifted
