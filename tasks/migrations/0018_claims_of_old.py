"""Claims that stood among the callbacks, and one for each call that follows a task at TopView.

Of several calls that follow one task, the earliest keeps it. The others become second claims: they go on, and
keep their files and charges, but a person is asked to look.
"""

from typing import Any

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Coalesce

# How a claim was marked among the callbacks, and its source now.
MARKS = {'given-by-person': 'person', 'own-task': 'own-task', 'found-trace': 'trace'}
SOURCES = {source: mark for mark, source in MARKS.items()}
# The source by the cause of the move with which a call began to follow its task.
CAUSES = {'accepted': 'answer', 'adopted': 'charge', 'given-by-person': 'person'}


def make_claims(apps: Any, _editor: Any) -> None:
    _from_notices(apps)
    _from_calls(apps)


def _from_notices(apps: Any) -> None:
    notices = apps.get_model('tasks', 'Notice').objects
    claims = apps.get_model('tasks', 'Claim').objects
    people = set(apps.get_model('tasks', 'User').objects.values_list('pk', flat=True))
    rows = notices.exclude(remote_id='').select_related('submission__task__credential').order_by('pk')
    for row in rows.iterator():
        account = row.submission.task.credential
        actor = row.body.get('actor') if row.uuid in MARKS and isinstance(row.body, dict) else None
        claim, is_new = claims.get_or_create(
            submission=row.submission,
            source=MARKS.get(row.uuid, 'callback'),
            remote_id=row.remote_id,
            defaults={
                'workspace_id': row.workspace_id,
                'service': account.service,
                'uid': account.uid,
                'actor_id': actor if actor in people else None,
                'created_at': row.received_at,
                'asked_at': row.look_at,
                'settled_at': row.seen_at,
                'outcome': 'dropped' if row.seen_at else '',
            },
        )
        if not is_new and row.seen_at is None:
            # Of several callbacks that name a task, one was not looked into.
            claims.filter(pk=claim.pk).update(asked_at=row.look_at, settled_at=None, outcome='')
    notices.filter(uuid__in=MARKS).delete()


def _from_calls(apps: Any) -> None:
    calls = apps.get_model('tasks', 'Submission').objects.exclude(remote_id='')
    began = Coalesce('accepted_at', 'created_at')
    rows = calls.select_related('task__credential').order_by(began, 'created_at', 'pk')
    causes = dict(apps.get_model('tasks', 'Move').objects.filter(to_status='running').order_by('pk').values_list('submission', 'cause'))
    followers: dict[tuple[str, str, str], Any] = {}
    for call in rows.iterator():
        account = call.task.credential
        key = (account.service, account.uid, call.remote_id)
        first = followers.get(key)
        is_alone = first is None or not _shares(call, first.submission)
        outcome = 'second' if first is not None and is_alone else 'followed'
        claim = _claim(apps, call, causes.get(call.pk, ''), outcome, None if is_alone else first)
        if first is None:
            followers[key] = claim
        elif is_alone:
            _ask_for_attention(apps, call, first.submission)


def _shares(call: Any, first: Any) -> bool:
    """Whether it works on the other's task at TopView: another step of the same task here."""
    return bool(call.task_id == first.task_id and call.step != first.step)


def _claim(apps: Any, call: Any, cause: str, outcome: str, joins: Any) -> Any:
    claims = apps.get_model('tasks', 'Claim').objects
    known = claims.filter(submission=call, remote_id=call.remote_id).exclude(source='callback').first()
    source = CAUSES.get(cause) or (known.source if known else 'answer')
    at = call.accepted_at or call.created_at
    account = call.task.credential
    facts = {'outcome': outcome, 'joins': joins, 'settled_at': at}
    made = {
        'workspace_id': call.workspace_id,
        'service': account.service,
        'uid': account.uid,
        'created_at': at,
    }
    names = {'submission': call, 'source': source, 'remote_id': call.remote_id}
    return claims.update_or_create(**names, defaults=facts, create_defaults={**made, **facts})[0]


def _ask_for_attention(apps: Any, call: Any, first: Any) -> None:
    is_near = call.workspace_id == first.workspace_id
    whose = f'“{first.task.title}”' if is_near else 'another workspace of this portal'
    words = f'A second claim: TopView has one task {call.remote_id}, which {whose} followed first. '
    words += 'Its files and charges stand in both.'
    rows = apps.get_model('tasks', 'Submission').objects.filter(pk=call.pk, attention='')
    rows.update(attention=words[:500])
    apps.get_model('tasks', 'Task').objects.filter(pk=call.task_id).update(version=F('version') + 1)


def back_to_notices(apps: Any, _editor: Any) -> None:
    notices = apps.get_model('tasks', 'Notice').objects
    claims = apps.get_model('tasks', 'Claim').objects
    for claim in claims.filter(source='callback').iterator():
        facts = {'look_at': claim.asked_at or claim.created_at, 'seen_at': claim.settled_at}
        notices.filter(submission=claim.submission_id, remote_id=claim.remote_id).update(**facts)
    for claim in claims.filter(source__in=SOURCES).iterator():
        notices.get_or_create(
            submission_id=claim.submission_id,
            uuid=SOURCES[claim.source],
            remote_id=claim.remote_id[:120],
            defaults={
                'workspace_id': claim.workspace_id,
                'body': {'actor': claim.actor_id} if claim.actor_id else {},
                'received_at': claim.created_at,
                'look_at': claim.asked_at or claim.created_at,
                'seen_at': claim.settled_at,
            },
        )
    claims.all().delete()


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0017_claims'),
    ]

    operations = [
        migrations.RunPython(make_claims, back_to_notices),
    ]
