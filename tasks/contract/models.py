"""Reads `models.yaml`: models called by name, what each makes and costs; its `reading` explains it."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent / "models.yaml"


@functools.cache
def load_models() -> Mapping[str, Any]:
    """The whole file, read once for the process."""
    found: Mapping[str, Any] = yaml.load(FILE.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return found


@functools.cache
def video_models() -> Mapping[str, Mapping[str, Any]]:
    """Every video model by each of the names that calls may give it, in the model's own spelling."""
    return _by_name("video")


@functools.cache
def image_models() -> Mapping[str, Mapping[str, Any]]:
    """Every picture model by each of the names that calls may give it, in the model's own spelling."""
    return _by_name("image")


def _by_name(media: str) -> Mapping[str, Mapping[str, Any]]:
    return {name["name"]: model for model in load_models()[media] for name in model["api_names"]}
