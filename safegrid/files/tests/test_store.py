"""What may be stored, what is stripped, and who may open it."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from safegrid.files import access, content, selectors, services
from safegrid.files.models import AttachmentUse
from safegrid.foundation import clock
from safegrid.foundation.errors import InvalidInput, NotPermitted, NotVisible
from safegrid.foundation.models import TraceRow

pytestmark = pytest.mark.django_db
SECRET = b"photographed by Zhang San"


def photo(color: str = "red", kind: str = "JPEG", *, exif: bool = True, size: tuple[int, int] = (640, 480)) -> bytes:
    """A picture with a camera's hidden facts in it."""
    picture = Image.new("RGB", size, color)
    facts = Image.Exif()
    if exif:
        facts[0x010E] = SECRET.decode()
        facts.get_ifd(0x8769)[0x9003] = "2026:03:01 09:30:00"
        gps = facts.get_ifd(0x8825)
        gps[1], gps[2], gps[3], gps[4] = "N", (30.0, 32.0, 24.0), "E", (119.0, 58.0, 12.0)
    out = BytesIO()
    picture.save(out, kind, exif=facts)
    return out.getvalue()


def test_a_photo_loses_its_hidden_facts_but_time_and_place_are_kept_as_data(cast):
    data = photo()
    assert SECRET in data
    kept = services.store(acting_user=cast.grid_member, county=cast.county, data=data, name="C:\\照片\\门口.jpg")
    with services.opened(acting_user=cast.grid_member, attachment=kept) as file:
        stored = file.read()
    assert SECRET not in stored
    assert not Image.open(BytesIO(stored)).getexif()
    assert (kept.latitude, kept.longitude) == (pytest.approx(30.54), pytest.approx(119.97))
    assert kept.taken_at is not None
    assert kept.taken_at.astimezone(clock.SHANGHAI).hour == 9
    assert kept.original_name == "门口.jpg"
    assert kept.original_hash != kept.content_hash


def test_the_same_content_is_stored_once_for_each_person(cast):
    one = services.store(acting_user=cast.grid_member, county=cast.county, data=photo("blue"))
    again = services.store(acting_user=cast.grid_member, county=cast.county, data=photo("blue"))
    other = services.store(acting_user=cast.next_grid_member, county=cast.county, data=photo("blue"))
    assert one.id == again.id
    assert other.id != one.id
    assert services.path_of(other) == services.path_of(one)
    assert TraceRow.objects.filter(county=cast.county, action="files.store").count() == 2


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_each_accepted_kind_gets_a_thumbnail(kind):
    checked = content.check(photo(kind=kind, size=(2000, 1000)))
    assert checked.media_type == content.FORMATS[kind]
    assert Image.open(BytesIO(checked.thumbnail)).size == (320, 160)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "空"),
        (b"MZ\x90\x00" + b"\0" * 500, "只接受"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "只接受"),
        (b"%PDF-1.7 half of a file", "PDF 不完整"),
        (photo()[:2000], "不完整"),
        (b"\0" * (content.MOST_BYTES + 1), "超过"),
    ],
)
def test_what_is_no_whole_picture_or_pdf_is_refused_with_what_to_do(data, words):
    with pytest.raises(InvalidInput, match=words):
        content.check(data)


def test_a_picture_bomb_is_refused_before_it_is_unpacked():
    out = BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(InvalidInput, match="像素过大"):
        content.check(out.getvalue())


def test_a_file_is_used_only_by_the_one_who_uploaded_it(cast):
    kept = services.store(acting_user=cast.grid_member, county=cast.county, data=photo())
    with pytest.raises(InvalidInput):
        services.attach(acting_user=cast.town_officer, target=cast.site, attachment_ids=[kept.id], purpose="report")
    services.attach(acting_user=cast.grid_member, target=cast.site, attachment_ids=[kept.id, kept.id], purpose="report")
    services.attach(acting_user=cast.grid_member, target=cast.site, attachment_ids=[kept.id], purpose="report")
    assert AttachmentUse.objects.filter(county=cast.county).count() == 1
    assert [view.id for view in selectors.attachments_of(cast.site)] == [kept.id]


