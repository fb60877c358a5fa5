"""What the catalogs of other languages lack: `python -m tests.catalogs` lists it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tl_core import i18n

LOCALE = Path(i18n.__file__).with_name("locale")
POT = LOCALE / "thaw.pot"
OTHERS = tuple(code for code in i18n.LANGUAGES if code != i18n.SOURCE)
"""Every language but that of the source."""


def read(path: Path, code: str | None = None) -> Catalog:
    """Read a catalog."""
    with path.open("rb") as file:
        return read_po(file, locale=code)


def catalog(code: str) -> Catalog:
    """Read the catalog of a language."""
    return read(LOCALE / code / "LC_MESSAGES" / "thaw.po", code)


def forms(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return singular and plural, or the one form of a text."""
    return (text,) if isinstance(text, str) else tuple(text)


def translated(code: str) -> Iterator[tuple[Message, Message]]:
    """Yield each text of the source beside what a language makes of it."""
    known = catalog(code)
    for message in read(POT):
        if message.id and (found := known.get(message.id)) is not None:
            yield message, found


def missing(code: str) -> list[str]:
    """Return the texts that a language has not, or not surely, or not in every form."""
    whole = {
        message.id for message, found in translated(code)
        if not found.fuzzy and found.string and all(forms(found.string))
    }  # fmt: skip
    return [forms(one.id)[0] for one in read(POT) if one.id and one.id not in whole]


def main() -> None:
    """List what each language lacks."""
    for code in OTHERS:
        lacking = missing(code)
        print(f"{i18n.LANGUAGES[code]}: {len(lacking)} texts to translate")
        print(*(f"  {text}" for text in lacking), sep="\n")


if __name__ == "__main__":
    main()
