"""The first run: who you are, what the workspace is called, and how it is locked. A flow, as data."""

from __future__ import annotations

from app.viewmodels.flow import Answers, Check, Question, Step

NAME, COMPUTER, WORKSPACE, LOCK, PASSPHRASE, AGAIN = (
    "name",
    "computer",
    "workspace",
    "lock",
    "passphrase",
    "again",
)
WITH_PASSPHRASE, UNPROTECTED = "passphrase", "unprotected"
SHORTEST = 8


def filled(name: str, sentence: str) -> Check:
    """A check that something was typed."""
    return lambda answers: "" if answers.get(name, "").strip() else sentence


def locked(answers: Answers) -> bool:
    """Whether a passphrase is wanted."""
    return answers.get(LOCK, WITH_PASSPHRASE) == WITH_PASSPHRASE


def long_enough(answers: Answers) -> str:
    """A short passphrase is guessed by whoever has the disk."""
    if len(answers.get(PASSPHRASE, "")) >= SHORTEST:
        return ""
    return f"Use at least {SHORTEST} letters; four words that mean nothing together are good."


def the_same(answers: Answers) -> str:
    """A passphrase typed wrongly once would lock you out."""
    if answers.get(PASSPHRASE, "") == answers.get(AGAIN, ""):
        return ""
    return "The two differ. Type the same passphrase again."


STEPS = (
    Step(
        "welcome",
        "Commonhold",
        "Your team's records, on your own machines. Nothing leaves this computer, and everything works offline.",
        forward="Start on my own",
    ),
    Step(
        "who",
        "Who works here?",
        "The names stand beside what you change. You can choose any.",
        (
            Question(
                NAME,
                "Your name",
                filled(NAME, "Type a name, so that others know whose change it is."),
            ),
            Question(
                COMPUTER, "This computer's name", filled(COMPUTER, "Type a name for this computer.")
            ),
        ),
    ),
    Step(
        "workspace",
        "What is it for?",
        "A workspace holds all the lists of one team: stock, contacts, visits.",
        (
            Question(
                WORKSPACE, "Workspace name", filled(WORKSPACE, "Type a name for the workspace.")
            ),
        ),
    ),
    Step(
        "lock",
        "How is it locked?",
        "With a passphrase everything on this disk is encrypted. Nobody can bring a forgotten one back, "
        "but a recovery sheet, which you can make afterwards, sets a new one.",
        (
            Question(LOCK, "Lock"),
            Question(PASSPHRASE, "Passphrase", long_enough, locked, secret=True),
            Question(AGAIN, "Passphrase again", the_same, locked, secret=True),
        ),
        forward="Create the workspace",
    ),
)
