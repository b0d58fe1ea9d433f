"""What the second generation asks for: how the picture is made, and what it then says.

Sources: operations submitProductAvatarReplaceV3 and submitProductAvatarVideoV2. The product sizes are
those of the v1 page; the limit on the prompt is this portal's own.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import Choice, Option, Placement, Text, when
from tasks.kinds.base import speech as spoken
from tasks.kinds.base.fields.placement import in_fractions
from tasks.kinds.base.form import SCHEMA_KEY, SizeOf
from tasks.kinds.base.types import Brief
from tasks.kinds.product_avatar_parts.product import PICTURE, SIZES, USUAL_SIZE, ProductInHand
from tasks.text import StrOrPromise

AUTO, MANUAL = "auto", "manual"
# The fields of which one holds the picture that the place lies on.
PICTURES = ("avatar", "model_picture")
SPEECH, VIDEO = _("What is said"), _("Video")
# The only mode for pictures in which TopView found no face (queryProductAvatarReplaceV3).
FACELESS_MODE = "avatar2"
# What people read of each mode, and the longest recording in seconds where there is a limit.
MODES: dict[str, tuple[StrOrPromise, StrOrPromise, int | None]] = {
    FACELESS_MODE: (_("Avatar 2"), _("1080p. A recording may be up to 28 seconds long."), 28),
    "avatar4": (_("Avatar 4"), _("1080p. A recording may be up to 120 seconds long."), 120),
    "avatar4Fast": (_("Avatar 4 Fast"), _("1080p. A recording may be up to 120 seconds long."), 120),
    "lite": (_("Lite"), _("480p, 5 seconds."), None),
    "pro": (_("Pro"), _("720p, 10 seconds."), None),
}
NO_FACE = _("TopView found no face in this picture. For such pictures it takes Avatar 2 only.")


class Inputs(ProductInHand):
    """Product, model, and how the two come together."""

    SCHEMA = 2  # in the first one the place was in pixels

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
        of=PICTURES,
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

    @classmethod
    def renewed(cls, brief: Brief, size_of: SizeOf) -> Brief:
        """With the place in fractions, as far as the size of its picture is known."""
        if brief.get(SCHEMA_KEY) != 1:
            return brief
        if "location" not in brief:
            return {**brief, SCHEMA_KEY: cls.SCHEMA}
        fields = dict(cls.own_fields())
        name = next((name for name in PICTURES if brief.get(name)), "")
        size = size_of(fields[name], brief[name]) if name else None
        if size is None:
            return brief
        return {**brief, SCHEMA_KEY: cls.SCHEMA, "location": in_fractions(brief["location"], size)}

    @classmethod
    def read_brief(cls, brief: Brief) -> dict[str, Any]:
        """Without a place in pixels."""
        read = super().read_brief(brief)
        if brief.get(SCHEMA_KEY) != cls.SCHEMA:
            read.pop("location", None)
        return read


class VideoInputs(spoken.SpeechForm):
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
