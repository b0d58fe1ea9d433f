"""A person who speaks: recorded, catalogued, own or photographed; the voice comes from text or a recording.

Docs: https://docs.topview.ai/reference/video_avatar_submit_task (contract: submitVideoAvatarTask).
Times: about five minutes are documented for the sister product from a photo, and people report waiting up to
45 minutes for long scripts; TopView states no deadline. It states no limit on text either: 5,000 characters
(some five minutes of speech) is this portal's own.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import (
    NO_PRICE,
    Asset,
    Brief,
    Choice,
    DemoBrief,
    DemoFile,
    Flag,
    Option,
    Pick,
    Pricing,
    Step,
    TaskKind,
    Wire,
    only_video,
    titled,
    when,
)
from tasks.kinds.base import speech as spoken
from tasks.kinds.base.speech import PERSON, RESULT, VOICE

VIDEO, PUBLIC, OWN, PHOTO = "video", "public", "own", "photo"


class Inputs(spoken.SpeechForm):
    person = Choice(
        wire="avatarSourceFrom",
        label=_("Person"),
        section=PERSON,
        options=[
            Option(PUBLIC, _("Avatar from the catalog"), _("A ready-made presenter of TopView."), 1),
            Option(PHOTO, _("My photo"), _("A portrait that starts to speak."), 3),
            Option(VIDEO, _("My video"), _("A recorded person whose lips follow the new words."), 0),
            Option(OWN, _("My avatar"), _("A person saved from an earlier video."), 2),
        ],
    )
    avatar = Pick(
        wire="aiAvatarId",
        catalog_name="avatars",
        label=_("Avatar"),
        section=PERSON,
        shown_when=when("person", PUBLIC),
        required_message=_("Choose the avatar who speaks."),
    )
    own_avatar = Pick(
        wire="aiAvatarId",
        catalog_name="own-avatars",
        label=_("My avatar"),
        section=PERSON,
        shown_when=when("person", OWN),
        required_message=_("Choose which of your avatars speaks."),
    )
    photo = spoken.photo(wire="imageFileId", shown_when=when("person", PHOTO))
    video = Asset(
        wire="videoFileId",
        role="video",
        label=_("Video of the person"),
        help_text=_("One person facing the camera."),
        section=PERSON,
        shown_when=when("person", VIDEO),
        required_message=_("Choose or upload the video of the person who speaks."),
    )
    save_avatar = Flag(
        wire="isSave2CustomAiAvatar",
        label=_("Keep this person as my avatar"),
        help_text=_("The person can then be used again without uploading."),
        section=PERSON,
        shown_when=when("person", PHOTO, VIDEO),
    )
    speech = spoken.choice(wire="audioSourceFrom", text=1, recording=0, section=VOICE)
    script = spoken.script(section=VOICE)
    voice = spoken.voice(
        wire="voiceoverId",
        help_text=_("An avatar from the catalog may speak with its own voice: leave this empty."),
        required=False,
        section=VOICE,
    )
    # The limits are documented; the key is inferred.
    speed = spoken.speed(section=VOICE, shown_when=when("speech", spoken.TEXT))
    recording = spoken.recording(section=VOICE)
    engine = Choice(
        wire="modeType",
        label=_("Engine"),
        section=RESULT,
        options=[
            Option("avatar-1", _("Avatar 1"), _("TopView's usual engine."), 0),
            Option("avatar-2", _("Avatar 2"), _("TopView's newer engine."), 1),
        ],
    )
    caption = spoken.caption(
        help_text=_("Only for avatars from the catalog. Leave it empty for a video without captions."),
        section=RESULT,
        shown_when=when("person", PUBLIC),
    )

    def clean(self) -> dict[str, Any]:
        """A voice may be left out only where the avatar has one of its own."""
        values = super().clean()
        if values.get("speech") != spoken.TEXT or values.get("voice") or "voice" in self.errors:
            return values
        avatar = values.get("avatar")
        if values.get("person") in (PHOTO, VIDEO, OWN):
            self.add_error("voice", ValidationError(_("Choose the voice that reads the script."), "required"))
        elif avatar is not None and not avatar.facts.get("default_voice", "unknown"):
            message = _("This avatar has no voice of its own. Choose the voice that reads the script.")
            self.add_error("voice", ValidationError(message, "required"))
        return values


def adds_to(brief: Brief) -> tuple[str, ...]:
    """A person who is kept can be picked as an own avatar from then on."""
    return ("own-avatars",) if brief.get("save_avatar") else ()


KIND = TaskKind(
    slug="video-avatar",
    label=_("Talking avatar"),
    summary=_("A person says your script: from the catalog, from a photo or from your own video."),
    icon="circle-user-round",
    docs_url="https://docs.topview.ai/reference/video_avatar_submit_task",
    inputs=Inputs,
    order=10,
    titled=titled(_("Talking avatar"), text="script", file="recording"),
    steps=(
        Step(
            slug="video",
            label=_("Make the video"),
            wire=Wire(
                operation="submitVideoAvatarTask",
                query_operation="queryVideoAvatarTask",
                submit_path="/v1/video_avatar/task/submit",
                query_path="/v1/video_avatar/task/query",
                body=Inputs.body,
                outputs=only_video("outputVideoUrl"),
                biz_types=("ZERO_SHOT_AVATAR",),
            ),
            usual_seconds=300,
            deadline_seconds=45 * 60,
            adds_to=adds_to,
            pricing=Pricing(
                credit_log_type="video_avatar",
                note=NO_PRICE,
                priced_by=("engine", "person", *spoken.LENGTH, "speed"),
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
            "speed": "1.00",
            "engine": "avatar-1",
        }
    ),
)
