"""Reading accounts: who holds what where, and what an administrator or the owner may see of an account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django_otp import user_has_device

from safegrid.accounts import access
from safegrid.accounts.models import BreakGlass, EndedHow, PersonalToken, Role, RoleKind, User, UserSession
from safegrid.foundation import clock
from safegrid.foundation.crypto import mask_phone
from safegrid.foundation.errors import NotVisible
from safegrid.foundation.scope import Actor, granted
from safegrid.foundation.statements import Prepared

Account: TypeAlias = User  # the type, for those who may not import the models
LEVELS = (2, 4, 6, 9, 12)


def who_holds(
    kinds: Iterable[str],
    *,
    county: int,
    town: str = "",
    village: str = "",
    department_id: UUID | None = None,
    site_id: UUID | None = None,
) -> list[User]:
    """Return the active users with one of ``kinds`` in force at a place that contains the place asked for.

    The place asked for is the village, else the town, else the county; with
    ``department_id`` only roles in that department count.
    """
    asked = village or town or str(county)
    places = ["", *(asked[:length] for length in LEVELS if length <= len(asked))]
    roles = Role.objects.filter(kind__in=list(kinds), place__in=places, user__is_active=True).in_force(clock.today())
    if department_id is not None:
        roles = roles.filter(department_id=department_id)
    if site_id is not None:
        roles = roles.filter(site_id=site_id)
    return list(User.objects.filter(pk__in=roles.values("user_id")).order_by("username"))


def names_of(user_ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the name of each user by id; unknown ids are left out."""
    wanted = {user_id for user_id in user_ids if user_id is not None}
    return dict(User.objects.filter(pk__in=wanted).values_list("id", "name")) if wanted else {}


def user(user_id: UUID) -> User:
    """Return one account whoever asks; raise ``NotVisible`` when there is none."""
    found: User | None = _USER.one(user_id=user_id)
    if found is None:
        raise NotVisible("没有这个账号")
    return found


_USER = Prepared(lambda user_id: User.objects.filter(pk=user_id))


def by_username(username: str) -> User | None:
    """Return the account that signs in with ``username``."""
    return User.objects.filter(username=username).first()


def accounts(actor: Actor, *, words: str = "", kind: str = "", active: bool | None = None) -> QuerySet[User]:
    """Return the accounts ``actor`` administers; ``words``: part of a name or user name, or a phone's last digits."""
    found = access.visible(actor).order_by("username")
    if words:
        found = found.filter(Q(name__icontains=words) | Q(username__icontains=words) | Q(phone_tail=words))
    if kind:
        holders = Role.objects.filter(kind=kind).in_force(clock.today())
        found = found.filter(pk__in=holders.values("user_id"))
    return found if active is None else found.filter(is_active=active)


def account_for(actor: Actor, user_id: UUID) -> User:
    """Return one account in the actor's scope; raise ``NotVisible``."""
    found = access.visible(actor).filter(pk=user_id).first()
    if found is None:
        raise NotVisible
    return found


def roles_of(user: User, *, past: bool = False) -> list[Role]:
    """Return a user's roles, latest first: those in force, coming or suspended; with ``past`` also those ended."""
    roles = user.roles.select_related("delegated_from__user").order_by("-valid_from", "-id")
    if not past:
        roles = roles.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=clock.today()))
        roles = roles.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=clock.now()))
    return list(roles)


def role_for(actor: Actor, role_id: UUID) -> Role:
    """Return a role that the actor holds or may take away; raise ``NotVisible``."""
    found = Role.objects.select_related("user").filter(pk=role_id).first()
    if found is None or not (found.user_id == actor.id or access.may_grant(actor, found.kind, found.place)):
        raise NotVisible
    return found


def kinds_in_force(users: Iterable[User]) -> dict[UUID, list[Role]]:
    """Return the roles in force of many users in one query, for lists."""
    found: dict[UUID, list[Role]] = {}
    ids = [user.pk for user in users]
    for role in Role.objects.filter(user_id__in=ids).in_force(clock.today()).order_by("kind", "place"):
        found.setdefault(role.user_id, []).append(role)
    return found


def sees_more_than_one_grid(user: User) -> bool:
    """Say whether access.md asks this user for a second factor: any role beyond one grid, one village or one site."""
    kinds = {holding.kind for holding in user.holdings()}
    if kinds - access.ONE_GRID:
        return True
    return RoleKind.GRID_MEMBER in kinds and len(granted(user, "grid", clock.today())) > 1


