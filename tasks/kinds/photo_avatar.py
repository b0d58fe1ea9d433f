"""A portrait that speaks, uploaded or picked; the speech comes from text or a recording.

Docs: https://docs.topview.ai/reference/avatar4_submit_task (contract: submitPhotoAvatar): longest speech and
price of each mode, off-peak's day and the usual five minutes. The other deadline is this portal's own.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    Brief,
    Choice,
    Cost,
    DemoBrief,
    DemoFile,
    Flag,
    Option,
    Output,
    Pick,
    Prices,
    Pricing,
    Result,
    Step,
    TaskKind,
    Text,
    Wire,
    cost_of,
    titled,
    when,
)
from tasks.kinds.base import speech as spoken
from tasks.kinds.base.json_readers import part, words
from tasks.kinds.base.speech import PERSON, RESULT, VOICE
from tasks.text import StrOrPromise

PHOTO, PICKED = "photo", "picked"
# What people read of each mode, and the longest speech in seconds.
ENGINES: dict[str, tuple[StrOrPromise, StrOrPromise, int]] = {
    "avatar4": (_("Avatar 4"), _("Up to 120 seconds of speech."), 120),
    "avatar4Fast": (_("Avatar 4 Fast"), _("Up to 120 seconds, for less."), 120),
    "avatar2": (_("Avatar 2"), _("Up to 28 seconds of speech."), 28),
}
USUAL_DEADLINE, OFF_PEAK_DEADLINE = 45 * 60, 24 * 60 * 60


class Inputs(spoken.SpeechForm):
    person = Choice(
        label=_("Person"),
        section=PERSON,
        options=[
            Option(PHOTO, _("My photo"), _("A portrait that starts to speak.")),
            Option(PICKED, _("Photo avatar"), _("A portrait of TopView, or one you have kept.")),
        ],
    )
    photo = spoken.photo(wire="templateImageFileId", shown_when=when("person", PHOTO))
    avatar = Pick(
        wire="avatarId",
        catalog_name="photo-avatars",
        label=_("Photo avatar"),
        section=PERSON,
        shown_when=when("person", PICKED),
        required_message=_("Choose the photo avatar that speaks."),
    )
    save_avatar = Flag(
        wire="saveCustomAiAvatar",
        label=_("Keep this portrait as my avatar"),
        help_text=_("It can then be used again without uploading."),
        section=PERSON,
        shown_when=when("person", PHOTO),
    )
    speech = spoken.choice(wire="scriptMode", text="text", recording="audio", section=VOICE)
    script = spoken.script(
        section=VOICE, help_text=_('The words to say. A pause is written as <break time="1.0s"/>.')
    )
    voice = spoken.voice(wire="voiceId", section=VOICE)
    recording = spoken.recording(section=VOICE)
    mode = Choice(
        wire="mode",
        label=_("Engine"),
        section=RESULT,
        options=[Option(mode, *engine[:2]) for mode, engine in ENGINES.items()],
    )
    off_peak = Flag(
        wire="offPeak",
        label=_("Off-peak"),
        help_text=_("Half the price; it may take up to 24 hours."),
        section=RESULT,
        shown_when=when("mode", "avatar4", "avatar4Fast"),
    )
    motion = Text(
        wire="customMotion",
        label=_("Movement"),
        help_text=_("How the person moves: gestures, posture, mood. Optional."),
        max_length=600,
        long=True,
        required=False,
        section=RESULT,
    )
    caption = spoken.caption(section=RESULT)

    def clean_script(self) -> str:
        """Pauses must be written as TopView reads them."""
        return spoken.with_good_pauses(self.cleaned_data["script"])

    def clean(self) -> dict[str, Any]:
        """A recording may be no longer than the engine speaks."""
        values = super().clean()
        if mode := values.get("mode"):
            label, _help, longest = ENGINES[mode]
            spoken.judge_length(self, longest, label)
        return values


def outputs(result: Result, asked: Brief) -> Iterator[Output]:
    """The one finished video, with the avatar that was kept."""
    kept = words(part(result, "aiAvatar"), "aiavatarId")
    if url := words(result, "finishedVideoUrl"):
        yield Output("video", url, facts={"avatar_id": kept} if kept else {})


def price(brief: Brief, prices: Prices) -> Cost | None:
    """By begun second, so known only for a recording."""
    seconds, rate = spoken.begun_seconds(brief), prices.product("submitPhotoAvatar", brief["mode"])
    if seconds is None or rate is None:
        return None
    if brief.get("off_peak") and rate.off_peak is not None:
        rate = replace(rate, credits=rate.off_peak)
    return cost_of([rate], seconds)


def deadline(brief: Brief) -> int:
    """Off-peak may take a day."""
    return OFF_PEAK_DEADLINE if brief.get("off_peak") else USUAL_DEADLINE


def adds_to(brief: Brief) -> tuple[str, ...]:
    """A portrait that is kept can be picked from then on, here and for a talking avatar."""
    return ("photo-avatars", "own-avatars") if brief.get("save_avatar") else ()


KIND = TaskKind(
    slug="photo-avatar",
    label=_("Photo avatar"),
    summary=_("A portrait says your words, with the movements you describe."),
    icon="user-round",
    docs_url="https://docs.topview.ai/reference/avatar4_submit_task",
    inputs=Inputs,
    order=15,
    titled=titled(_("Talking photo"), text="script", file="recording"),
    steps=(
        Step(
            slug="video",
            label=_("Make the video"),
            wire=Wire(
                operation="submitPhotoAvatar",
                query_operation="queryPhotoAvatar",
                submit_path="/v1/photo_avatar/task/submit",
                query_path="/v1/photo_avatar/task/query",
                body=Inputs.body,
                outputs=outputs,
                board_media="video",
            ),
            usual_seconds=300,
            deadline_seconds=USUAL_DEADLINE,
            deadline_of=deadline,
            adds_to=adds_to,
            pricing=Pricing(
                credit_log_type="photo_avatar4",
                cost=price,
                note=_(
                    "TopView charges each begun second of speech, and how long a text takes to say is known "
                    "only afterwards."
                ),
                priced_by=("mode", "off_peak", *spoken.LENGTH),
            ),
        ),
    ),
    demo=DemoBrief(
        {
            "person": PHOTO,
            "photo": DemoFile("portrait.png"),
            "speech": "text",
            "script": spoken.DEMO_SCRIPT,
            "voice": 0,
            "mode": "avatar4",
        }
    ),
)
