"""The script as captions: words, the cards they stand on, and when each is said."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tasks.sandbox.render.lettering import clusters

MOST_LINES = 2
# Scripts written without spaces: a line may break between any two letters.
UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9f]"
)
# Thai vowels that follow or precede their consonant; small kana.
NEVER_FIRST = "ะาำๅฯぁぃぅぇぉっゃゅょァィゥェォッャュョ"
NEVER_LAST = "เแโใไ"
SENTENCE_ENDS = ".!?…。！？।؟"
PAUSES = ",;:،，、；："

Marks = tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Word:
    """A piece of the script that a line is never broken inside. `spaced`: a space stands before it."""

    text: str
    spaced: bool
    at: float


@dataclass(frozen=True)
class Card:
    """What stands on the screen at one time. Seconds from the start of the speech."""

    lines: tuple[tuple[Word, ...], ...]
    start: float
    end: float

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in reading order."""
        return tuple(word for line in self.lines for word in line)

    def word_at(self, time: float) -> int:
        """Index of the word being said."""
        return max(0, bisect_right([word.at for word in self.words], time) - 1)


def cards(text: str, marks: Marks, seconds: float, fits: Callable[[str], bool]) -> list[Card]:
    """Lay the script out on cards of at most two lines, each line as long as `fits` allows.

    `marks` are positions in the text and the seconds at which they are said; without any the words are
    spread evenly.
    """
    pages = _pages(_words(text, _clock(text, marks, seconds)), fits)
    starts = [page[0][0].at for page in pages]
    ends = [*starts[1:], seconds]
    return [
        Card(tuple(map(tuple, page)), start, end)
        for page, start, end in zip(pages, starts, ends, strict=True)
    ]


def joined(words: Iterable[Word]) -> str:
    """A line of words as text."""
    return "".join((" " if word.spaced else "") + word.text for word in words).strip()


def _pages(words: list[Word], fits: Callable[[str], bool]) -> list[list[list[Word]]]:
    pages: list[list[list[Word]]] = []
    for sentence in _sentences(words):
        needed = -(-len(_wrapped(sentence, fits)) // MOST_LINES)
        for part in _even_parts(sentence, needed):
            lines = _wrapped(part, fits)
            halves = _even_parts(part, len(lines))
            even = len(lines) <= MOST_LINES and all(fits(joined(half)) for half in halves)
            balanced = halves if even else lines
            pages += [balanced[start : start + MOST_LINES] for start in range(0, len(balanced), MOST_LINES)]
    return pages


def _sentences(words: list[Word]) -> list[list[Word]]:
    sentences: list[list[Word]] = [[]]
    for word in words:
        sentences[-1].append(word)
        if word.text[-1] in SENTENCE_ENDS:
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def _wrapped(words: list[Word], fits: Callable[[str], bool]) -> list[list[Word]]:
    """As many words on a line as fit; a word that is too long alone gets its own line."""
    lines: list[list[Word]] = []
    for word in words:
        if lines and fits(joined([*lines[-1], word])):
            lines[-1].append(word)
        else:
            lines.append([word])
    return lines


def _even_parts(words: list[Word], count: int) -> list[list[Word]]:
    """Split into parts of about the same number of letters, a pause in the text being the better place."""
    whole = sum(len(word.text) for word in words)
    parts: list[list[Word]] = [[]]
    done = 0
    for word in words:
        middle = done + len(word.text) / 2
        early = bool(parts[-1]) and parts[-1][-1].text[-1] in PAUSES
        goal = whole * len(parts) / count - (whole * 0.12 if early else 0)
        if parts[-1] and len(parts) < count and middle > goal:
            parts.append([])
        parts[-1].append(word)
        done += len(word.text)
    return parts


def _words(text: str, said_at: Callable[[int], float]) -> list[Word]:
    words: list[Word] = []
    for match in re.finditer(r"\S+", text):
        spaced = True
        position = match.start()
        for piece in _pieces(match.group()):
            words.append(Word(piece, spaced, said_at(position)))
            position += len(piece)
            spaced = False
    return words


def _pieces(chunk: str) -> list[str]:
    """Split what stands between two spaces by letters, if its script has no spaces."""
    pieces: list[str] = []
    for cluster in clusters(chunk):
        if pieces and _stays(pieces[-1][-1], cluster[0]):
            pieces[-1] += cluster
        else:
            pieces.append(cluster)
    return pieces


def _stays(before: str, after: str) -> bool:
    """Whether no line may break between two letters."""
    closing = unicodedata.category(after) in ("Po", "Pe", "Pf", "Lm") or after in NEVER_FIRST
    opening = unicodedata.category(before) in ("Ps", "Pi") or before in NEVER_LAST
    return closing or opening or not (UNSPACED.match(before) or UNSPACED.match(after))


def _clock(text: str, marks: Marks, seconds: float) -> Callable[[int], float]:
    """When the letter at a position is said: known at the marks, in between in proportion."""
    known = sorted({0: 0.0, **dict(marks), len(text): seconds}.items())
    positions = [position for position, _ in known]

    def said_at(position: int) -> float:
        index = min(bisect_right(positions, position), len(known) - 1)
        (left, start), (right, end) = known[index - 1], known[index]
        share = (position - left) / max(1, right - left)
        return start + (end - start) * min(1.0, share)

    return said_at
