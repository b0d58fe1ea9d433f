"""The skeleton of a new kind, written from the contract: fields, step, examples and a test."""

from tasks.management.skeleton.fields import NoSkeleton
from tasks.management.skeleton.files import Skeleton, skeleton

__all__ = ["NoSkeleton", "Skeleton", "skeleton"]
