"""An escort reads in English or in Spanish, as their phone asks for or as they pick; their yes and their texts too."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Consent, Escort
from accounts.wordings import IN_OTHER_LANGUAGES
from aftercare.templatetags.lines import unbroken
from aftercare.words import found_words
from pickup.models import PickupLink
from pickup.services import say_cant_come, set_out, withdraw_link
from prompts.replies import read_reply
from prompts.states import ReplyKind
from prompts.words import escort_message
from tests import catalog
from tests.pickup.ways import a_joined, a_link, an_escort, opened, path_of
from tests.reading import EASY_ES, ease_es, sentences
from tests.world import World
from timeline.models import ProtocolVersion, Treatment
from timeline.packs import read_visit_lists_for
from timeline.phases import clock_words_es
from timeline.protocol import digest, dump
from timeline.states import TreatmentState, VersionState

pytestmark = pytest.mark.django_db
SPANISH = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.8"}
# What stands on both: names, the clinic's own, numbers, the door word, the other language's name.
_OWN = re.compile(r"Maya|Jo|Cedar|\d|988|Emergencia|Error")


class _Words(HTMLParser):
    """The text of a page, block by block, with what is in English on it left out."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self._stack: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"input", "meta", "link", "use", "path", "circle", "br"}:
            is_left_out = tag in {"script", "style", "svg"} or (tag != "html" and dict(attrs).get("lang") == "en")
            self._stack.append((tag, is_left_out))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Holds nothing."""

    def handle_endtag(self, tag: str) -> None:
        while self._stack and self._stack.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if (text := " ".join(data.split())) and not any(left_out for _, left_out in self._stack):
            self.blocks.append(text)


def blocks(browser: Client, path: str = "/pickup/") -> list[str]:
    reader = _Words()
    reader.feed(browser.get(path).content.decode())
    return [text for text in reader.blocks if re.search(r"[^\W\d_]{2}", text)]


def pick(browser: Client, language: str, back: str = "/pickup/") -> str:
    response = browser.post("/pickup/language/", {"language": language, "next": back})
    assert response.status_code == 303
    return str(response["Location"])


def lang(browser: Client, path: str = "/pickup/") -> str:
    found = re.search(r'<html lang="(\w+)"', browser.get(path).content.decode())
    return found[1] if found else ""


@pytest.fixture
def spanish(link: PickupLink) -> Client:
    browser = opened(link)
    pick(browser, "es")
    return browser


def test_the_first_guess_is_what_the_phone_asks_for_and_a_look_keeps_nothing(visit: Treatment, jo: Escort) -> None:
    browser = opened(a_link(visit, jo), Client(headers=SPANISH))
    assert lang(browser) == "es" and "¿Usted recoge a Maya?" in blocks(browser)
    assert lang(opened(a_link(visit, jo), Client(headers={"Accept-Language": "fr"}))) == "en"
    jo.refresh_from_db()
    assert jo.language == ""


def test_the_yes_is_kept_in_the_words_that_were_read_and_with_their_version(visit: Treatment, jo: Escort) -> None:
    link = a_link(visit, jo)
    browser = opened(link, Client(headers=SPANISH))
    assert browser.post("/pickup/", {"said_name": "Jo", "texts": "on", "asked": "on"}).status_code == 303
    kept = {consent.kind: consent for consent in Consent.objects.filter(escort=jo)}
    assert set(kept) == set(IN_OTHER_LANGUAGES["es"])
    for kind, consent in kept.items():
        words = IN_OTHER_LANGUAGES["es"][kind]
        assert consent.version == words.version and consent.version.endswith("-es")
        assert consent.wording == words.text.format(patient="Maya", sender=visit.patient.clinic.sender_name)
    jo.refresh_from_db()
    assert jo.language == "es"


def test_a_switch_counts_for_the_next_look_and_for_other_phones_and_leads_back(
    link: PickupLink, escort: Client
) -> None:
    assert lang(escort) == "en"
    assert pick(escort, "es", "/pickup/tonight/") == "/pickup/tonight/"
    link.escort.refresh_from_db()
    assert (lang(escort), lang(escort, "/pickup/tonight/"), link.escort.language) == ("es", "es", "es")
    assert lang(opened(link)) == "es"
    assert pick(escort, "en", "//evil.example/") == "/pickup/"
    assert lang(escort) == "en"


def test_before_a_name_was_typed_a_switch_is_this_browsers_alone(link: PickupLink) -> None:
    stranger = Client()
    stranger.get(path_of(link))
    pick(stranger, "es")
    link.escort.refresh_from_db()
    assert (lang(stranger), link.escort.language) == ("es", "en")


def test_a_language_that_we_do_not_have_changes_nothing(escort: Client) -> None:
    for language in ("fr", "", "es' --", "x" * 5000):
        pick(escort, language)
        assert lang(escort) == "en"


def test_what_opens_nothing_speaks_it_too_and_what_goes_wrong(link: PickupLink, spanish: Client) -> None:
    assert "Esta página se abre con un botón" in blocks(spanish, "/pickup/step/")
    assert "Aquí no hay ninguna página" in blocks(spanish, "/pickup/nowhere/")
    withdraw_link(link, by=link.treatment.patient, at=timezone.now())
    assert "Este enlace no abre nada" in blocks(spanish) and lang(spanish) == "es"
    assert "Este enlace no abre nada" in blocks(Client(headers=SPANISH))
    assert lang(spanish, "/nowhere/") == "en"


def test_a_patients_pages_stay_as_they_are(world: World, phone: Client, link: PickupLink) -> None:
    browser = opened(link, phone)
    pick(browser, "es")
    assert (lang(browser), lang(browser, "/")) == ("es", "en")


PAGES = ("/pickup/", "/pickup/tonight/", "/pickup/cant-come/", "/pickup/stop/")
STATES = tuple(state for state in TreatmentState if state != TreatmentState.CANCELLED)


def every_page(link: PickupLink, browser: Client, visit: Treatment) -> list[list[str]]:
    """All that an escort can read, in each state of the visit and of their way."""
    pages = [blocks(browser, path) for path in PAGES]
    for state in STATES:
        Treatment.objects.filter(pk=visit.pk).update(state=state)
        pages.append(blocks(browser))
    Treatment.objects.filter(pk=visit.pk).update(state=TreatmentState.RECOVERING)
    for act in (set_out, say_cant_come):
        act(link, at=timezone.now())
        pages.append(blocks(browser))
    stranger = Client(headers=SPANISH)
    stranger.get(path_of(link))
    return [*pages, blocks(stranger), blocks(Client(headers=SPANISH))]


def test_nothing_is_left_in_english(link: PickupLink, escort: Client, visit: Treatment) -> None:
    english = {text for page in (blocks(escort, path) for path in PAGES) for text in page}
    pick(escort, "es")
    left = {text for page in every_page(link, escort, visit) for text in page if text in english}
    assert {text for text in left if not _OWN.search(text)} == set()


def test_every_page_in_spanish_is_easy_to_read(link: PickupLink, spanish: Client, visit: Treatment) -> None:
    for page in every_page(link, spanish, visit):
        text = "\n".join(page)
        assert ease_es(text) >= EASY_ES, text
        assert [sentence for sentence in sentences(text) if len(sentence.split()) > 18] == []


# docs/clinical.md, 9: common, never normal; nobody is blamed, hurried or soothed. As tests/timeline/test_packs.py in English.
UNKIND_ES = frozenset(
    {
        *("normal", "normales", "normalmente", "anormal", "anormales", "debería", "deberías", "deben", "simplemente"),
        *("relájese", "cálmese", "tranquilo", "tranquila", "falló", "fallo", "fallido", "atrasado", "atrasada"),
        *("usuario", "usuaria", "sagrado", "mágico", "loco", "loca", "víctima", "sufre", "sufrir", "cura", "racha"),
        *("felicidades", "disociación", "neuroplasticidad", "administrar", "transitorio", "vigilamos", "drogado"),
    }
)
UNKIND_PHRASES_ES = ("no se preocupe", "no pasa nada", "está a salvo", "efecto adverso", "evento adverso")


def unkind_es(text: str) -> list[str]:
    """What a text in Spanish may not say to somebody in the middle of such a night."""
    found = found_words(text, UNKIND_ES) + [phrase for phrase in UNKIND_PHRASES_ES if phrase in text.casefold()]
    return found + re.findall("[!¡]", text)


def test_no_word_in_spanish_is_unkind() -> None:
    said = {entry.msgid: entry.msgstr for entry in catalog.read() if not entry.obsolete}
    said |= {kind: words.text for kind, words in IN_OTHER_LANGUAGES["es"].items()}
    assert {key: found for key, text in said.items() if (found := unkind_es(text))} == {}


def test_no_page_in_spanish_is_unkind(link: PickupLink, spanish: Client, visit: Treatment) -> None:
    assert [found for page in every_page(link, spanish, visit) if (found := unkind_es("\n".join(page)))] == []


@pytest.mark.parametrize("text", ["Esto es normal", "Algo falló", "No se preocupe.", "¡Gracias!"])
def test_an_unkind_word_in_spanish_is_found(text: str) -> None:
    assert unkind_es(text)
    assert not unkind_es("Esto es común. Si toca Sí, avisamos a la clínica.")


@pytest.mark.parametrize("path", ["/pickup/cant-come/", "/pickup/stop/"])
def test_a_question_says_what_a_yes_will_do_and_not_that_it_is_done(path: str, escort: Client) -> None:
    assert "If you tap Yes, we tell the clinic." in " ".join(blocks(escort, path))
    pick(escort, "es")
    assert "Si toca Sí, avisamos a la clínica." in " ".join(blocks(escort, path))


def test_a_protocol_without_spanish_shows_its_duties_in_english_and_says_so(world: World) -> None:
    document = replace(world.version.document, lists=replace(read_visit_lists_for("iv"), es=None))
    version = ProtocolVersion.objects.create(
        clinic=world.clinic,
        protocol=world.version.protocol,
        number=2,
        state=VersionState.DRAFT,
        content=dump(document),
        digest=digest(document),
        created_at=timezone.now(),
    )
    visit = replace(world, version=version).treatment(TreatmentState.RECOVERING, hour_zero=timezone.now())
    browser = opened(a_joined(visit, an_escort(world)))
    pick(browser, "es")
    for path, said in (("/pickup/", "Before you go"), ("/pickup/tonight/", "Light sleep, with vivid or bad dreams.")):
        assert said in browser.get(path).content.decode()
        assert said not in blocks(browser, path)  # which leaves out what is marked as English


def test_times_in_spanish() -> None:
    zone, today = ZoneInfo("America/New_York"), datetime(2026, 11, 27, 20, tzinfo=UTC)

    def said(day: int, hour: int, minute: int = 0) -> str:
        moment = datetime(2026, 11, day, hour, minute, tzinfo=zone)
        return clock_words_es(moment, zone=zone, today=today).replace("\N{NO-BREAK SPACE}", " ")

    assert said(27, 15, 40) == "3:40 p. m."
    assert (said(28, 8), said(26, 12)) == ("8 a. m. de mañana", "mediodía de ayer")
    assert (said(28, 0), said(29, 9)) == ("medianoche", "9 a. m. del domingo 29 de noviembre")
    assert " " not in unbroken(clock_words_es(today, zone=zone, today=today))


def test_a_text_comes_in_their_language_and_fits_one_message() -> None:
    link = f"https://aftercare.example.org/f/{'A' * 22}/"
    text = escort_message(link=link, sender_name="Cedar Street", language="es").text
    assert text == f"Cedar Street: por favor, mire su lista. {link} Responda STOP para terminar."
    assert len(text) <= 160 and text.isascii()
    assert escort_message(link=link, sender_name="Cedar Street", language="").text.endswith("Reply STOP to end.")


@pytest.mark.parametrize("word", ["PARAR", "Pare.", "alto", "¡BASTA!", "cancelar", "No más"])
def test_a_stop_in_spanish_is_heard(word: str) -> None:
    assert read_reply(word) == ReplyKind.STOP
