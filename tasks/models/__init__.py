"""The rows of the portal. `Submission` holds the state machine; `transitions` has its table."""

from tasks.models.api_log import ApiLogEntry, ApiOperation, UnexpectedAnswer
from tasks.models.audit import AuditEvent
from tasks.models.callbacks import Callback
from tasks.models.candidates import Candidate, EvidenceKind
from tasks.models.catalogs import CatalogEntry, CatalogState, Favourite
from tasks.models.charges import Charge, ChargeQuerySet
from tasks.models.circuits import Circuit
from tasks.models.claims import Claim, ClaimOutcome, ClaimSource
from tasks.models.comments import (
    LONGEST_COMMENT,
    PLACES,
    Comment,
    Visibility,
    commented_sentence,
    sentence_digest,
)
from tasks.models.credentials import Credential, CredentialState, Service
from tasks.models.decisions import LONGEST_REASON, Decision, Verdict
from tasks.models.drawings import LONGEST_DRAWING, read_drawing
from tasks.models.files import (
    UNEXAMINED,
    AssetRole,
    Blob,
    RemoteFile,
    Rendition,
    RenditionState,
    Upload,
    UploadState,
)
from tasks.models.film_timings import FilmTiming
from tasks.models.heartbeats import Heartbeat
from tasks.models.leases import Lease
from tasks.models.mail import Mail, MailCause, MailState, MailTrouble
from tasks.models.outputs import Output, OutputState
from tasks.models.packages import MOST_VERSIONS, CommentsKept, Package, PackageAct, PackageEntry, PackageEvent
from tasks.models.people import Membership, Role, User, Workspace
from tasks.models.pieces import LONGEST_NOTE, Piece, Version, VersionState, sum_up_review
from tasks.models.player_media import PlayerMedia
from tasks.models.previews import Preview, PreviewState
from tasks.models.products import LONGEST_NAME, Product, ProductFile
from tasks.models.remarks import Remark
from tasks.models.review_stages import DecidedBy, Needed, ReviewStage
from tasks.models.revisions import newest_revisions, review_revision, revision_and_bytes_sent
from tasks.models.share_links import (
    DownloadRight,
    Follows,
    Guest,
    GuestAttempt,
    GuestSession,
    Identification,
    LinkAct,
    LinkEvent,
    ShareItem,
    ShareLink,
)
from tasks.models.sign_ins import AddressChange, SignInAttempt
from tasks.models.submissions import InvalidTransition, Submission
from tasks.models.tasks import ReviewState, Task
from tasks.models.thumbnails import Thumbnail, pictures_without_thumbnail
from tasks.models.timelines import Timeline, timeline_of
from tasks.models.transitions import (
    ALLOWED,
    CLAIMABLE,
    DEAD,
    FOR_PEOPLE,
    IN_FLIGHT,
    MOVING,
    UNSENT,
    WATCHED,
    Lateness,
    Status,
    TaskStatus,
    Transition,
)
from tasks.models.version_events import VersionAct, VersionEvent

__all__ = [
    "DEAD",
    "FOR_PEOPLE",
    "IN_FLIGHT",
    "LONGEST_NAME",
    "MOVING",
    "UNEXAMINED",
    "UNSENT",
    "ALLOWED",
    "CLAIMABLE",
    "WATCHED",
    "AddressChange",
    "ApiLogEntry",
    "ApiOperation",
    "AssetRole",
    "AuditEvent",
    "Blob",
    "Candidate",
    "CatalogEntry",
    "CatalogState",
    "Charge",
    "ChargeQuerySet",
    "Circuit",
    "Claim",
    "ClaimOutcome",
    "ClaimSource",
    "Credential",
    "CredentialState",
    "EvidenceKind",
    "Favourite",
    "FilmTiming",
    "Heartbeat",
    "Lease",
    "Mail",
    "MailCause",
    "MailState",
    "MailTrouble",
    "Membership",
    "Transition",
    "Callback",
    "UnexpectedAnswer",
    "Output",
    "OutputState",
    "Lateness",
    "PlayerMedia",
    "Preview",
    "PreviewState",
    "Product",
    "ProductFile",
    "Remark",
    "RemoteFile",
    "Rendition",
    "RenditionState",
    "Role",
    "Service",
    "SignInAttempt",
    "Status",
    "Submission",
    "Task",
    "TaskStatus",
    "Thumbnail",
    "Upload",
    "UploadState",
    "User",
    "Workspace",
    "LONGEST_COMMENT",
    "PLACES",
    "Comment",
    "Visibility",
    "LONGEST_REASON",
    "Decision",
    "Verdict",
    "LONGEST_NOTE",
    "MOST_VERSIONS",
    "CommentsKept",
    "Package",
    "PackageAct",
    "PackageEntry",
    "PackageEvent",
    "Piece",
    "ReviewState",
    "Version",
    "VersionState",
    "VersionAct",
    "VersionEvent",
    "DecidedBy",
    "Needed",
    "ReviewStage",
    "DownloadRight",
    "Follows",
    "Guest",
    "GuestAttempt",
    "GuestSession",
    "Identification",
    "LinkAct",
    "LinkEvent",
    "ShareItem",
    "ShareLink",
    "InvalidTransition",
    "newest_revisions",
    "pictures_without_thumbnail",
    "LONGEST_DRAWING",
    "read_drawing",
    "review_revision",
    "revision_and_bytes_sent",
    "sentence_digest",
    "commented_sentence",
    "sum_up_review",
    "Timeline",
    "timeline_of",
]
