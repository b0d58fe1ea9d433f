"""A voice learnt from a recording; afterwards it stands among the voices of every product.

Contract: submitVoiceClone, observed in TopView's own client; the sample's limits and the price are
documented. Times and text limits are this portal's own.
"""

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    Asset,
    DemoBrief,
    DemoFile,
    Facts,
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
from tasks.kinds.base.limits import MEGABYTE
from tasks.text import StrOrPromise

SAMPLE, VOICE = _("Recording"), _("Voice")


class Inputs(KindForm):
    sample = Asset(
        wire="originVoiceFileId",
        role="audio",
        formats=("mp3", "wav"),
        max_bytes=10 * MEGABYTE - 1,
        min_seconds=10,
        max_seconds=300,
        label=_("Recording of the voice"),
        help_text=_("One person, without music or noise. Use only voices you have permission for."),
        section=SAMPLE,
        required_message=_("Choose or upload a recording of the voice."),
    )
    transcript = Text(
        wire="voiceText",
        label=_("Transcript"),
        help_text=_("What is said in the recording; it makes the voice better. Optional."),
        max_length=spoken.LONGEST_SCRIPT,
        long=True,
        required=False,
        section=SAMPLE,
    )
    name = Text(
        wire="name",
        label=_("Name"),
        help_text=_("How the voice is listed. Without one, TopView gives it a number."),
        max_length=80,
        required=False,
        section=VOICE,
    )
    speed = spoken.speed(section=VOICE)


def note(facts: Facts) -> StrOrPromise:
    """Where the voice is to be found."""
    return _("This voice can now be chosen wherever a voice is asked for.") if facts.get("voice_id") else ""


KIND = TaskKind(
    slug="voice-clone",
    label=_("Voice clone"),
    summary=_("Your own voice, learnt from a recording, for every script."),
    icon="mic",
    docs_url="https://docs.topview.ai/reference",
    inputs=Inputs,
    action=_("Create voice"),
    order=70,
    titled=titled(_("Cloned voice"), text="name", file="sample"),
    steps=(
        Step(
            slug="voice",
            label=_("Clone the voice"),
            wire=Wire(
                operation="submitVoiceClone",
                query_operation="queryVoiceClone",
                submit_path="/v1/voice/clone/task/submit",
                query_path="/v1/voice/clone/task/query",
                body=Inputs.body,
                outputs=spoken.sample_of_voice,
                expected_outputs=lambda brief: 0,  # the result is the voice; a sample of it may come along
                biz_types=("VOICE_CLONE",),
            ),
            usual_seconds=60,
            deadline_seconds=10 * 60,
            adds_to=lambda brief: ("voices",),
            note=note,
            pricing=Pricing(
                credit_log_type="voice_clone",
                cost=each_costs("submitVoiceClone"),
            ),
        ),
    ),
    demo=DemoBrief({"sample": DemoFile("voice.mp3"), "name": "Demo voice"}),
)
