"""What is asked for a marketing video (operation submitM2vTask).

TopView states no limits on the length of texts and the number of files; those here are the portal's own.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import Asset, Assets, CatalogEntry, Choice, KindForm, Link, Option, Pick, Text, when
from tasks.kinds.base.fields.languages import LANGUAGES, LongChoice, speaks
from tasks.text import StrOrPromise

PRODUCT, SCRIPT, VOICE, LOOK, RESULT = (
    _("The product"),
    _("What is said"),
    _("Who says it"),
    _("How it looks and sounds"),
    _("How to go about it"),
)
LINK, OWN = "link", "own"
PREVIEW, STRAIGHT = "preview", "straight"
THAI = "th"

# The documented aspect ratios; the first is TopView's default.
RATIOS = (
    Option("9:16", _("Upright 9:16"), _("Phones, stories, reels.")),
    Option("3:4", _("Upright 3:4")),
    Option("1:1", _("Square 1:1"), _("Feeds.")),
    Option("4:3", _("Wide 4:3")),
    Option("16:9", _("Wide 16:9"), _("Television, YouTube.")),
)


class Inputs(KindForm):
    """Product, script, voice and looks of a marketing video."""

    source = Choice(
        label=_("Material"),
        section=PRODUCT,
        options=[
            Option(LINK, _("A product page"), _("TopView reads its text, pictures and clips.")),
            Option(OWN, _("My pictures and clips"), _("From the library, or uploaded here.")),
        ],
    )
    link = Link(
        wire="productLink",
        product_part="link",
        label=_("Address of the product page"),
        section=PRODUCT,
        shown_when=when("source", LINK),
        required_message=_("Give the address of the product page."),
    )
    material = Assets(
        wire="fileIds",
        product_part="files",
        roles=("image", "video"),
        most=20,
        label=_("Pictures and clips"),
        help_text=_("They are used in this order as far as TopView keeps to it."),
        section=PRODUCT,
        shown_when=when("source", OWN),
        required_message=_("Choose or upload at least one picture or clip."),
    )
    name = Text(
        wire="productName",
        product_part="name",
        label=_("Name of the product"),
        help_text=_("With a product page, leave it empty and TopView takes the page's own."),
        max_length=200,
        required=False,
        section=PRODUCT,
    )
    description = Text(
        wire="productDescription",
        product_part="description",
        label=_("Description"),
        help_text=_(
            "What it is and why people like it. A product page or a script of your own can stand for it."
        ),
        max_length=5000,
        long=True,
        required=False,
        section=PRODUCT,
    )
    writer = Choice(
        wire="isDiyScript",
        unsent=False,
        label=_("Script"),
        section=SCRIPT,
        options=[
            Option("topview", _("TopView writes it"), _("Several scripts to choose from."), wire=False),
            Option(OWN, _("I write it"), _("Your words are used."), wire=True),
        ],
    )
    own_script = Text(
        wire="diyScriptDescription",
        label=_("My script"),
        max_length=5000,
        long=True,
        spoken=True,
        section=SCRIPT,
        shown_when=when("writer", OWN),
        required_message=_("Write the script."),
    )
    style = Choice(
        wire="diyStyle",
        unsent="",
        label=_("Style of the script"),
        section=SCRIPT,
        shown_when=when("writer", OWN),
        options=[
            Option("none", _("As it is"), wire=""),
            Option("word", _("One of TopView's styles"), _("By its name."), "diyScriptStyle"),
            Option("words", _("In my words"), _("Describe the style."), "diyScriptPrompt"),
        ],
    )
    style_word = Text(
        wire="diyScriptStyle",
        label=_("Name of the style"),
        help_text=_("Such as pain point, curiosity hook, storytelling. TopView publishes no list."),
        max_length=100,
        section=SCRIPT,
        shown_when=when("style", "word"),
        required_message=_("Name the style."),
    )
    style_words = Text(
        wire="diyScriptPrompt",
        label=_("The style in my words"),
        max_length=1000,
        long=True,
        section=SCRIPT,
        shown_when=when("style", "words"),
        required_message=_("Describe the style."),
    )
    audience = Text(
        wire="targetAudience",
        label=_("Who it is for"),
        help_text=_("A hint for whoever writes the script."),
        max_length=500,
        required=False,
        section=SCRIPT,
    )
    language = LongChoice(wire="language", label=_("Language"), section=VOICE, options=LANGUAGES)
    voice = Pick(
        wire="voiceId",
        catalog_name="voices",
        label=_("Voice"),
        help_text=_("Leave it empty and TopView chooses one for the language."),
        required=False,
        section=VOICE,
    )
    presenter = Choice(
        label=_("Presenter"),
        section=VOICE,
        options=[
            Option("any", _("TopView chooses")),
            Option("catalog", _("Avatar from the catalog")),
            Option(OWN, _("My avatar"), _("A person saved from an earlier video.")),
        ],
    )
    avatar = Pick(
        wire="aiavatarId",
        catalog_name="avatars",
        label=_("Avatar"),
        section=VOICE,
        shown_when=when("presenter", "catalog"),
        required_message=_("Choose the avatar who presents the product."),
    )
    own_avatar = Pick(
        wire="aiavatarId",
        catalog_name="own-avatars",
        label=_("My avatar"),
        section=VOICE,
        shown_when=when("presenter", OWN),
        required_message=_("Choose which of your avatars presents the product."),
    )
    aspect = Choice(wire="aspectRatio", label=_("Format"), section=LOOK, options=RATIOS)
    length = Choice(
        wire="videoLengthType",
        label=_("Length"),
        section=LOOK,
        options=[
            Option("30-50", _("30 to 50 seconds"), wire=1),
            Option("15-30", _("15 to 30 seconds"), wire=2),
            Option("30-45", _("30 to 45 seconds"), wire=3),
            Option("45-60", _("45 to 60 seconds"), wire=4),
        ],
    )
    caption = Pick(
        wire="captionId",
        catalog_name="captions",
        label=_("Caption style"),
        help_text=_("Leave it empty for a style by chance."),
        required=False,
        section=LOOK,
    )
    logo = Asset(wire="logoFileId", role="image", label=_("Logo"), required=False, section=LOOK)
    music = Asset(
        wire="musicFileId",
        role="audio",
        label=_("Music"),
        help_text=_("Leave it empty for music by chance."),
        required=False,
        section=LOOK,
    )
    ending = Choice(
        label=_("End card"),
        section=LOOK,
        options=[Option("none", _("None")), Option(OWN, _("My picture"), _("Shown at the end."))],
    )
    end_card = Asset(
        wire="endcardFileId",
        role="image",
        label=_("Picture of the end card"),
        section=LOOK,
        shown_when=when("ending", OWN),
        required_message=_("Choose or upload the picture of the end card."),
    )
    end_ratio = Choice(
        wire="endcardAspectRatio",
        label=_("Format of the end card"),
        section=LOOK,
        shown_when=when("ending", OWN),
        options=[Option("all", _("Fits every format")), *RATIOS],
    )
    end_colour = Choice(
        wire="endcardBackgroundColor",
        label=_("Colour around the end card"),
        section=LOOK,
        shown_when=when("ending", OWN),
        options=[Option("black", _("Black")), Option("white", _("White"))],
    )
    way = Choice(
        wire="preview",
        unsent=False,
        label=_("Output"),
        section=RESULT,
        options=[
            Option(
                PREVIEW,
                _("Preview first"),
                _("Look at several, change their words, pay only for those you export."),
                wire=True,
            ),
            Option(STRAIGHT, _("Final video"), _("One finished video, without a preview."), wire=False),
        ],
    )

    def clean(self) -> dict[str, Any]:
        """What TopView cannot read from a page must be told; somebody must speak the language."""
        values = super().clean()
        if values.get("source") == OWN:
            self._need("name", values, _("Give the name of the product: there is no page to read it from."))
            if values.get("writer") != OWN:
                self._need("description", values, _("Describe the product, or write the script yourself."))
        if "language" in values and "voice" not in self.errors:
            self._judge_voice(str(values["language"]), values.get("voice"))
        return values

    def _need(self, name: str, values: Mapping[str, Any], words: StrOrPromise) -> None:
        if not values.get(name) and name not in self.errors:
            self.add_error(name, ValidationError(words, "required"))

    def _judge_voice(self, language: str, voice: CatalogEntry | None) -> None:
        """Thai is read by Thai voices alone; any other language may be given to any voice."""
        if voice is not None:
            if language == THAI and not speaks(str(voice.facts.get("language", "")), language):
                words = _("Thai can only be read by a Thai voice. This one does not speak it.")
                self.add_error("voice", ValidationError(words, "language"))
            return
        field = self.fields["voice"]
        assert isinstance(field, Pick)
        # Empty while the list of voices has not been read.
        spoken = field.catalog.values(field.catalog_name, "language")
        if spoken and not any(speaks(one, language) for one in spoken):
            named = {"language": next(option.label for option in LANGUAGES if option.value == language)}
            words = _("No voice in the list speaks %(language)s. Choose another language, or a voice to try.")
            self.add_error("language", ValidationError(words, "no-voice", named))