def needs_second_factor(user: User) -> bool:
    """Say whether this installation asks this user for a second factor, or the user has chosen one."""
    if not settings.SECOND_FACTOR:
        return False
    return sees_more_than_one_grid(user) or user_has_device(user)


def recovery_codes_left(user: User) -> int:
    return user.recovery_codes.filter(used_at__isnull=True).count()


def tokens_of(user: User) -> list[PersonalToken]:
    """Return the user's tokens, newest first, revoked and expired ones included."""
    return list(user.tokens.order_by("-created_at"))


# A phone whose last session ended so keeps nothing that it could read.
FORGOTTEN: frozenset[str] = frozenset({EndedHow.SIGNED_OUT, EndedHow.ELSEWHERE})


def sessions_of(user: User) -> list[UserSession]:
    """Return the user's sessions that have not ended, newest first; and phones whose session ran out but that keep data still."""
    last = UserSession.objects.filter(device_id=OuterRef("device_id")).order_by("-began_at", "-id").values("pk")[:1]
    kept = Q(device_id__isnull=False, pk=Subquery(last)) & ~Q(ended_how__in=FORGOTTEN)
    return list(user.sessions.filter(Q(ended_at__isnull=True) | kept).order_by("-began_at"))


def devices_of(user: User) -> list[UserSession]:
    """Return the phones that the user signed in with and that keep data still, the last signed in first."""
    return [session for session in sessions_of(user) if session.is_device]


def device_session_for(actor: Actor, session_id: UUID) -> UserSession:
    """Return the session of a phone whose account the actor administers; raise ``NotVisible``."""
    found = UserSession.objects.select_related("user").filter(
        pk=session_id, device_id__isnull=False, user__in=access.visible(actor)
    )
    session = found.first()
    if session is None:
        raise NotVisible
    return session


def device_state(device_id: UUID) -> str:
    """Say what a phone asks after a 401: ``active`` (its session merely ended), ``signed_out`` (it is to forget), ``unknown``.

    A stopped account's phones are to forget. Asked without signing in: the id is known to the phone alone.
    """
    last = UserSession.objects.select_related("user").filter(device_id=device_id).order_by("-began_at", "-id").first()
    if last is None:
        return "unknown"
    return "signed_out" if last.ended_how in FORGOTTEN or not last.user.is_active else "active"


@dataclass(frozen=True)
class Profile:
    """What is shown of an account: the phone masked."""

    id: UUID
    username: str
    name: str
    phone: str
    email: str
    place: str
    is_active: bool
    must_change_password: bool
    last_login: datetime | None
    has_second_factor: bool


def profile(user: User) -> Profile:
    """Return what may be shown of an account to its owner and to its administrators."""
    return Profile(
        id=user.pk,
        username=user.username,
        name=user.name,
        phone=mask_phone(user.phone),
        email=user.email,
        place=user.place,
        is_active=user.is_active,
        must_change_password=user.must_change_password,
        last_login=user.last_login,
        has_second_factor=user_has_device(user),
    )


def kind_choices(kinds: Iterable[str] = tuple(RoleKind.values)) -> list[tuple[str, str]]:
    """Return (kind, Chinese label) of kinds of roles, for forms and filters."""
    return [(kind, str(RoleKind(kind).label)) for kind in kinds]


def holding_kind(users: QuerySet[User], kind: str) -> QuerySet[User]:
    """Narrow accounts to those with a role of ``kind`` in force."""
    return users.filter(pk__in=Role.objects.filter(kind=kind).in_force(clock.today()).values("user_id"))


def token_for(actor: Actor, token_id: UUID) -> PersonalToken:
    """Return one of the actor's own tokens; raise ``NotVisible``."""
    found = PersonalToken.objects.select_related("user").filter(pk=token_id, user_id=actor.id).first()
    if found is None:
        raise NotVisible
    return found


def session_for(actor: Actor, session_id: UUID) -> UserSession:
    """Return one of the actor's own sessions; raise ``NotVisible``."""
    found = UserSession.objects.select_related("user").filter(pk=session_id, user_id=actor.id).first()
    if found is None:
        raise NotVisible
    return found


def own_break_glass(actor: Actor) -> list[BreakGlass]:
    """Return the actor's break-glass accesses that have not ended."""
    return list(BreakGlass.objects.filter(user_id=actor.id, ends_at__gt=clock.now()).order_by("ends_at"))


def lent_by(user: User) -> list[Role]:
    """Return the copies of the user's roles that substitutes hold now or later (AB角)."""
    copies = Role.objects.filter(delegated_from__user=user, valid_to__gte=clock.today())
    return list(copies.select_related("user").order_by("valid_from"))
