"""People who speak, and voices alone."""

from collections.abc import Mapping

from tests.fields.bench import BLUE, HIGH, LOW
from tests.fields.shows import (
    CAPTIONS,
    Change,
    Sheet,
    all_of,
    becomes,
    differs,
    is_the_same,
    longer,
    named,
    of_step,
    sounds_otherwise,
    tone,
    words_beside_the_mark,
)

UPPER = (0, 0.1, 1, 0.6)
KEPT = "the film is the same; the person stands among one's own avatars afterwards (tests/sandbox)"
LONGER = {"script": "Good morning to all of you, and welcome to this film. Good morning to all of you again."}


STYLES = [
    Change({"caption": "entry:captions/0"}, all_of(differs(CAPTIONS, least=4), is_the_same(UPPER))),
    Change({"caption": "entry:captions/4"}, differs(CAPTIONS, least=4), {"caption": "entry:captions/0"}),
]
SPEECH: Mapping[str, Change | str | list[Change]] = {
    "speech": Change({"speech": "recording", "recording": "file:high"}, tone(HIGH)),
    "script": Change(LONGER, all_of(longer(3.6), sounds_otherwise)),
    "voice": Change({"voice": "entry:voices/1"}, sounds_otherwise),
    "recording": Change(
        {"recording": "file:low"}, tone(LOW), {"speech": "recording", "recording": "file:high"}
    ),
    "caption": STYLES,
}

VIDEO_AVATAR = Sheet(
    usual={
        "person": "photo",
        "photo": "file:red",
        "speech": "text",
        "script": "Good morning.",
        "voice": "entry:voices/0",
        "speed": "1.00",
        "engine": "avatar-1",
    },
    make=of_step("video-avatar", "video"),
    fields={
        **SPEECH,
        "person": Change({"person": "own", "own_avatar": "entry:own-avatars/1"}, becomes(BLUE)),
        "avatar": Change(
            {"avatar": "entry:avatars/3"}, differs(), {"person": "public", "avatar": "entry:avatars/0"}
        ),
        "own_avatar": Change(
            {"own_avatar": "entry:own-avatars/1"},
            becomes(BLUE),
            {"person": "own", "own_avatar": "entry:own-avatars/0"},
        ),
        "photo": Change({"photo": "file:blue"}, becomes(BLUE)),
        "video": Change({"person": "video", "video": "file:clip"}, becomes((40, 160, 90))),
        "save_avatar": KEPT,
        "speed": Change({"speed": "0.80"}, longer(1.17)),
        "engine": Change({"engine": "avatar-2"}, words_beside_the_mark),
        "caption": [
            Change(
                {**change.to},
                change.shows,
                {"person": "public", "avatar": "entry:avatars/0", **change.beside},
            )
            for change in STYLES
        ],
    },
)

PHOTO_AVATAR = Sheet(
    usual={
        "person": "photo",
        "photo": "file:red",
        "speech": "text",
        "script": "Good morning.",
        "voice": "entry:voices/0",
        "mode": "avatar4",
    },
    make=of_step("photo-avatar", "video"),
    fields={
        **SPEECH,
        "script": [
            Change(LONGER, all_of(longer(3.6), sounds_otherwise)),
            Change({"script": 'Good <break time="3.0s"/> morning.'}, longer(2.8)),
        ],
        "person": Change({"person": "picked", "avatar": "entry:photo-avatars/0"}, differs()),
        "photo": Change({"photo": "file:blue"}, becomes(BLUE)),
        "avatar": Change(
            {"avatar": "entry:photo-avatars/1"},
            differs(),
            {"person": "picked", "avatar": "entry:photo-avatars/0"},
        ),
        "save_avatar": KEPT,
        "mode": Change({"mode": "avatar2"}, words_beside_the_mark),
        "off_peak": "the film is the same, at half the price and later",
        "motion": Change({"motion": "She waves."}, words_beside_the_mark),
    },
)

VOICE_CLONE = Sheet(
    usual={"sample": "file:sample", "name": "Mine", "speed": "1.00"},
    make=of_step("voice-clone", "voice"),
    fields={
        "sample": Change({"sample": "file:other-sample"}, tone(HIGH)),
        "transcript": "it helps to understand the sample; what is heard of the voice is the sample itself",
        "name": Change({"name": "Yours"}, named("Yours")),
        "speed": Change({"speed": "0.80"}, longer(1.25)),
    },
)

TEXT_TO_VOICE = Sheet(
    usual={"words": "Good morning from the sea.", "voice": "entry:voices/0", "speed": "1.00"},
    make=of_step("text-to-voice", "speech"),
    fields={
        "words": Change(
            {"words": "Quite another sentence, somewhat longer than the first."}, sounds_otherwise
        ),
        "pronunciation": Change({"pronunciation": "morning = evening and night"}, sounds_otherwise),
        "voice": Change({"voice": "entry:voices/1"}, sounds_otherwise),
        "speed": Change({"speed": "0.80"}, longer(1.2)),
        "emotion": Change({"emotion": "happy"}, sounds_otherwise),
    },
)

SHEETS = {
    ("video-avatar", ""): VIDEO_AVATAR,
    ("photo-avatar", ""): PHOTO_AVATAR,
    ("voice-clone", ""): VOICE_CLONE,
    ("text-to-voice", ""): TEXT_TO_VOICE,
}
