"""Who may open what: every address, by every method, as everybody.

The table says what we want, in its own words; the decorators have to agree with it. An address that is not in it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, reset_queries, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.middleware import CLINIC, DEVICE
from accounts.models import Device, Patient, SignIn, User
from accounts.states import DeviceScope, Role
from aftercare.tenancy import tenant
from alerts.models import OnCallShift
from checkin.services import record_questionnaire
from prompts.states import PromptState
from tests.checkin.rows import make_check_in
from tests.clinic.alerts import an_alert
from tests.journal.sharing import a_closed_share
from tests.journal.writing import wrote
from tests.pickup.ways import a_joined, an_escort, opened
from tests.world import HOUR_ZERO, World, make_staff
from timeline.models import Treatment
from timeline.states import TreatmentState

pytestmark = pytest.mark.django_db

ALL = frozenset(Role)
TREATS = frozenset({Role.NURSE, Role.CLINICIAN})
EDITS = frozenset({Role.CLINICIAN, Role.MANAGER})
ANSWERS = frozenset({Role.NURSE, Role.CLINICIAN, Role.MANAGER})
SIGNS, RUNS = frozenset({Role.CLINICIAN}), frozenset({Role.MANAGER})
SHOW, ACT, BOTH = frozenset({"GET", "HEAD"}), frozenset({"POST"}), frozenset({"GET", "HEAD", "POST"})
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
TRIES_ALL = {"stranger", "patient", "Manager"}
# What an admitted request may end with: shown, done, moved on, or told what is wrong with what was sent.
HANDLED = frozenset({200, 204, 302, 303, 409, 410, 422, 429})
AWAY = frozenset({302, 401, 403})


@dataclass(frozen=True)
class Door:
    """For whom an address is, and by which methods. `of` names the row of the clinic in it, which others never find."""

    audience: str
    methods: frozenset[str]
    roles: frozenset[Role] = frozenset()
    of: str = ""


def public(methods: frozenset[str]) -> Door:
    return Door("public", methods)


def patient(methods: frozenset[str], *, of: str = "") -> Door:
    return Door("patient", methods, of=of)


def staff(methods: frozenset[str], roles: frozenset[Role] = ALL, *, of: str = "") -> Door:
    return Door("staff", methods, roles, of)


def escort(methods: frozenset[str]) -> Door:
    return Door("escort", methods)


DOORS: Mapping[str, Door] = {
    "timeline:today": patient(SHOW),
    "timeline:learn": patient(SHOW),
    "timeline:learn_card": patient(SHOW),
    "timeline:set_up": Door("set_up", SHOW),
    **{
        f"timeline:{part}": Door("set_up", BOTH) for part in ("agree", "reach", "clock", "look", "tonight", "about_you")
    },
    "timeline:send_test": Door("set_up", ACT),
    "timeline:answer_test": Door("set_up", ACT),
    "timeline:home_screen": Door("set_up", SHOW),
    "timeline:home": Door("set_up", BOTH),
    "timeline:before": Door("set_up", BOTH),
    "timeline:home_card": Door("set_up", SHOW),
    "timeline:calendar": Door("set_up", SHOW),
    "timeline:answer_step": patient(ACT),
    "timeline:breathe": public(SHOW),
    "accounts:welcome": public(SHOW),
    "accounts:help": public(SHOW),
    "accounts:healthz": public(SHOW),
    "accounts:robots": public(SHOW),
    "accounts:manifest": public(SHOW),
    "accounts:theme": public(ACT),
    "accounts:open_binding": public(SHOW),
    "accounts:enter_code": public(ACT),
    "accounts:bind": public(BOTH),
    "accounts:open_invitation": public(SHOW),
    "accounts:invitation": public(BOTH),
    "accounts:way_back": public(BOTH),
    "accounts:way_back_code": public(BOTH),
    "accounts:way_back_pin": public(BOTH),
    "accounts:way_back_card": public(BOTH),
    "accounts:phone_and_pin": patient(SHOW),
    "accounts:change_pin": patient(BOTH),
    "accounts:forgot_pin": patient(BOTH),
    "accounts:end_other_phones": patient(BOTH),
    "accounts:end_phone": Door("set_up", BOTH),
    "accounts:your_data": patient(SHOW),
    "accounts:copy": patient(BOTH),
    "accounts:ask_deletion": patient(BOTH),
    "checkin:start": patient(BOTH),
    "checkin:go_on": patient(SHOW, of="own"),
    "checkin:question": patient(BOTH, of="own"),
    "checkin:stop": patient(ACT, of="own"),
    "checkin:now": patient(SHOW, of="own"),
    "checkin:call": patient(ACT, of="own"),
    "checkin:log": patient(BOTH),
    "checkin:log_kept": patient(SHOW),
    "checkin:log_now": patient(BOTH),
    "checkin:log_pace": patient(BOTH),
    "checkin:baseline": Door("set_up", SHOW),
    "checkin:questions": Door("set_up", BOTH),
    "checkin:help_now": Door("set_up", SHOW, of="own"),
    "checkin:two_weeks": patient(SHOW),
    "checkin:later_questions": patient(BOTH),
    "checkin:later_help_now": patient(SHOW, of="own"),
    "checkin:weeks": patient(SHOW),
    "checkin:weeks_share": patient(ACT),
    "checkin:offline": patient(SHOW),
    "checkin:worker": public(SHOW),
    "pickup:open": public(SHOW),
    "pickup:list": escort(BOTH),
    "pickup:tick": escort(ACT),
    "pickup:step": escort(ACT),
    "pickup:cant_come": escort(BOTH),
    "pickup:tonight": escort(SHOW),
    "pickup:language": public(ACT),
    "pickup:settings": escort(ACT),
    "pickup:stop": escort(BOTH),
    "pickup:people": Door("set_up", BOTH),
    "pickup:share": Door("set_up", ACT),
    "pickup:withdraw": Door("set_up", ACT),
    "pickup:home_safe": patient(ACT),
    "journal:share": patient(BOTH),  # the PIN comes first: whose it is, is looked at behind it
    "journal:shares": patient(SHOW),
    "journal:end_share": patient(ACT, of="own"),
    "journal:open_share": public(SHOW),
    "journal:shared": Door("guest", BOTH),
    "journal:shared_file": Door("guest", SHOW),
    "journal:close_shared": Door("guest", ACT),
    "journal:morning": patient(BOTH),
    "journal:summary": patient(BOTH),
    "journal:summary_file": patient(SHOW),
    "journal:intention": Door("set_up", BOTH),
    "journal:read_intention": Door("set_up", BOTH),
    "journal:not_today": patient(BOTH),
    "journal:urge": patient(BOTH),
    "journal:let_go": patient(BOTH),
    "journal:note": patient(BOTH),
    "journal:write": patient(BOTH),
    "journal:save": patient(ACT),
    "journal:unlock": patient(BOTH),
    "journal:lock": patient(ACT),
    "journal:openings": patient(SHOW),
    "journal:destroy": patient(BOTH),
    # Before the PIN nobody comes to a text: tests/journal/test_reading.py says whose opens after it.
    "journal:entries": patient(SHOW),
    "journal:entry": patient(SHOW),
    "journal:remove": patient(BOTH),
    "journal:change": patient(BOTH),
    "journal:save_change": patient(ACT),
    "prompts:prompt": patient(SHOW, of="own"),
    "prompts:messages": patient(SHOW),
    "prompts:tap": Door("set_up", ACT),
    "prompts:done": patient(ACT),
    "prompts:first_way": patient(ACT),
    "prompts:alias": patient(ACT),
    "prompts:texts": patient(ACT),
    "prompts:clock": patient(BOTH),
    "prompts:emails": patient(ACT),
    "prompts:push": patient(ACT),
    "prompts:subscribe": Door("set_up", ACT),
    "prompts:unsubscribe": Door("set_up", ACT),
    "prompts:stop_emails": public(BOTH),
    "prompts:inbound": Door("hook", ACT),
    "prompts:reports": Door("hook", ACT),
    "prompts:phone": Door("demo", SHOW),
    "demo:start": Door("demo", SHOW),
    "demo:become": Door("demo", ACT),
    "demo:error": Door("demo", SHOW),
    "demo:start_over": Door("demo", ACT),
    "clinic:today": staff(SHOW),
    "clinic:alerts": staff(SHOW),
    "clinic:alert": staff(SHOW, of="alert"),
    "clinic:take_alert": staff(BOTH, ANSWERS, of="alert"),
    "clinic:promise_call": staff(BOTH, ANSWERS, of="alert"),
    "clinic:log_call": staff(BOTH, of="alert"),
    "clinic:hand_back_alert": staff(BOTH, ANSWERS, of="alert"),
    "clinic:close_alert": staff(BOTH, ANSWERS, of="alert"),
    "clinic:on_call": staff(SHOW),
    "clinic:add_shift": staff(BOTH, EDITS),
    "clinic:end_shift": staff(BOTH, EDITS, of="shift"),
    "clinic:procedures": staff(BOTH, EDITS),
    "clinic:tonight": staff(BOTH, of="treatment"),
    "clinic:downtime": staff(BOTH),
    "clinic:downtime_pack": staff(SHOW),
    "clinic:day_sheet": staff(SHOW, of="treatment"),
    "clinic:discharge_summary": staff(SHOW, TREATS, of="treatment"),
    "clinic:log_contact": staff(BOTH, of="treatment"),
    "clinic:form_sent": staff(BOTH, of="treatment"),
    "clinic:patients": staff(SHOW),
    "clinic:add_patient": staff(BOTH),
    "clinic:patient": staff(SHOW, of="patient"),
    "clinic:patient_history": staff(BOTH, TREATS, of="patient"),
    "clinic:confirm_history": staff(BOTH, TREATS, of="patient"),
    "clinic:patient_assessment": staff(BOTH, TREATS, of="patient"),
    "clinic:patient_phone": staff(BOTH, of="patient"),
    "clinic:end_patient_phones": staff(BOTH, of="patient"),
    "clinic:patient_number": staff(BOTH, of="patient"),
    "clinic:lost_patient_texts": staff(BOTH, of="patient"),
    "clinic:lost_patient_emails": staff(BOTH, of="patient"),
    "clinic:patient_card": staff(BOTH, of="patient"),
    "clinic:weeks": staff(SHOW, TREATS, of="patient"),
    "clinic:take_check_in": staff(BOTH, TREATS, of="patient"),
    "clinic:check_in": staff(SHOW, TREATS, of="patient"),
    "clinic:check_in_question": staff(BOTH, TREATS, of="patient"),
    "clinic:plan_treatment": staff(BOTH, of="patient"),
    "clinic:invite_treatment": staff(BOTH, of="treatment"),
    "clinic:messages": staff(SHOW, of="treatment"),
    "clinic:start_treatment": staff(BOTH, TREATS, of="treatment"),
    "clinic:end_treatment": staff(BOTH, TREATS, of="treatment"),
    "clinic:treatment_given": staff(BOTH, TREATS, of="treatment"),
    "clinic:discharge_treatment": staff(BOTH, TREATS, of="treatment"),
    "clinic:discharge_anyway": staff(BOTH, TREATS, of="treatment"),
    "clinic:care": staff(SHOW, TREATS, of="treatment"),
    "clinic:tick_item": staff(BOTH, TREATS, of="treatment"),
    "clinic:untick_item": staff(BOTH, TREATS, of="treatment"),
    "clinic:add_vital_signs": staff(BOTH, TREATS, of="treatment"),
    "clinic:set_ready": staff(BOTH, TREATS, of="treatment"),
    "clinic:meet_escort": staff(BOTH, TREATS, of="treatment"),
    "clinic:change_driver": staff(BOTH, TREATS, of="treatment"),
    "clinic:offer_pickup_link": staff(BOTH, TREATS, of="treatment"),
    "clinic:correct_treatment": staff(BOTH, TREATS, of="treatment"),
    "clinic:cancel_treatment": staff(BOTH, of="treatment"),
    "clinic:end_treatment_badly": staff(BOTH, TREATS, of="treatment"),
    "clinic:protocols": staff(SHOW),
    "clinic:add_version": staff(BOTH, EDITS),
    "clinic:version": staff(SHOW, of="version"),
    "clinic:version_file": staff(SHOW, of="version"),
    "clinic:thresholds": staff(BOTH, EDITS),
    "clinic:visit_settings": staff(BOTH, EDITS),
    "clinic:sign_version": staff(BOTH, SIGNS, of="version"),
    "clinic:publish_version": staff(BOTH, EDITS, of="version"),
    "clinic:retire_version": staff(BOTH, EDITS, of="version"),
    "clinic:team": staff(SHOW, RUNS),
    "clinic:invite_staff": staff(BOTH, RUNS),
    "clinic:team_member": staff(SHOW, RUNS, of="member"),
    "clinic:change_role": staff(BOTH, RUNS, of="member"),
    "clinic:deactivate_staff": staff(BOTH, RUNS, of="member"),
    "clinic:invite_again": staff(BOTH, RUNS, of="member"),
    "clinic:withdraw_invitation": staff(BOTH, RUNS, of="member"),
    "account_login": public(BOTH),
    "mfa_login_webauthn": public(BOTH),
    "mfa_authenticate": public(BOTH),
    "account_logout": public(BOTH),
    "account_inactive": public(SHOW),
    "account_reauthenticate": staff(BOTH),
    "join_team": public(BOTH),
    "open_join": public(SHOW),
    "my_account": staff(SHOW),
    "my_sign_outs": staff(ACT),
    "my_phone": staff(BOTH),
    "my_password": staff(BOTH),
    "second_step": staff(SHOW),
    "add_passkey": staff(BOTH),
    "add_app": staff(BOTH),
    "recovery_codes": staff(BOTH),
    "remove_second_step": staff(BOTH, of="colleague's step"),
}


@dataclass
class Actor:
    """Somebody with a browser. `role` is set for staff; `is_ours`: of the clinic whose rows the addresses name."""

    browser: Client
    kind: str
    role: Role | None = None
    is_ours: bool = True


@dataclass
class House:
    """Two clinics, everybody in them, and the rows that the addresses name."""

    actors: dict[str, Actor]
    rows: dict[str, Any]
    canaries: tuple[str, ...] = field(default=())


@pytest.fixture
def house(world: World, other_world: World, settings: Settings) -> House:
    settings.DEMO = False  # as where people are real
    with tenant(world.clinic.pk):
        world.patient.record_number = "CANARY-7741"
        world.patient.last_name = "Canaryworth"
        world.patient.save()
        treatment = world.treatment(TreatmentState.PLANNED, hour_zero=None, planned_for=timezone.now() + timedelta(1))
        step = world.version.document.prompts[0].key
        came = world.prompt(treatment, step=step, due_at=HOUR_ZERO, state=PromptState.SENT, sent_at=HOUR_ZERO)
        owner, second = (
            world.patient,
            Patient.objects.create(
                clinic=world.clinic,
                first_name="Ines",
                last_name="Vale",
                record_number="A-2",
                born_on=world.patient.born_on,
                zone=world.patient.zone,
                created_at=HOUR_ZERO,
            ),
        )
        (share, secret), alert = a_closed_share(world.patient), an_alert(world)
        shift = a_shift(world)
        entry = wrote(owner, "Canaryworth", at=timezone.now())
        world.patient = second
        world.treatment()
        check_in = make_check_in(owner)
        page_key = uuid4()
        record_questionnaire(owner, key=page_key, kind="phq9", answers=[0] * 8 + [1], treatment=None, at=timezone.now())
    colleague = make_staff(world.clinic, Role.FRONT_DESK, name="Noa Berg")
    step = Authenticator.objects.create(user=colleague.user, type=Authenticator.Type.TOTP, data={})
    actors = {
        "stranger": Actor(Client(), "stranger"),
        "patient": Actor(phone_of(owner), "patient"),
        "another patient": Actor(phone_of(second), "patient", is_ours=False),
        "an escort": Actor(escort_of(world, treatment), "escort"),
        "a guest": Actor(guest_of(secret), "guest"),
        "a phone for set-up only": Actor(phone_of(owner, scope=DeviceScope.SET_UP), "set_up"),
        **{role.label: Actor(signed_in(world, role), "staff", role) for role in Role},
        **{
            f"other clinic's {role.label}": Actor(signed_in(other_world, role), "staff", role, is_ours=False)
            for role in (Role.NURSE, Role.CLINICIAN, Role.MANAGER)
        },
    }
    rows = {
        "patient_id": treatment.patient_id,
        "treatment_id": treatment.pk,
        "check_in_id": check_in.pk,
        "entry_id": entry.pk,
        "place": 1,
        "need": 2,
        "part": 1,
        "page_key": page_key,
        "urge_id": uuid4(),
        "version_id": world.version.pk,
        "member_id": colleague.pk,
        "share_id": share.pk,
        "alert_id": alert.pk,
        "shift_id": shift.pk,
        "step_id": step.pk,
        "prompt_id": came.pk,
        "secret": "A" * 22,
        "signed": "A" * 22,
        "status": 404,
        "key": next(iter(card.key for card in world.version.document.learn), "none"),
    }
    return House(actors, rows, ("CANARY-7741", "Canaryworth"))


def a_shift(world: World) -> OnCallShift:
    at = timezone.now()
    span = {"starts_at": at - timedelta(hours=1), "ends_at": at + timedelta(hours=7)}
    return OnCallShift.objects.create(
        clinic=world.clinic, staff=world.nurse, seat=0, added_at=at, added_by=world.nurse, **span
    )


def phone_of(owner: Patient, *, scope: DeviceScope = DeviceScope.FULL) -> Client:
    with tenant(owner.clinic_id):
        device = Device.objects.create(clinic_id=owner.clinic_id, patient=owner, bound_at=HOUR_ZERO, scope=scope)
    browser = Client()
    session = browser.session
    session[DEVICE], session[CLINIC] = str(device.pk), str(owner.clinic_id)
    session.save()
    return browser


def escort_of(world: World, treatment: Treatment) -> Client:
    """The browser of somebody who said yes to pick the patient up."""
    with tenant(world.clinic.pk):
        return opened(a_joined(treatment, an_escort(world)))


def guest_of(secret: str) -> Client:
    """The browser of somebody who was given a link to a copy."""
    browser = Client()
    browser.get(reverse("journal:open_share", args=[secret]))
    return browser


def signed_in(at: World, role: Role) -> Client:
    browser, member = Client(), make_staff(at.clinic, role)
    User.objects.filter(pk=member.user.pk).update(password="a hash")
    browser.force_login(User.objects.get(pk=member.user.pk))
    SignIn.objects.update(is_strong=True)
    return browser


def addresses(resolver: URLResolver, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every named address with the names of what stands in it."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield ":".join((*spaces, entry.name or "")), tuple(entry.pattern.converters)
        else:
            yield from addresses(entry, (*spaces, entry.namespace) if entry.namespace else spaces)


ADDRESSES = dict(addresses(get_resolver()))


def test_every_address_stands_in_the_table_and_nothing_else() -> None:
    assert set(ADDRESSES) == set(DOORS)


def expected(door: Door, actor: Actor, method: str) -> frozenset[int]:
    """The statuses that this actor may get at this door."""
    if method not in BOTH:
        return frozenset({405})
    known = method in door.methods
    handled = HANDLED if known else frozenset({405})
    match door.audience:
        case "demo":
            return frozenset({404})
        case "hook":
            return frozenset({403}) if known else handled
        case "public":
            return handled | ({404} if known else set())
        case "staff":
            is_there = actor.is_ours and door.of != "colleague's step"
            gone = {404} if method != "POST" or door.of != "colleague's step" else {303}  # as for a second tap
            return expected_of_staff(door, actor, handled if is_there or not (known and door.of) else gone)
        case _:
            is_strange = door.of == "own" and not actor.is_ours and known
            admitted = frozenset({404}) if is_strange else handled
            admits, away = (
                ({door.audience}, frozenset({410}))
                if door.audience in {"escort", "guest"}
                else ({"patient", door.audience}, AWAY)
            )
            return admitted if actor.kind in admits else away


def expected_of_staff(door: Door, actor: Actor, handled: Collection[int]) -> frozenset[int]:
    if actor.role is None:
        return AWAY
    return frozenset(handled if actor.role in door.roles else {403})


def send(browser: Client, method: str, address: str) -> HttpResponse:
    call: Callable[..., Any] = getattr(browser, method.lower())
    response: HttpResponse = call(address)
    return response


@pytest.mark.parametrize("audience", sorted({door.audience for door in DOORS.values()}))
def test_the_doors_open_to_their_own_and_to_nobody_else(audience: str, house: House) -> None:
    """Nobody else sees a word of the patient either; and looking, or being refused, writes nothing."""
    names = [name for name, door in DOORS.items() if door.audience == audience]
    assert [line for name in names for line in wrong_at(name, house)] == []


def wrong_at(name: str, house: House) -> list[str]:
    """One door, tried by everybody."""
    try:
        address = reverse(name, kwargs={key: house.rows[key] for key in ADDRESSES[name]})
    except NoReverseMatch:
        pytest.fail(f"{name} can't be addressed with the rows that this test knows")
    wrong = []
    for who, actor in house.actors.items():
        # HEAD is answered as GET, and no method of ours is refused before anybody is asked who they are: three show it.
        for method in METHODS if who in TRIES_ALL else ("GET", "POST"):
            response, writes = tried(actor.browser, method, address)
            allowed = expected(DOORS[name], actor, method)
            if response.status_code not in allowed:
                wrong.append(f"{who} {method} {address}: {response.status_code}, not {sorted(allowed)}")
            if is_told(response, house.canaries) and not (actor.is_ours and actor.kind != "stranger"):
                wrong.append(f"{who} {method} {address}: shows the patient")
            acts = method == "POST" and response.status_code in HANDLED and DOORS[name].of != "colleague's step"
            if writes and not acts:
                wrong.append(f"{who} {method} {address}: writes {writes}")
    return wrong


def tried(browser: Client, method: str, address: str) -> tuple[HttpResponse, list[str]]:
    """The answer, and which tables it wrote; then everything is as it was."""
    cookies = browser.cookies.output()
    reset_queries()  # Django keeps the last few thousand
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        response = send(browser, method, address)
        transaction.set_rollback(True)
    if browser.cookies.output() != cookies:
        browser.cookies.load(cookies.replace("Set-Cookie: ", ""))
    words = [query["sql"].split() for query in queries]
    written = [f"{each[0]} {each[2 if each[0] != 'UPDATE' else 1]}" for each in words if each[0] in WRITES]
    return response, [line for line in written if not any(table in line for table in OF_THE_SESSION)]


WRITES = {"INSERT", "UPDATE", "DELETE"}
# Who somebody is has to be kept, and when they were last there; and tries are counted.
OF_THE_SESSION = ("django_session", "accounts_signin", "aftercare_cache", "accounts_throttle")


def is_told(response: HttpResponse, canaries: tuple[str, ...]) -> bool:
    return any(canary.encode() in response.getvalue() for canary in canaries)
