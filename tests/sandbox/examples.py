"""Right requests for every operation that the sandbox serves, written from the contract's pages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tasks.contract import load

Body = dict[str, Any]


@dataclass(frozen=True)
class Ids:
    """Files of the account, and entries of the public catalogs."""

    image: str
    video: str
    audio: str
    mask: str = ""  # as large as the image, white in part

    voice = load().rows("voices")[0]["voiceId"]
    avatar = load().rows("ai_avatars")[0]["aiavatarId"]
    caption = load().rows("captions")[0]["captionId"]
    model = load().rows("public_product_avatars")[0]["avatarId"]
    template = load().rows("anyshoot_templates")[0]["templateId"]


def marketing(ids: Ids) -> Body:
    """A preview of three scripts."""
    return {
        "fileIds": [ids.image],
        "productName": "Clay mug",
        "productDescription": "A mug of red clay that keeps tea warm.",
        "preview": True,
        "captionId": ids.caption,
        "voiceId": ids.voice,
        "aiavatarId": ids.avatar,
        "aspectRatio": "1:1",
    }


def public_avatar(ids: Ids) -> Body:
    """A public avatar says a text in its own voice."""
    return {
        "avatarSourceFrom": 1,
        "aiAvatarId": ids.avatar,
        "audioSourceFrom": 1,
        "ttsText": "Good morning from the sandbox.",
    }


def uploaded_photo(ids: Ids) -> Body:
    """An uploaded portrait says an uploaded audio."""
    return {
        "avatarSourceFrom": 3,
        "imageFileId": ids.image,
        "audioSourceFrom": 0,
        "audioFileId": ids.audio,
        "voiceoverId": ids.voice,
    }


def image_to_video(ids: Ids) -> Body:
    """Four short clips."""
    return {"imageFileId": ids.image, "duration": 5, "mode": "lite", "generatingCount": 4}


def photo_avatar(ids: Ids) -> Body:
    """A talking photo."""
    return {
        "templateImageFileId": ids.image,
        "mode": "avatar4",
        "scriptMode": "text",
        "ttsText": "Hello.",
        "voiceId": ids.voice,
    }


def product_avatar(ids: Ids) -> Body:
    """v1: the product into a public model's hands."""
    return {"avatarId": ids.model, "productImageFileId": ids.image, "imageEditPrompt": "Hold the mug"}


def anyshoot(ids: Ids) -> Body:
    """Two pictures of a scene of one's own."""
    return {
        "productImageFileId": ids.image,
        "templateMaskFileId": ids.mask or ids.image,
        "templateImageFileId": ids.image,
        "mode": "standard",
        "generatingCount": 2,
    }


@dataclass(frozen=True)
class Example:
    """A submit with its query path and the right body."""

    submit: str
    query: str
    body: Callable[[Ids], Body]


SUBMITS = {
    "submitM2vTask": Example("/v1/m2v/task/submit", "/v1/m2v/task/query", marketing),
    "submitVideoAvatarTask": Example(
        "/v1/video_avatar/task/submit", "/v1/video_avatar/task/query", public_avatar
    ),
    "submitPhotoAvatar": Example("/v1/photo_avatar/task/submit", "/v1/photo_avatar/task/query", photo_avatar),
    "submitProductAvatarReplace": Example(
        "/v1/product_avatar/task/image_replace/submit",
        "/v1/product_avatar/task/image_replace/result",
        product_avatar,
    ),
    "submitProductAvatarReplaceV2": Example(
        "/v2/product_avatar/task/image_replace/submit",
        "/v2/product_avatar/task/image_replace/query",
        lambda ids: {"avatarId": ids.model, "productImageWithoutBackgroundFileId": ids.image},
    ),
    "submitProductAvatarReplaceV3": Example(
        "/v3/product_avatar/task/image_replace/submit",
        "/v3/product_avatar/task/image_replace/query",
        lambda ids: {"templateImageFileId": ids.image, "productImageFileId": ids.image},
    ),
    "submitAnyShootTask": Example(
        "/v1/product_anyShoot/task/submit", "/v1/product_anyShoot/task/result", anyshoot
    ),
    "submitCommonImage2Video": Example(
        "/v1/common_task/image2video/submit", "/v1/common_task/image2video/result", image_to_video
    ),
    "submitImage2VideoV2": Example(
        "/v2/common_task/image2video/task/submit",
        "/v2/common_task/image2video/task/query",
        lambda ids: {"model": "Kling V3", "firstFrameFileId": ids.image, "duration": 5},
    ),
    "submitScraperTask": Example(
        "/v1/scraper/task/submit",
        "/v1/scraper/task/query",
        lambda ids: {"productLink": "https://shop.example/red-clay-mug"},
    ),
    "submitRemoveBackground": Example(
        "/v1/common_task/remove_background/submit",
        "/v1/common_task/remove_background/query",
        lambda ids: {"productImageFileId": ids.image},
    ),
    "submitVoiceClone": Example(
        "/v1/voice/clone/task/submit",
        "/v1/voice/clone/task/query",
        lambda ids: {"originVoiceFileId": ids.audio, "name": "Own voice"},
    ),
    "submitText2Voice": Example(
        "/v1/voice/text2voice/task/submit",
        "/v1/voice/text2voice/task/query",
        lambda ids: {"voiceText": "Hello.", "voiceId": ids.voice},
    ),
}


