"""Who shows which product: what both generations ask for first."""

from django.utils.translation import gettext_lazy as _

from tasks.kinds.base import Asset, Choice, DemoFile, KindForm, Option, Pick, when

PRODUCT, MODEL, PICTURE = _("Product"), _("Model"), _("Picture")
PUBLIC, OWN = "public", "own"

# The v1 page: relative size of the product, "1" to "6", "2" unless another is asked for.
USUAL_SIZE = "2"
SIZES = tuple(
    Option(size, label)
    for size, label in (
        ("1", _("1 (smallest)")),
        ("2", _("2 (usual)")),
        ("3", "3"),
        ("4", "4"),
        ("5", "5"),
        ("6", _("6 (largest)")),
    )
)

DEMO = {
    "product": DemoFile("product.png"),
    "model": PUBLIC,
    "avatar": 0,
    "prompt": "She holds the cup in front of her and smiles.",
    "size": USUAL_SIZE,
}


def product_picture() -> Asset:
    """The picture of what is sold."""
    return Asset(
        wire="productImageFileId",
        product_part="picture",
        role="image",
        label=_("Product picture"),
        help_text=_("One product, seen whole and sharp."),
        section=PRODUCT,
        required_message=_("Choose or upload the picture of the product."),
    )


class ProductInHand(KindForm):
    """The product and the model; kinds add how the picture is made."""

    product = product_picture()
    model = Choice(
        label=_("Who shows it"),
        section=MODEL,
        options=[
            Option(PUBLIC, _("Model from the catalog"), _("A ready-made picture of TopView.")),
            Option(OWN, _("My picture"), _("A picture in which somebody holds or wears something.")),
        ],
    )
    avatar = Pick(
        wire="avatarId",
        catalog_name="product-avatars",
        label=_("Model"),
        section=MODEL,
        shown_when=when("model", PUBLIC),
        required_message=_("Choose the model who shows the product."),
    )
    model_picture = Asset(
        wire="templateImageFileId",
        role="image",
        label=_("Picture of the model"),
        section=MODEL,
        shown_when=when("model", OWN),
        required_message=_("Choose or upload the picture of the model."),
    )
    face = Asset(
        wire="userFaceImageFileId",
        role="image",
        label=_("Another face"),
        help_text=_("Optional: a portrait whose face the model gets."),
        required=False,
        section=MODEL,
    )
