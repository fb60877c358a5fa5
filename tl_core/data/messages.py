"""A generated sample of texts: short messages to a shop, in four kinds, always the same.

Each of sixty sentences is said in five ways. All ways of one sentence form a group, which no
split divides: what is held out says something that was never said in training.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

WAYS = 5
PER_CLASS = 15 * WAYS
_SEED = 20

_OPENINGS = (
    "", "", "", "Hello, ", "Hi there, ", "Good morning, ", "Dear team, ", "Quick question: ",
    "Sorry to bother you, but ", "I need help, ",
)  # fmt: skip
_THINGS = (
    "the blue jacket", "my new lamp", "the kettle", "a pair of boots", "the two books",
    "my headphones", "the garden chair", "a birthday present", "the coffee machine", "my order",
    "the rug from last week", "the phone case",
)  # fmt: skip
_CLOSINGS = (
    "", "", "", " Thanks.", " Please let me know.", " Kind regards, Sam", " Can you look into it?",
    " I am a bit worried.", " Many thanks for your help!",
)  # fmt: skip
_SAID: dict[str, tuple[str, ...]] = {
    "delivery": (
        "{thing} should have been here on {day}, where is it?",
        "the courier left {thing} with a neighbour who I do not know.",
        "how many days does {thing} take to reach a small island?",
        "nobody rang the bell on {day} and yet {thing} is marked as handed over.",
        "can {thing} be dropped at my office instead of my home?",
        "the parcel tracking has not moved since {day}.",
        "is there a way to have {thing} before {day}?",
        "half of the parcel is here, {thing} is still on its way it seems.",
        "what time will the van come on {day}?",
        "your driver threw {thing} over the fence.",
        "I will be on holiday, can you hold back {thing} until I am home?",
        "the box was soaked by rain when I found it on the step.",
        "has {thing} left the warehouse?",
        "does it cost more to ship {thing} abroad?",
        'the app says "delivered", my letter box is empty.',
    ),
    "payment": (
        "you have charged me twice for {thing}.",
        "my card was declined on {day} although there is enough money on it.",
        "could I have an invoice for {thing} with the name of my firm?",
        "the voucher was not taken off the total when I bought {thing}.",
        "can I pay for {thing} in three parts?",
        "the amount on my statement of {day} is higher than what you showed me.",
        "do you accept bank transfer for {thing}?",
        "the money I sent on {day} is still not booked.",
        "why is there a fee of two euros on top of the price?",
        "I typed a wrong number of my credit card, what now?",
        "is there a discount when I take ten of them?",
        "the tax on the receipt for {thing} looks wrong.",
        "may I settle the bill at the end of the month?",
        "the checkout hung and I do not know whether I have paid.",
        "my gift card shows a balance of zero.",
    ),
    "returns": (
        "{thing} is too small, how do I send it back?",
        "I changed my mind about {thing} and would like my money back.",
        "{thing} broke after one use, I want another one.",
        "where is the label to give {thing} back?",
        "I sent {thing} back on {day}, when will I be refunded?",
        "the colour of {thing} is not what the pictures show, can I swap it?",
        "how long may I keep {thing} before I have to decide?",
        "there is a scratch on {thing}, do you take it back?",
        "{thing} does not work at all, please exchange it.",
        "do I have to pay the postage when it does not fit?",
        "this is not what I had chosen, it is the wrong size.",
        "I threw the box away, will you still accept {thing}?",
        "a button is missing on {thing}, can it be repaired?",
        "can I hand {thing} in at one of your stores instead of posting it?",
        "I never used it, so I want a refund.",
    ),
    "account": (
        "I cannot log in since {day}, the password is not accepted.",
        "please change the email address on my profile.",
        "how do I delete everything you have stored about me?",
        "the code you text me to sign in never comes.",
        "somebody else bought {thing} with my login on {day}.",
        "I moved house, where can I change my details?",
        "can two of us share one profile and see {thing} in it?",
        "stop sending me the newsletter, I got five since {day}.",
        "my user name is spelled wrong, how can I correct it?",
        "I have forgotten my password.",
        "why am I signed out each time I close the window?",
        "which of my personal data do you share with others?",
        "I would like to register as a firm.",
        "your site says that I do not exist as a customer.",
        "turn off the notifications on my phone, please.",
    ),
}
_DAYS = ("Monday", "Tuesday", "Thursday", "Friday", "Saturday", "the 3rd", "the 21st", "yesterday")


def write_messages() -> Iterator[tuple[str, str, str]]:
    """Yield (class, group, message); no two messages are the same."""
    draw = random.Random(_SEED)
    for label, sentences in _SAID.items():
        for number, sentence in enumerate(sentences):
            seen: set[str] = set()
            while len(seen) < WAYS:
                message = _said(sentence, draw)
                if message not in seen:
                    seen.add(message)
                    yield label, f"{label} {number}", message


def _said(sentence: str, draw: random.Random) -> str:
    """Return the sentence as somebody might write it."""
    said = sentence.format(thing=draw.choice(_THINGS), day=draw.choice(_DAYS))
    opening = draw.choice(_OPENINGS)
    begun = said if opening else said[0].upper() + said[1:]
    return f"{opening}{begun}{draw.choice(_CLOSINGS)}"