def by_contract(submit: str, body: Callable[[Ids], Body], query: str = "") -> Example:
    """An operation that no module of the sandbox knows, served by its schemas alone."""
    path = load().operations[submit].path
    return Example(path, query or path.removesuffix("submit") + "query", body)


_BODIES: dict[str, Callable[[Ids], Body]] = {
    "submitText2Video": lambda ids: {
        "model": "Kling V3",
        "prompt": "A mug in the rain",
        "duration": 5,
        "aspectRatio": "16:9",
        "generatingCount": 2,
    },
    "submitOmniReference": lambda ids: {
        "model": "Seedance 2.5",
        "prompt": "<<<Image1>>> turns",
        "inputImages": [{"fileId": ids.image, "name": "Image1"}],
        "duration": 4,
    },
    "submitText2Image": lambda ids: {"model": "Nano Banana", "prompt": "A mug", "generateCount": 3},
    "submitImageEdit": lambda ids: {
        "model": "Nano Banana",
        "prompt": "A blue mug",
        "inputImageFileIds": [ids.image],
    },
    "submitStoryboard": lambda ids: {"story": "A mug", "model": "GPT Image 2", "resolution": "1K"},
    "submitAiMusic": lambda ids: {"model": "Topview Music", "styles": "calm", "lyrics": "La la"},
    "submitCharacterSwap": lambda ids: {
        "inputModelFileId": ids.image,
        "inputTemplateFileId": ids.image,
    },
    "submitVideoObjectRemove": lambda ids: {"mode": "auto", "videoFileId": ids.video},
    "submitInstantVoiceClone": lambda ids: {
        "model": "Fish Audio S2 Pro",
        "text": "Hello.",
        "referenceAudioFileId": ids.audio,
    },
    "submitImageTranslate": lambda ids: {"fileId": ids.image, "languages": ["German", "French"]},
    "submitVideoProcess": lambda ids: {"inputVideoFileId": ids.video},
    "submitProductAvatarVideoV3": lambda ids: {
        "replaceProductTaskImageId": ids.image,
        "mode": "avatar4",
        "scriptMode": "text",
        "ttsText": "Look at this mug.",
        "voiceId": ids.voice,
    },
}
BY_CONTRACT = {name: by_contract(name, body) for name, body in _BODIES.items()} | {
    "submitAnyShootProductModelV3": by_contract(
        "submitAnyShootProductModelV3",
        lambda ids: {
            "productImageFileId": ids.image,
            "templateImageFileId": ids.image,
            "generatingCount": "2",
        },
        "/v3/product_anyShoot/product_model/task/result",
    ),
    "submitImageTranslateBatch": by_contract(
        "submitImageTranslateBatch",
        lambda ids: {"fileIds": [ids.image, ids.image], "languages": ["German", "French"]},
        "/v1/image_generate/task/query",
    ),
}
