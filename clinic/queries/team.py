"""The people of the clinic, as its managers see them, and the pages that ask about one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator

from accounts.models import Clinic, StaffMember, Token
from accounts.second_steps import APP, PASSKEY, REAL
from accounts.states import TokenKind
from clinic.queries.asks import Ask
from timeline.phases import clock_words


@dataclass(frozen=True, slots=True)
class TeamAct:
    """One thing that a manager may do with somebody, after a page that asks."""

    name: str
    label: str
    icon: str

    @property
    def url(self) -> str:
        return f"clinic:{self.name}"


ROLE = TeamAct("change_role", "Change the role", "pencil")
LET_IN = TeamAct("invite_again", "Let them in again", "send")
LOST = TeamAct("invite_again", "They lost their second step", "send")
NEW_LINK = TeamAct("invite_again", "Make a new link", "send")
WITHDRAW = TeamAct("withdraw_invitation", "Withdraw the invitation", "x")
INVITED, CLOSED = "Invited", "No access"
DEACTIVATE = TeamAct("deactivate_staff", "Take away access", "lock")


@dataclass(frozen=True, slots=True)
class Member:
    """One person: what they may do, and whether and how they can sign in; `until` when their link works."""

    member_id: UUID
    name: str
    email: str
    role: str
    state: str
    tone: str
    until: str
    second_step: str
    is_you: bool
    acts: tuple[TeamAct, ...]


def colleague_with(clinic: Clinic, email: str) -> StaffMember | None:
    """Whoever of this clinic has this address, in or out."""
    return StaffMember.objects.filter(clinic=clinic, user__email__iexact=email).first()


def staff_invitation(stored: str) -> Token | None:
    """The link with this stored form, whatever became of it: its page has to say why it opens nothing any more."""
    return Token.objects.filter(kind=TokenKind.STAFF_INVITATION, hash=stored).first()


def invited(token: Token) -> StaffMember:
    """Whom a link is for, with what the page of it names."""
    return StaffMember.objects.select_related("user", "clinic", "clinic__country").get(pk=token.subject)


def team(clinic: Clinic, *, by: StaffMember, at: datetime) -> tuple[Member, ...]:
    """Everybody who was ever on the staff, by name, those who are in first. Three queries."""
    return tuple(sorted(_members(clinic, by=by, at=at), key=lambda member: (member.state == CLOSED, member.name)))


def team_member(clinic: Clinic, member_id: UUID, *, by: StaffMember, at: datetime) -> Member | None:
    return next((member for member in _members(clinic, by=by, at=at) if member.member_id == member_id), None)


def member_or_none(clinic: Clinic, member_id: UUID) -> StaffMember | None:
    """Staff stand outside the walls between clinics: the clinic is part of every question."""
    return StaffMember.objects.filter(clinic=clinic, pk=member_id).select_related("user", "clinic").first()


def _members(clinic: Clinic, *, by: StaffMember, at: datetime) -> Iterable[Member]:
    people = list(StaffMember.objects.filter(clinic=clinic).select_related("user").order_by("name", "pk"))
    steps: dict[int, set[str]] = {}
    for user_id, kind in Authenticator.objects.filter(user__staff_member__clinic=clinic, type__in=REAL).values_list(
        "user_id", "type"
    ):
        steps.setdefault(user_id, set()).add(kind)
    links, zone = _last_links(clinic), ZoneInfo(clinic.zone)
    for person in people:
        link = links.get(person.pk)
        state, tone, acts = _state(person, link, at=at)
        yield Member(
            member_id=person.pk,
            name=str(person),
            email=person.user.email,
            role=person.get_role_display(),
            state=state,
            tone=tone,
            until=clock_words(link.expires_at, zone=zone, today=at) if link and state == INVITED else "",
            second_step=_steps_words(steps.get(person.user_id, set())),
            is_you=person.pk == by.pk,
            acts=() if person.pk == by.pk else acts,
        )


def _last_links(clinic: Clinic) -> dict[UUID, Token]:
    """The newest invitation of each person that was not withdrawn."""
    links = Token.objects.filter(clinic=clinic, kind=TokenKind.STAFF_INVITATION, revoked_at=None).order_by("pk")
    return {link.subject: link for link in links}


def _state(person: StaffMember, link: Token | None, *, at: datetime) -> tuple[str, str, tuple[TeamAct, ...]]:
    """In words, with the colour of the tag, and what may be done."""
    if person.is_active:
        return "Can sign in", "good", (ROLE, LOST, DEACTIVATE)
    if link is None or link.used_at:
        return CLOSED, "", (LET_IN, ROLE)
    if link.expires_at > at:
        return INVITED, "now", (NEW_LINK, ROLE, WITHDRAW)
    return "Invitation ran out", "warn", (NEW_LINK, ROLE)


def _steps_words(kinds: set[str]) -> str:
    words = [word for kind, word in ((PASSKEY, "passkey"), (APP, "app")) if kind in kinds]
    return " and ".join(words).capitalize() or "None yet"


def ask_deactivate_staff(member: StaffMember) -> Ask:
    return Ask(
        url="clinic:deactivate_staff",
        heading=f"Take away the access of {member}?",
        points=(
            "They are signed out at once, on every device. Their password and second steps are gone.",
            "What they did stays on record with their name.",
            "You can let them in again later, with a new link.",
        ),
        button=DEACTIVATE.label,
    )


def ask_invite_again(member: StaffMember) -> Ask:
    first = (
        "They are signed out at once, on every device. Their password and second steps are gone."
        if member.is_active
        else "A link that they have now stops working."
    )
    return Ask(
        url="clinic:invite_again",
        heading=f"Make a new link for {member}?",
        points=(
            first,
            "The next page shows a link, once. Give it to them yourself, and be sure that it is them.",
            "It works once, for 48 hours. With it they pick a new password and a second step.",
        ),
        button="Make the link",
    )


def ask_withdraw_invitation(member: StaffMember) -> Ask:
    return Ask(
        url="clinic:withdraw_invitation",
        heading=f"Withdraw the invitation of {member}?",
        points=("Their link stops working at once.", "You can make a new one at any time."),
        button=WITHDRAW.label,
    )
