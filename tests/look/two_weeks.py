"""Ways to the two-week questions: sent with an answer to each item, or with some left out."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

# The same page each time, so that looking again makes no second alert.
_KEY = "5b0d4f5e-6c7e-4f3e-9a51-000000000009"
_SEND = """
([action, fields]) => {
  const form = document.createElement("form");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const [name, value] of [["csrfmiddlewaretoken", token], ...fields]) {
    form.append(Object.assign(document.createElement("input"), {name, value}));
  }
  document.body.append(Object.assign(form, {method: "post", action}));
  form.submit();
}
"""


def sent(*answers: int | None) -> Callable[[Page], object]:
    """The first page of questions, sent with these answers; None leaves an item out."""

    def go(page: Page) -> None:
        page.goto("/set-up/home/")
        given = [(f"q{number}", str(answer)) for number, answer in enumerate(answers, start=1) if answer is not None]
        with page.expect_navigation():
            page.evaluate(_SEND, ["/set-up/two-weeks/1/", [("key", _KEY), ("kind", "phq9"), *given]])

    return go
