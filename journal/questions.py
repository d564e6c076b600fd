"""What may stand above an empty page, to begin with. One at a time, each can be changed or taken away. No Django.

From content lines S44 to S46 (pictures, feelings, thoughts and memories), in our own words. By night only what asks for little.
"""

from __future__ import annotations

from datetime import date

# Words that a person types count as much: a question is kept with the text as it stood there.
LONGEST_QUESTION = 200

DAY = (
    "What is one thing that stayed with you?",
    "Did any pictures come up? What did you see?",
    "What did you feel? One word will do.",
    "Did a thought or a memory come to you?",
    "How does your body feel now?",
    "Was there a song or a sound? What did it bring?",
    "Did you think of a person? What would you tell them?",
    "What was new, or not like before?",
    "What is one kind thing that you need now?",
)
NIGHT = (
    "What is one thing that you want to keep?",
    "What feels soft or safe right now?",
    "How does your body feel in this bed?",
    "One line is enough. What is on your mind?",
    "Is there a picture that you want to hold on to?",
)


def questions_for(*, is_night: bool, on: date) -> tuple[str, ...]:
    """All that are asked at this time of day, each day beginning with the next one."""
    found = NIGHT if is_night else DAY
    first = on.toordinal() % len(found)
    return found[first:] + found[:first]


def question_after(question: str, questions: tuple[str, ...]) -> str:
    """The one that comes after this one; the first after the last, and after one that is not asked here."""
    place = questions.index(question) + 1 if question in questions else 0
    return questions[place % len(questions)]
