"""A text that is read aloud, as a sound file.

Docs: https://docs.topview.ai/reference/get_new-endpoint-35 (contract: submitText2Voice, observed in TopView's
own client). The price is documented. No limits are: those of the speed are taken from the voice clone, words
for feelings are not listed, and times and text limits are this portal's own.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    Body,
    Brief,
    DemoBrief,
    FileIds,
    KindForm,
    Pricing,
    Step,
    TaskKind,
    Text,
    Wire,
    each_costs,
    titled,
)
from tasks.kinds.base import speech as spoken

WORDS, SOUND = _("What is said"), _("How it sounds")


class Inputs(KindForm):
    words = Text(
        wire="voiceText",
        label=_("Text"),
        help_text=_("The words to read."),
        max_length=spoken.LONGEST_SCRIPT,
        long=True,
        spoken=True,
        section=WORDS,
        required_message=_("Write what the voice should read."),
    )
    pronunciation = Text(
        label=_("Pronunciation"),
        help_text=_("One word a line, with how it is said: SQL = sequel. Optional."),
        max_length=2000,
        long=True,
        required=False,
        section=WORDS,
    )
    voice = spoken.voice(
        wire="voiceId", section=SOUND, shown_when=None, required_message=_("Choose the voice that reads.")
    )
    speed = spoken.speed(section=SOUND)
    emotion = Text(
        wire="emotionName",
        label=_("Feeling"),
        help_text=_("One word, such as happy. TopView doesn't list the words it knows. Optional."),
        max_length=40,
        required=False,
        section=SOUND,
    )

    def clean_pronunciation(self) -> str:
        """Every line names a word and how it is said."""
        text: str = self.cleaned_data["pronunciation"]
        for old, new in rules(text):
            if not (old and new):
                message = _("Each line needs a word, = and how it is said. This one does not: %(line)s")
                raise ValidationError(message, "rule", {"line": (old or new)[:60] or "="})
        return text


def rules(text: str) -> list[tuple[str, str]]:
    """Each line's word and how it is said; a side that is missing is empty."""
    cut = [line.partition("=") for line in text.splitlines() if line.strip()]
    return [(old.strip(), new.strip()) for old, _sign, new in cut]


def body(brief: Brief, file_ids: FileIds) -> Body:
    """With the rules as TopView reads them."""
    spoken_so = [{"oldStr": old, "newStr": new} for old, new in rules(brief.get("pronunciation", ""))]
    return Inputs.body(brief, file_ids) | ({"pronRules": spoken_so} if spoken_so else {})


KIND = TaskKind(
    slug="text-to-voice",
    label=_("Text to voice"),
    summary=_("Your text, read aloud by any voice, as a sound file."),
    icon="audio-lines",
    docs_url="https://docs.topview.ai/reference/get_new-endpoint-35",
    inputs=Inputs,
    action=_("Create audio"),
    order=75,
    titled=titled(_("Speech"), text="words"),
    steps=(
        Step(
            slug="speech",
            label=_("Read the text"),
            wire=Wire(
                operation="submitText2Voice",
                query_operation="queryText2Voice",
                submit_path="/v1/voice/text2voice/task/submit",
                query_path="/v1/voice/text2voice/task/query",
                body=body,
                outputs=spoken.sample_of_voice,
                biz_types=("VOICE_TEXT2VOICE",),
                board_media="audio",
            ),
            usual_seconds=30,
            deadline_seconds=10 * 60,
            pricing=Pricing(
                cost=each_costs("submitText2Voice"),
            ),
        ),
    ),
    demo=DemoBrief({"words": spoken.DEMO_SCRIPT, "voice": 0, "speed": "1.00"}),
)