def test_a_file_opens_for_whoever_sees_a_row_it_is_used_on(cast, monkeypatch):
    kept = services.store(acting_user=cast.grid_member, county=cast.county, data=photo())
    with pytest.raises(NotVisible):
        selectors.attachment_for(cast.town_officer, cast.county, kept.id)
    services.attach(acting_user=cast.grid_member, target=cast.site, attachment_ids=[kept.id], purpose="report")
    monkeypatch.setitem(
        access._owners, "sites.site", lambda user, county, key, purpose: user.id == cast.town_officer.id
    )
    assert selectors.attachment_for(cast.town_officer, cast.county, kept.id) == kept
    with pytest.raises(NotVisible):
        selectors.attachment_for(cast.other_town_officer, cast.county, kept.id)


def test_a_trade_secret_opens_only_with_a_grant_that_has_not_expired(cast, monkeypatch):
    kept = services.store(acting_user=cast.grid_member, county=cast.county, data=photo(), grade="trade_secret")
    services.attach(acting_user=cast.grid_member, target=cast.site, attachment_ids=[kept.id], purpose="report")
    monkeypatch.setitem(access._owners, "sites.site", lambda user, county, key, purpose: purpose == "report")
    with pytest.raises(NotVisible):
        selectors.attachment_for(cast.town_officer, cast.county, kept.id)
    grant = {"attachment": kept, "user_id": cast.town_officer.id, "reason": "执法需要", "valid_to": clock.today()}
    with pytest.raises(NotPermitted):
        services.grant_access(acting_user=cast.lead_officer, **grant)
    services.grant_access(acting_user=cast.lead_chief, **grant)
    assert selectors.attachment_for(cast.town_officer, cast.county, kept.id) == kept
    with clock.simulated(clock.now()) as time:
        time.advance(timedelta(days=1))
        with pytest.raises(NotVisible):
            selectors.attachment_for(cast.town_officer, cast.county, kept.id)


def test_the_browser_gets_the_file_with_no_leave_to_run_anything(cast):
    kept = services.store(acting_user=cast.grid_member, county=cast.county, data=photo())
    client = cast.client(cast.grid_member)
    answer = client.get(f"/files/{cast.county}/{kept.id}/")
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(f"/files/{cast.county}/{uuid4()}/").status_code == 404
    assert client.get(f"/files/{cast.county}/{kept.id}/thumbnail/").headers["Content-Type"] == "image/webp"


def test_what_a_phone_knows_of_a_photo_goes_before_what_the_file_says(cast):
    known = services.Facts(
        taken_at=clock.now(), longitude=120.2, latitude=30.6, accuracy_m=8.5, camera_sha256="ab" * 32
    )
    kept = services.store(acting_user=cast.grid_member, county=cast.county, data=photo(), facts=known)
    assert (kept.taken_at, kept.longitude, kept.latitude) == (known.taken_at, 120.2, 30.6)
    changes = TraceRow.objects.get(county=cast.county, action="files.store").changes
    assert (changes["camera_sha256"], changes["accuracy_m"]) == ("ab" * 32, 8.5)


def test_half_a_position_does_not_go_before_a_whole_one(cast):
    plain = services.store(acting_user=cast.grid_member, county=cast.county, data=photo())
    half = services.store(
        acting_user=cast.next_grid_member, county=cast.county, data=photo(), facts=services.Facts(longitude=120.2)
    )
    assert (half.longitude, half.latitude, half.taken_at) == (plain.longitude, plain.latitude, plain.taken_at)


def test_what_a_killed_server_left_half_written_is_written_anew(cast):
    data = photo("green")
    path = services.path_of(services.store(acting_user=cast.grid_member, county=cast.county, data=data))
    with default_storage.open(path) as file:
        whole = file.read()
    default_storage.delete(path)
    default_storage.save(path, ContentFile(whole[:100]))
    services.store(acting_user=cast.next_grid_member, county=cast.county, data=data)
    with default_storage.open(path) as file:
        assert file.read() == whole
