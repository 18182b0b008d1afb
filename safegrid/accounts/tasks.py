"""Housekeeping of sign-ins."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from axes.models import AccessAttempt, AccessLog
from django.conf import settings

from safegrid.accounts.models import EndedHow, UserSession
from safegrid.foundation import clock
from safegrid.foundation.queue import periodic

KEPT_DAYS = 180  # 网络安全法 art. 21: network logs are kept for at least six months


@periodic("accounts.tidy", minutes=60)
def tidy() -> None:
    """End what ran out unseen, and drop records of sign-ins older than the law wants them; the trace keeps its own."""
    now = clock.now()
    too_old = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    open_still = UserSession.objects.filter(ended_at__isnull=True)
    browsers = open_still.filter(device_id__isnull=True, began_at__lt=too_old)
    browsers.update(ended_at=now, ended_how=EndedHow.EXPIRED)
    phones = open_still.filter(device_id__isnull=False, began_at__lt=now - timedelta(days=settings.FIELD_SESSION_DAYS))
    phones.update(ended_at=now, ended_how=EndedHow.EXPIRED)
    UserSession.objects.filter(ended_at__lt=now - timedelta(days=KEPT_DAYS)).delete()
    AccessLog.objects.filter(attempt_time__lt=now - timedelta(days=KEPT_DAYS)).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - timedelta(days=KEPT_DAYS)).delete()
    store: Any = import_module(settings.SESSION_ENGINE).SessionStore
    store.clear_expired()
