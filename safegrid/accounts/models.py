"""People who sign in, the roles they hold, and the keys they hold them with. Not distributed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from safegrid.foundation import clock
from safegrid.foundation.crypto import SealedTextField
from safegrid.foundation.keys import LocalModel
from safegrid.foundation.scope import Holding
from safegrid.foundation.statements import Prepared


class RoleKind(models.TextChoices):
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    UPPER_LEVEL = "upper_level", "上级部门"
    LEADER = "leader", "领导"
    LEAD_OFFICER = "lead_officer", "牵头部门经办"
    LEAD_CHIEF = "lead_chief", "牵头部门负责人"
    DEPARTMENT_OFFICER = "department_officer", "部门经办"
    TOWN_OFFICER = "town_officer", "乡镇安监站"
    HOTLINE_OFFICER = "hotline_officer", "热线坐席"
    COMMITTEE = "committee", "村（居）委会"
    GRID_MEMBER = "grid_member", "网格员"
    AGENCY_EXPERT = "agency_expert", "第三方专家"
    SITE_CONTACT = "site_contact", "监管对象联系人"
    REWARD_OFFICER = "reward_officer", "奖励经办"
    AUDITOR = "auditor", "审计"


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Make an account; without a password nobody can sign in with it."""
        user = self.model(username=username, **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, LocalModel):
    """An account. What it may see and do comes from its roles alone."""

    username = models.CharField("用户名", max_length=60)
    name = models.CharField("姓名", max_length=60)
    phone = SealedTextField()
    phone_tail = models.CharField(max_length=4, blank=True)
    email = models.EmailField(blank=True)
    place = models.CharField(max_length=12, blank=True, help_text="账号由此行政区划的管理员管理")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["username"], name="username_once")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **options: Any) -> None:
        if self.phone and not self.phone_tail:
            self.phone_tail = self.phone[-4:]
        super().save(*args, **options)

    @property
    def label(self) -> str:
        return self.name

    def holdings(self) -> tuple[Holding, ...]:
        """Return the roles in force today; read once for each loaded user object (see ``forget_holdings``)."""
        if not self.is_active:
            return ()
        today = clock.today()
        kept: tuple[date, tuple[Holding, ...]] | None = self.__dict__.get("_holdings")
        if kept is None or kept[0] != today:
            kept = (today, tuple(role.holding() for role in ROLES_TODAY(user_id=self.id, on=today, at=clock.now())))
            self.__dict__["_holdings"] = kept
        return kept[1]

    def forget_holdings(self) -> None:
        self.__dict__.pop("_holdings", None)


class RoleQuerySet(models.QuerySet["Role"]):
    def in_force(self, on: date, at: datetime | None = None) -> RoleQuerySet:
        """Narrow to the roles that hold on a day, less those that ended at a moment of it (now)."""
        return self.filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=on),
            models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=at or clock.now()),
            valid_from__lte=on,
            suspended=False,
        )


class Role(LocalModel):
    """One role at one place for a period. ``place``: 0, 2, 4, 6, 9 or 12 digits of a region code."""

    user = models.ForeignKey(User, models.PROTECT, related_name="roles")
    kind = models.CharField(max_length=30, choices=RoleKind)
    place = models.CharField(max_length=12, blank=True)
    department_id = models.UUIDField(null=True)
    agency_id = models.UUIDField(null=True)
    site_id = models.UUIDField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    ends_at = models.DateTimeField(null=True, help_text="应急访问：到点自动失效")
    suspended = models.BooleanField(default=False, help_text="门禁未通过：网格员角色暂停")
    delegated_from = models.ForeignKey("self", models.PROTECT, null=True, help_text="AB角：代行此角色")
    reason = models.CharField(max_length=200, blank=True)
    objects = RoleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["kind", "place"], name="role_place")]

    def holding(self) -> Holding:
        return Holding(self.kind, self.place, self.department_id, self.agency_id, self.site_id)


ROLES_TODAY = Prepared(lambda user_id, on, at: Role.objects.filter(user_id=user_id).in_force(on, at))


class PersonalToken(LocalModel):
    """A key for programs. Only its hash is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64)
    tail = models.CharField(max_length=6)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token_hash"], name="token_once")]


class RecoveryCode(LocalModel):
    """One of the codes that stand in for a lost second factor, once each. Only its hash is kept."""

    user = models.ForeignKey(User, models.PROTECT, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]


class EndedHow(models.TextChoices):
    SIGNED_OUT = "signed_out", "本机退出"
    ELSEWHERE = "elsewhere", "在别处结束"
    EXPIRED = "expired", "到期"
    DISPLACED = "displaced", "登录处数超限"
    REPLACED = "replaced", "重新登录"
    CREDENTIALS = "credentials", "密码、验证器或账号变动"


class UserSession(LocalModel):
    """One sign-in from one browser, or from one phone in the field (``device_id``): what the limits count, what may be ended."""

    user = models.ForeignKey(User, models.PROTECT, related_name="sessions")
    session_key = models.CharField(max_length=40)
    device = models.CharField(max_length=200, blank=True)
    device_id = models.UUIDField(null=True, help_text="移动端安装编号；空为浏览器")
    address = models.CharField(max_length=45, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=20, choices=EndedHow, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session_key"], name="session_key_once")]
        indexes = [
            models.Index(fields=["user", "ended_at", "began_at"], name="session_of_user"),
            models.Index(fields=["device_id", "began_at"], name="session_of_device"),
        ]

    @property
    def is_device(self) -> bool:
        return self.device_id is not None


class BreakGlass(LocalModel):
    """A system administrator's access to content, with a reason and an end."""

    user = models.ForeignKey(User, models.PROTECT)
    place = models.CharField(max_length=12)
    reason = models.CharField(max_length=300)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    role = models.ForeignKey(Role, models.PROTECT, null=True)
