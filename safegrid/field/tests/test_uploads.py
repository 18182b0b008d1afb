"""Photos come in parts, over any number of tries, and are kept whole or not at all."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import time_machine

from safegrid.field.models import FieldChunk, FieldSnapshot, FieldUpload
from safegrid.field.services.uploads import MOST_CHUNK
from safegrid.field.tasks import tidy
from safegrid.field.tests.phone import COUNTY, Phone
from safegrid.field.tests.pictures import picture
from safegrid.files.models import Attachment
from safegrid.foundation import clock
from safegrid.foundation.ids import uuid7
from safegrid.foundation.models import TraceRow


def attachments():
    return Attachment.objects.filter(county=COUNTY)


def chunks():
    return FieldChunk.objects.filter(county=COUNTY)


def test_a_photo_comes_in_parts_and_keeps_what_the_phone_knew_of_it(phone):
    data = picture(1, 64)
    camera = hashlib.sha256(b"as the camera gave it").hexdigest()
    named, told = phone.announce(
        data,
        taken_at="2026-10-01T08:00:00+08:00",
        longitude=120.01,
        latitude=30.51,
        accuracy_m=12,
        camera_sha256=camera,
    )
    assert told.json() == {"received": 0, "done": False}
    half = len(data) // 2
    assert phone.put(named, 0, data[:half]).json() == {"received": half, "done": False}
    assert attachments().count() == 0
    assert phone.put(named, half, data[half:]).json() == {"received": len(data), "done": True}
    kept = attachments().get()
    assert (kept.uploaded_by_id, kept.longitude, kept.latitude) == (phone.cast.grid_member.id, 120.01, 30.51)
    assert kept.taken_at.isoformat() == "2026-10-01T00:00:00+00:00"
    changes = TraceRow.objects.get(county=COUNTY, action="files.store").changes
    assert (changes["camera_sha256"], changes["accuracy_m"]) == (camera, 12)
    assert chunks().count() == 0


def test_an_interrupted_photo_goes_on_where_it_was(phone):
    data = picture(1, 64)
    named, _ = phone.announce(data)
    phone.put(named, 0, data[:1000])
    _, told = phone.announce(data, named)
    assert told.json() == {"received": 1000, "done": False}
    wrong = phone.put(named, 0, data[:1000])
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["received"]) == (409, "wrong_offset", 1000)
    assert phone.put(named, 1000, data[1000:]).json()["done"]


def test_a_lost_last_answer_is_answered_again(phone):
    data = picture(1)
    named = phone.upload(data)
    assert phone.put(named, 0, data).json() == {"received": len(data), "done": True}
    assert phone.announce(data, named)[1].json() == {"received": len(data), "done": True}
    assert attachments().count() == 1


def test_a_damaged_photo_is_sent_again_from_the_beginning(phone):
    data = picture(1, 64)
    named, _ = phone.announce(data)
    phone.put(named, 0, data[:1000])
    spoilt = phone.put(named, 1000, data[1000:-1] + b"?")
    assert (spoilt.status_code, spoilt.json()["code"]) == (422, "damaged")
    assert (attachments().count(), chunks().count()) == (0, 0)
    assert phone.announce(data, named)[1].json() == {"received": 0, "done": False}
    assert phone.put(named, 0, data).json()["done"]


def test_what_is_no_picture_is_refused_and_not_kept(phone):
    data = b"#!/bin/sh\n" * 20
    named, _ = phone.announce(data)
    refused = phone.put(named, 0, data)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert (attachments().count(), FieldUpload.objects.get(county=COUNTY).received) == (0, 0)


def test_sizes_are_bounded(phone):
    data = picture(1)
    named, _ = phone.announce(data)
    assert phone.put(named, 0, b"").status_code == 422
    assert phone.put(named, 0, data + b"more").status_code == 422
    assert phone.put(named, 0, b"x" * (MOST_CHUNK + 1)).status_code == 413
    body = {"id": str(uuid7()), "size": 15 * 1024 * 1024 + 1, "sha256": "0" * 64}
    assert phone.call("POST", f"{COUNTY}/uploads", body).status_code == 422
    assert phone.call("POST", f"{COUNTY}/uploads", {**body, "size": 5, "sha256": "no hash"}).status_code == 422
    assert phone.call("POST", f"{COUNTY}/uploads", {**body, "size": 5, "latitude": 91}).status_code == 422


def test_an_id_means_one_photo(phone):
    named, _ = phone.announce(picture(1))
    _, told = phone.announce(picture(2), named)
    assert (told.status_code, told.json()["code"]) == (409, "conflict")


def test_somebody_elses_photo_does_not_exist(setting, phone):
    data = picture(1)
    named, _ = phone.announce(data)
    other = Phone(setting, setting.next_grid_member).signed_in()
    assert other.put(named, 0, data).status_code == 404
    assert other.announce(data, named)[1].json() == {"received": 0, "done": False}  # an own one of the same id
    assert other.put(named, 0, data).json()["done"]
    assert phone.announce(data, named)[1].json()["done"] is False


def test_a_place_outside_the_signed_in_county_is_not_found(phone):
    assert phone.call("POST", "330523/uploads", {}).status_code == 422
    body = {"id": str(uuid7()), "size": 5, "sha256": "0" * 64}
    assert phone.call("POST", "330523/uploads", body).status_code == 404


def test_old_uploads_and_forgotten_states_are_dropped(phone):
    named = phone.upload(picture(1))
    half, _ = phone.announce(picture(2, 64))
    phone.put(half, 0, picture(2, 64)[:100])
    phone.pull("")
    start = clock.now()
    with time_machine.travel(start + timedelta(days=44)):
        assert tidy() == {"chunks": 0, "uploads": 0, "states": 0}
    with time_machine.travel(start + timedelta(days=46)):
        assert tidy() == {"chunks": 1, "uploads": 2, "states": 0}
    with time_machine.travel(start + timedelta(days=91)):
        assert tidy()["states"] == 1
    assert FieldSnapshot.objects.filter(county=COUNTY).count() == 0
    assert attachments().count() == 1
    assert not FieldUpload.objects.filter(county=COUNTY, upload_id=named).exists()
