"""Settings: who decides in this workspace, and in which order. For admins."""

from __future__ import annotations

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tasks.access import PortalRequest, administrator
from tasks.commands.review.rule_changes import change_rule
from tasks.commands.review.rules import stages_of
from tasks.forms.review.rule import StageForms, kept_stages
from tasks.views.http.responses import REFUSED, see_other


@require_http_methods(["GET", "HEAD", "POST"])
@administrator
def review_rule(request: PortalRequest) -> HttpResponse:
    """The stages of the workspace's review."""
    if request.method == "POST":
        stages = StageForms(request.POST)
    else:
        stages = StageForms(initial=[asdict(stage) for stage in stages_of(request.membership.workspace_id)])
    if not stages.is_bound or not stages.is_valid():
        status = REFUSED if stages.is_bound else 200
        return render(request, "review/rule.html", {"stages": stages}, status=status)
    change_rule(membership=request.membership, stages=kept_stages(stages))
    messages.success(request, _("The changes are saved."))
    return see_other("review-rule")
