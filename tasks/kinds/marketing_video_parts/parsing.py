"""Reading `M2vQueryResult`: previews and exports stand in one answer, each with a state of its own."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from tasks.kinds.base import FILM, Body, Brief, Output, Result, UnexpectedShape
from tasks.kinds.base.fields.segments import Pairs
from tasks.kinds.base.json_readers import rows, words

PREVIEWS, EXPORTS = "previewVideos", "exportVideos"
# Where the answer of listM2vScripts is put beside that of queryM2vTask.
SCRIPTS = "scripts"
# Milliseconds of a day; anything longer is no length of a video.
LONGEST = 24 * 3600 * 1000

NO_SIGN, RUNNING, SUCCESS = "", "running", "success"

Row = tuple[int, Result]
"""A row of one of the lists, after its position."""


def videos(result: Result, key: str) -> Iterator[Output]:
    """The finished videos of a list, each as soon as its words are known, or at the end without them."""
    scripts = scripts_of(result)
    is_over = words(result, "status") == SUCCESS
    for position, row in rows(result, key):
        number = script_id(row, position)
        if state_of(row) == SUCCESS and (number in scripts or is_over):
            yield from video(position, row, scripts.get(number, []))


def video(position: int, row: Result, segments: Pairs) -> Iterator[Output]:
    """One video, named after its script, once it has an address. Its facts are what later steps need."""
    number, title, url = script_id(row, position), words(row, "title"), words(row, "videoUrl")
    if url:
        yield Output(
            "video",
            url,
            key=str(number),
            position=position,
            seconds=_seconds(row),
            name=title,
            facts={"script_id": number, "title": title, "segments": segments, FILM: film_of(row)},
        )


def state_of(row: Result) -> str:
    """TopView's word for one video. Without one, it is there when it has an address."""
    return words(row, "status") or (SUCCESS if words(row, "videoUrl") else RUNNING)


def film_of(row: Result) -> str:
    """What tells one film from another of the same script: its tag, else its address unsigned."""
    return words(row, "videoEtag") or urlsplit(words(row, "videoUrl")).path


def script_id(row: Result, position: int) -> int:
    """The script's number; its place where TopView does not say."""
    found = row.get("scriptId")
    if found is None:
        return position
    if not isinstance(found, int) or isinstance(found, bool):
        raise UnexpectedShape("scriptId is not a number")
    return found


def scripts_of(result: Result) -> Mapping[int, Pairs]:
    """The segments of each script, from the query's own list and from the answer of listM2vScripts.

    The latter may be an array or a single object; segIds are numbers in the one and text in the other.
    """
    listed = result.get(SCRIPTS)
    found = {
        "own": result.get("scriptContentList"),
        "listed": [listed] if isinstance(listed, Mapping) else listed,
    }
    scripts: dict[int, Pairs] = {}
    for key in ("own", "listed"):
        for position, row in rows(found, key):
            contents = rows(row, "scriptContents")
            segments = [[_segment_id(one), words(one, "segText")] for _position, one in contents]
            scripts[script_id(row, position)] = segments
    return scripts


def _segment_id(row: Result) -> str:
    found = row.get("segId")
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise UnexpectedShape("segId is neither a number nor text")
    return str(found)


def _seconds(row: Result) -> float | None:
    # Only a hint (the saved file is probed), so anything odd counts as unknown.
    found = row.get("videoDuration")
    if not isinstance(found, int) or isinstance(found, bool) or not 0 < found < LONGEST:
        return None
    return found / 1000


def number_asked(asked: Brief) -> int:
    """The script that a later step works on."""
    return int(asked["item_facts"]["script_id"])


def named(asked: Brief) -> Body:
    """Which script of which task, as the later calls name them."""
    return {"taskId": asked["remote_id"], "scriptId": number_asked(asked)}


def row_asked(result: Result, key: str, asked: Brief) -> Row | None:
    """The row of that script; None while TopView does not list it."""
    number = number_asked(asked)
    return next(((place, row) for place, row in rows(result, key) if script_id(row, place) == number), None)
