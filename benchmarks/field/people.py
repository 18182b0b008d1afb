"""A thousand members with a site each, and their phones signed in through the field app's own door."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from io import BytesIO
from uuid import UUID

import numpy as np
from django.conf import settings
from django.test import Client
from PIL import Image

from benchmarks.county import COUNTY, SINCE, County, papers
from safegrid.accounts.models import Role, User
from safegrid.foundation import clock
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import ScopeGrant
from safegrid.grids.models import GridMember, Posting
from safegrid.sites.models import Site

PASSWORD = "benchmark-" + secrets.token_hex(8)
SITE_TYPE = "shop"
WIDTH, HEIGHT = 640, 480


@dataclass(frozen=True)
class Carrier:
    """A member's phone: who carries it, the site visited, and the headers of its session."""

    user: User
    site: Site
    device_id: UUID
    headers: dict[str, str]


def carriers(county: County, number: int) -> list[Carrier]:
    """Post ``number`` new members to the county's grids, give each a site there, and sign their phones in."""
    users = [_user(position) for position in range(number)]
    User.objects.bulk_create(users, batch_size=500)
    today, now = clock.today(), clock.now()
    homes = [county.villages[position % len(county.villages)] for position in range(number)]
    roles = [
        Role(user=user, kind="grid_member", place=home.code, valid_from=SINCE)
        for user, home in zip(users, homes, strict=True)
    ]
    Role.objects.bulk_create(roles, batch_size=500)
    members = [
        GridMember(county=COUNTY, user_id=user.id, code=f"M-{position + 2:04d}", name=user.name, employer="网格服务中心",
                   town=home.town, home_village=home.code, hired_on=SINCE)
        for position, (user, home) in enumerate(zip(users, homes, strict=True))
    ]  # fmt: skip
    GridMember.objects.bulk_create(members, batch_size=500)
    papers(members)
    postings = [Posting(county=COUNTY, member=member, grid=home.grid, role="deputy", valid_from=today)
                for member, home in zip(members, homes, strict=True)]  # fmt: skip
    Posting.objects.bulk_create(postings, batch_size=500)
    ScopeGrant.objects.bulk_create(
        (ScopeGrant(county=COUNTY, user_id=user.id, kind="grid", key=home.grid.id, source=posting.id, valid_from=SINCE)
         for user, home, posting in zip(users, homes, postings, strict=True)),
        batch_size=500,
    )  # fmt: skip
    sites = []
    for position, home in enumerate(homes):
        point = home.area.representative_point()
        sites.append(
            Site(county=COUNTY, code=f"F-{position:05d}", name=f"第{position}号商铺", site_type=SITE_TYPE, industry="5211",
                 town=home.town, village=home.code, longitude=point.x, latitude=point.y, grid_id=home.grid.id,
                 created_at=now, updated_at=now)
        )  # fmt: skip
    Site.objects.bulk_create(sites, batch_size=500)
    client = Client(headers={"Host": "127.0.0.1"})
    return [_sign_in(client, user, site) for user, site in zip(users, sites, strict=True)]


def _user(position: int) -> User:
    user = User(username=f"member{position}", name=f"网格员{position}", place=str(COUNTY))
    user.set_password(PASSWORD)
    return user


def _sign_in(client: Client, user: User, site: Site) -> Carrier:
    """Sign in as the app does; the cookies then belong to requests from outside this process."""
    device_id = uuid7()
    client.cookies.clear()
    body = {"username": user.username, "password": PASSWORD, "device_id": str(device_id), "device_name": "测算手机"}
    answer = client.post(
        "/api/v1/field/sign-in", body, content_type="application/json", headers={"X-Field-Device": str(device_id)}
    )
    if answer.status_code != 200:
        raise RuntimeError(f"sign-in: {answer.status_code} {answer.content.decode()}")
    forgery = secrets.token_hex(16)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={forgery}"
    return Carrier(user, site, device_id, {"Cookie": cookies, "X-CSRFToken": forgery, "X-Field-Device": str(device_id)})


def photos(number: int, seed: int) -> list[bytes]:
    """Return different pictures of some 180 KB, larger than a chunk, as the phones' compression leaves them."""
    generator = np.random.default_rng(seed)
    found = []
    for _ in range(number):
        coarse = generator.integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((WIDTH * 2, HEIGHT * 2), Image.Resampling.BICUBIC)
        out = BytesIO()
        picture.save(out, "JPEG", quality=80)
        found.append(out.getvalue())
    return found
