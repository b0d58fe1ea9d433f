"""What every format that lets a person speak asks for: a script with a voice, or a recording.

The JSON keys differ between formats, so each field takes its own; everything else is alike.
"""

import re
from collections.abc import Iterator, Mapping
from decimal import ROUND_CEILING, Decimal
from math import ceil
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base.fields.asset import Asset
from tasks.kinds.base.fields.basic import SECONDS_ALIKE, Choice, Number, Option, ShownWhen, Text, when
from tasks.kinds.base.fields.pick import Pick
from tasks.kinds.base.form import KindForm
from tasks.kinds.base.json_readers import part, words
from tasks.kinds.base.results import Output, Result
from tasks.kinds.base.types import Brief, FileFacts, number_words
from tasks.text import StrOrPromise

TEXT, RECORDING = "text", "recording"
# The sections of a form for a person who speaks.
PERSON, VOICE, RESULT = _("Who speaks"), _("What is said"), _("How it looks")
# In the brief: the length of the recording.
SECONDS = "recorded_seconds"
# The fields that tell how long the speech is, by the names that forms give them.
LENGTH = ("speech", "script", RECORDING)
# TopView states no limit on text: some five minutes of speech, as of this portal.
LONGEST_SCRIPT = 5000
DEMO_SCRIPT = (
    "Hello, and welcome! This short video was made from one picture and a few lines of text. "
    "Write your own words, choose a voice you like, and press Create video."
)
# TopView reads pauses of 0.1 to 99.9 seconds, with one decimal.
_BREAK = re.compile(r"<\s*break[^>]*>?", re.IGNORECASE)
_PAUSE = re.compile(r'<break time="([0-9]{1,2}\.[0-9])s"\s*/>')


def choice(*, wire: str, text: Any, recording: Any, section: StrOrPromise) -> Choice:
    """Whether a script or a recording is spoken; the form's field must be called `speech`."""
    return Choice(
        wire=wire,
        label=_("Speech"),
        section=section,
        options=[
            Option(TEXT, _("Write it"), _("A voice reads your script."), text),
            Option(
                RECORDING, _("Upload a recording"), _("The person speaks with the recorded voice."), recording
            ),
        ],
    )


def script(*, section: StrOrPromise, **changes: Any) -> Text:
    """The words to say; asked for while `speech` is text."""
    changes.setdefault("help_text", _("The words to say."))
    changes.setdefault("required_message", _("Write what the person should say."))
    return Text(
        wire="ttsText",
        label=_("Script"),
        max_length=LONGEST_SCRIPT,
        long=True,
        spoken=True,
        section=section,
        shown_when=when("speech", TEXT),
        **changes,
    )


def voice(*, wire: str, section: StrOrPromise, **changes: Any) -> Pick:
    """Who reads the script; asked for while `speech` is text."""
    changes.setdefault("required_message", _("Choose the voice that reads the script."))
    shown = changes.pop("shown_when", when("speech", TEXT))
    return Pick(
        wire=wire, catalog_name="voices", label=_("Voice"), section=section, shown_when=shown, **changes
    )


def speed(*, section: StrOrPromise, **changes: Any) -> Number:
    """How fast the voice speaks; the usual speed is left out of the body."""
    return Number(
        wire="voiceSpeed",
        label=_("Speaking speed"),
        help_text=_("1 is the voice's usual speed."),
        least="0.80",
        most="1.20",
        step="0.05",
        range_control=True,
        initial=Decimal("1.00"),
        unsent=1.0,
        required=False,
        section=section,
        **changes,
    )


def photo(*, wire: str, shown_when: ShownWhen) -> Asset:
    """The portrait of the person who speaks."""
    return Asset(
        wire=wire,
        role="image",
        label=_("Photo"),
        help_text=_("One face, seen from the front, well lit."),
        section=PERSON,
        shown_when=shown_when,
        required_message=_("Choose or upload the photo of the person who speaks."),
    )


class Recording(Asset):
    """Recorded speech, whose length the form keeps in the brief (`recorded_seconds`)."""

    def price_mark(self, stored: Any, brief: Mapping[str, Any]) -> str:
        """How long it is, in steps as a script's; "?" in briefs that do not tell."""
        seconds = begun_seconds(brief)
        return "?" if seconds is None else str(ceil(seconds / SECONDS_ALIKE))


def recording(*, section: StrOrPromise, **changes: Any) -> Recording:
    """The recorded speech; asked for while `speech` is a recording."""
    return Recording(
        wire="audioFileId",
        role="audio",
        label=_("Recording"),
        section=section,
        shown_when=when("speech", RECORDING),
        required_message=_("Choose or upload the recording."),
        **changes,
    )


def caption(*, section: StrOrPromise, **changes: Any) -> Pick:
    """The style of the captions; left empty, there are none."""
    changes.setdefault("help_text", _("Leave it empty for a video without captions."))
    return Pick(
        wire="captionId",
        catalog_name="captions",
        label=_("Caption style"),
        required=False,
        section=section,
        **changes,
    )


def with_good_pauses(script: str) -> str:
    """The script, whose pauses must be written as documented. Raises ValidationError."""
    for found in _BREAK.findall(script):
        pause = _PAUSE.fullmatch(found)
        if pause is None or Decimal(pause[1]) < Decimal("0.1"):
            message = _('A pause is written as <break time="1.0s"/>, from 0.1 to 99.9 seconds.')
            raise ValidationError(message, "pause")
    return script


def judge_length(form: KindForm, most: int, engine: StrOrPromise) -> None:
    """Adds an error to the recording of a form when it is longer than the engine can speak."""
    recording: FileFacts | None = form.cleaned_data.get(RECORDING)
    if recording is None or recording.seconds is None or recording.seconds <= most:
        return
    facts = {"came": number_words(recording.seconds, 1), "engine": engine, "allowed": number_words(most)}
    message = _("This recording is %(came)s seconds long; %(engine)s speaks for at most %(allowed)s seconds.")
    form.add_error(RECORDING, ValidationError(message, "limits", facts))


class SpeechForm(KindForm):
    """A form with a `recording`, whose length it keeps in the brief, since the charge follows that."""

    def brief(self) -> dict[str, Any]:
        """With how long the speech is, where that is known before it exists."""
        recording: FileFacts | None = self.cleaned_data.get(RECORDING)
        seconds = recording.seconds if recording else None
        return super().brief() | ({} if seconds is None else {SECONDS: str(seconds)})


def begun_seconds(brief: Brief) -> Decimal | None:
    """The seconds that are charged for a recording: each begun one counts. None for a script."""
    seconds = brief.get(SECONDS)
    return None if seconds is None else Decimal(seconds).to_integral_value(ROUND_CEILING)


def sample_of_voice(result: Result, asked: Brief) -> Iterator[Output]:
    """The sound in an answer with a voice (contract: VoiceTaskResult); some voices have none."""
    voice = part(result, "voice")
    name = words(voice, "voiceName")
    if url := words(voice, "demoAudioUrl"):
        yield Output("audio", url, name=name, facts={"voice_id": words(voice, "voiceId")})
