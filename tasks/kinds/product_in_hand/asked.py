"""What the second generation asks for: how the picture is made, and what it then says.

Sources: operations submitProductAvatarReplaceV3 and submitProductAvatarVideoV2. The product sizes are
those of the v1 page; the limit on the prompt is this portal's own.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import Choice, KindForm, Option, Placement, Text, when
from tasks.kinds.base import speech as spoken
from tasks.kinds.base.facts import Words
from tasks.kinds.product_in_hand.who import PICTURE, SIZES, USUAL_SIZE, ProductInHand

AUTO, MANUAL = "auto", "manual"
SPEECH, VIDEO = _("What is said"), _("Video")
# The only mode for pictures in which TopView found no face (queryProductAvatarReplaceV3).
FACELESS_MODE = "avatar2"
# What people read of each mode, and the longest recording in seconds where there is a limit.
MODES: dict[str, tuple[Words, Words, int | None]] = {
    FACELESS_MODE: (_("Avatar 2"), _("1080p. A recording may be up to 28 seconds long."), 28),
    "avatar4": (_("Avatar 4"), _("1080p. A recording may be up to 120 seconds long."), 120),
    "avatar4Fast": (_("Avatar 4 Fast"), _("1080p. A recording may be up to 120 seconds long."), 120),
    "lite": (_("Lite"), _("480p, 5 seconds."), None),
    "pro": (_("Pro"), _("720p, 10 seconds."), None),
}
NO_FACE = _("TopView found no face in this picture. For such pictures it takes Avatar 2 only.")


class Inputs(ProductInHand):
    """Product, model, and how the two come together."""

    prompt = Text(
        wire="imageEditPrompt",
        label=_("How it is shown"),
        help_text=_("For example: she holds the bottle next to her face. Optional."),
        max_length=2000,
        long=True,
        required=False,
        section=PICTURE,
    )
    placement = Choice(
        wire="generateImageMode",
        label=_("Where it goes"),
        section=PICTURE,
        options=[
            Option(AUTO, _("TopView finds the place")),
            Option(MANUAL, _("I mark the place"), _("On the model's picture.")),
        ],
    )
    location = Placement(
        of=("avatar", "model_picture"),
        wire="location",
        label=_("Place of the product"),
        section=PICTURE,
        shown_when=when("placement", MANUAL),
        required_message=_("Mark where the product goes on the model's picture."),
    )
    keep = Choice(
        wire="keepTarget",
        label=_("What must stay as it is"),
        section=PICTURE,
        shown_when=when("placement", AUTO),
        options=[
            Option("model", _("The model"), _("The product is fitted to the model's picture.")),
            Option("product", _("The product"), _("The model's picture is fitted to the product.")),
        ],
    )
    size = Choice(
        wire="productSize",
        initial=USUAL_SIZE,
        label=_("Size of the product"),
        section=PICTURE,
        shown_when=when("placement", AUTO),
        options=[Option(one.value, one.label, wire=int(one.value)) for one in SIZES],
    )


class VideoInputs(KindForm):
    """What the chosen picture says, and how."""

    speech = spoken.choice(wire="scriptMode", text="text", recording="audio", section=SPEECH)
    script = spoken.script(section=SPEECH)
    voice = spoken.voice(wire="voiceId", section=SPEECH)
    recording = spoken.recording(section=SPEECH)
    mode = Choice(
        wire="mode",
        label=_("Quality"),
        section=VIDEO,
        options=[Option(mode, label, help) for mode, (label, help, _longest) in MODES.items()],
    )
    caption = spoken.caption(section=VIDEO)

    def clean(self) -> dict[str, Any]:
        """The mode limits the recording, and the picture limits the mode."""
        values = super().clean()
        mode = values.get("mode")
        if mode and mode != FACELESS_MODE and self.initial.get("face") is False:
            self.add_error("mode", ValidationError(NO_FACE, "face"))
        elif mode and (longest := MODES[mode][2]):
            spoken.judge_length(self, longest, MODES[mode][0])
        return values

    def brief(self) -> dict[str, Any]:
        """With the recording's length, which the charge follows."""
        return super().brief() | spoken.recorded_seconds(self)
