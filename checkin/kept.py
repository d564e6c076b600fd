"""What a patient's copy tells of check-ins, questionnaires and logs: what was asked, and what was answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from accounts.copies import Section
from accounts.models import Patient
from checkin.flow import gaps_of
from checkin.models import CheckIn, DailyLog, LogChoice, Questionnaire
from checkin.queries import rules_of
from checkin.questionnaires import ANSWERS, INSTRUMENTS
from checkin.states import PACES, AnsweredBy, LogPace, Moment
from checkin.words import answer_lines
from timeline.levels import Level, worst

_MOMENTS = {
    Moment.NOW: "How you feel now",
    Moment.SCHEDULED: "At a time of the plan",
    Moment.HOME: "At home",
    Moment.BEDTIME: "At bedtime",
    Moment.MORNING: "In the morning",
    Moment.LOG: "After your log",
}
_BY = {AnsweredBy.PATIENT: "You", AnsweredBy.ESCORT: "A helper", AnsweredBy.STAFF: "Staff, as you told them"}
_LEVELS = {
    Level.ROUTINE: "No call was needed",
    Level.CALL_TODAY: "A call that day",
    Level.URGENT: "A call at once",
    Level.CRISIS: "The crisis line",
    Level.EMERGENCY: "The emergency number",
}


def sections(patient: Patient, at: datetime) -> list[Section]:
    """Six queries (one more for each protocol version that is read for the first time)."""
    return [_check_ins(patient), _questionnaires(patient), _logs(patient)]


def _check_ins(patient: Patient) -> Section:
    found = (
        CheckIn.objects.filter(patient=patient)
        .select_related("treatment__protocol_version")
        .prefetch_related("answers", "readings")
        .order_by("began_at", "pk")
    )
    rows = [
        {
            "When": check_in.began_at,
            "For": _MOMENTS[Moment(check_in.moment)],
            "Who answered": _BY[AnsweredBy(check_in.answered_by)],
            "Answers": _answers(check_in, patient),
            "What it led to": _LEVELS[worst(Level(reading.level) for reading in check_in.readings.all())],
        }
        for check_in in found
    ]
    return Section("check_ins", "Your check-ins", "What we asked and what you said.", rows, order=30)


def _answers(check_in: CheckIn, patient: Patient) -> list[dict[str, Any]]:
    """Those that stand. One to a question that nobody knows any more stands by its key."""
    given = sorted(check_in.answers.all(), key=lambda answer: answer.number)
    stand = {answer.question: answer for answer in given}
    rules = rules_of(check_in.treatment, patient.clinic)
    asked, gaps = {question.key: question.text for question in rules.questions}, gaps_of(rules)
    rows = []
    for question, answer in stand.items():
        lines = answer_lines({question: answer.answer}, rules=rules)
        said = lines[0].answer if lines else answer.answer
        rows.append(
            {"Question": asked.get(question, question).format_map(gaps), "Answer": said, "When": answer.answered_at}
        )
    return rows


def _questionnaires(patient: Patient) -> Section:
    rows = [
        {
            "When": row.answered_at,
            "Asked": INSTRUMENTS[row.kind].stem,
            "Answers": [
                {"Question": item, "Answer": ANSWERS[answer]}
                for item, answer in zip(INSTRUMENTS[row.kind].items, row.answers, strict=False)
            ],
        }
        for row in Questionnaire.objects.filter(patient=patient).order_by("answered_at", "pk")
    ]
    return Section("questions", "Questions of two weeks", "Each time that you answered them.", rows, order=32)


def _logs(patient: Patient) -> Section:
    rows: list[dict[str, Any]] = [
        {
            "Day": log.day,
            "Mood, 0 to 10": log.mood,
            "Sleep, 0 to 10": log.sleep,
            "Worry, 0 to 10": log.worry,
            "Minutes slept": log.slept_minutes,
            "For the clinic": log.for_clinic or None,
            "Kept": log.logged_at,
        }
        for log in DailyLog.objects.filter(patient=patient).order_by("day", "logged_at")
    ]
    rows += [
        {"How often we ask": PACES[LogPace(choice.pace)], "Picked": choice.chosen_at}
        for choice in LogChoice.objects.filter(patient=patient)
    ]
    return Section("logs", "Your log", "How your days were. The last one of a day counts.", rows, order=34)
