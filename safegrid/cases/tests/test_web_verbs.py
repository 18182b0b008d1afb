"""Verbs and reports through forms: done, refused, typed again."""

from __future__ import annotations

import io
from itertools import count

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from safegrid.cases.models import Case

_shades = count(1)


def picture():
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (next(_shades), 90, 30)).save(file, "PNG")
    return SimpleUploadedFile("photo.png", file.getvalue(), "image/png")


def again(case):
    return Case.objects.get(county=case.county, id=case.id)


def test_a_verb_is_used_and_leads_back_to_the_case(steps):
    case = steps.registered()
    client, path = steps.cast.client(steps.cast.lead_officer), f"/cases/330521/{case.id}/"
    form = client.get(f"{path}dispatch/").content.decode()
    assert f'<option value="{steps.cast.lead_department.id}" selected>' in form  # whom the duty rules name
    given = {"department_id": str(steps.cast.lead_department.id), "version": case.version}
    done = client.post(f"{path}dispatch/", given)
    assert (done.status_code, done["Location"]) == (302, path)
    assert again(case).state == "dispatched"


def test_what_was_typed_and_uploaded_stays_when_something_is_missing(steps):
    case = steps.handling()
    client, path = steps.cast.client(steps.cast.fire_officer), f"/cases/330521/{case.id}/feed_back/"
    refused = client.post(
        path, {"result": "", "reason": "协办未反馈", "attachment_ids": picture(), "version": case.version}
    )
    assert refused.status_code == 422
    said, kept = refused.content.decode(), refused.context["form"].data["attachment_ids_kept"]
    assert "协办未反馈" in said
    assert "已上传 1 张" in said
    done = client.post(path, {"result": "已清理", "attachment_ids_kept": kept, "version": case.version})
    assert done.status_code == 302
    assert again(case).state == "rectified"


def test_a_form_seen_before_somebody_else_acted_is_a_conflict_with_a_way_to_refresh(steps):
    case = steps.dispatched()
    client, path = steps.cast.client(steps.cast.fire_officer), f"/cases/330521/{case.id}/"
    late = client.post(f"{path}return_/", {"reason": "不属本部门", "version": case.version - 1})
    assert late.status_code == 409
    said = late.content.decode()
    assert "刷新案件" in said
    assert "不属本部门" in said


def test_a_position_is_one_field_and_its_errors_stand_there(steps):
    case = steps.rectified()
    client, path = steps.cast.client(steps.cast.town_officer), f"/cases/330521/{case.id}/recheck_pass/"
    refused = client.post(path, {"point": "", "attachment_ids": picture(), "version": case.version})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["point"])
    done = client.post(path, {"point": "120.01,30.51", "attachment_ids": picture(), "version": case.version})
    assert done.status_code == 302
    assert again(case).state == "rechecked"


def test_danger_is_asked_about_first(steps):
    case = steps.reported()
    client = steps.cast.client(steps.cast.town_officer)
    assert "hx-confirm" in client.get(f"/cases/330521/{case.id}/reject/").content.decode()
    assert "hx-confirm" not in client.get(f"/cases/330521/{case.id}/register/").content.decode()


def test_a_case_is_merged_by_its_number(steps):
    first, second = steps.reported(), steps.reported()
    client = steps.cast.client(steps.cast.town_officer)
    path = f"/cases/330521/{second.id}/merge/"
    assert client.post(path, {"into_id": "330521-000000-NONE", "version": second.version}).status_code == 422
    assert client.post(path, {"into_id": first.number.lower(), "version": second.version}).status_code == 302
    assert again(second).merged_into_id == first.id


def test_a_fragment_is_answered_to_htmx_and_a_page_to_everybody_else(steps):
    case = steps.registered()
    client, path = steps.cast.client(steps.cast.lead_officer), f"/cases/330521/{case.id}/dispatch/"
    assert "<html" not in client.get(path, headers={"HX-Request": "true"}).content.decode()
    assert "<html" in client.get(path).content.decode()
    sent = {"department_id": str(steps.cast.lead_department.id), "version": case.version}
    done = client.post(path, sent, headers={"HX-Request": "true"})
    assert (done.status_code, done["HX-Redirect"]) == (204, f"/cases/330521/{case.id}/")


def test_a_member_reports_with_a_photograph(steps):
    client = steps.cast.client(steps.cast.grid_member)
    found = client.get("/cases/330521/new/sites/", {"site_words": "涂料"}, headers={"HX-Request": "true"})
    assert str(steps.site.id) in found.content.decode()
    done = client.post("/cases/330521/new/", {"kind": steps.kind, "words": "出口堵塞", "site": str(steps.site.id),
                                              "attachment_ids": picture()})  # fmt: skip
    case = Case.objects.get(county=330521)
    assert (done.status_code, done["Location"]) == (302, f"/cases/330521/{case.id}/")
    assert (case.channel, case.site_id) == ("member", steps.site.id)


def test_likely_duplicates_are_offered_before_a_report_is_kept(steps):
    first = steps.reported()
    client = steps.cast.client(steps.cast.grid_member)
    given = {"kind": steps.kind, "words": "出口堵塞", "site": str(steps.site.id), "attachment_ids": picture()}
    offered = client.post("/cases/330521/new/", given)
    assert offered.status_code == 200
    assert first.number in offered.content.decode()
    assert Case.objects.filter(county=330521).count() == 1
    kept = offered.context["form"].data["attachment_ids_kept"]
    again_ = {**given, "attachment_ids": "", "attachment_ids_kept": kept, "looked": "yes", "joins": str(first.id)}
    client.post("/cases/330521/new/", again_)
    joined = Case.objects.exclude(id=first.id).get(county=330521)
    assert (joined.state, joined.merged_into_id) == ("merged", first.id)


def test_a_call_is_taken_with_the_callers_name(steps):
    client = steps.cast.client(steps.cast.hotline_officer)
    done = client.post("/cases/330521/new/", {"kind": steps.kind, "words": "来电", "place_words": "东门",
                                              "village": steps.cast.village, "reporter_name": "张三丰",
                                              "reporter_phone": "13812345678"})  # fmt: skip
    assert done.status_code == 302
    case = Case.objects.get(county=330521)
    assert (case.channel, case.village, case.reporter_phone) == ("hotline", steps.cast.village, "13812345678")


def test_settled_on_the_spot_takes_photographs_from_before_and_after(steps):
    client = steps.cast.client(steps.cast.grid_member)
    given = {"kind": steps.cast.minor_kind.code, "words": "已补齐", "site": str(steps.site.id)}
    assert client.post("/cases/330521/new/on-the-spot/", {**given, "before_ids": picture()}).status_code == 422
    done = client.post("/cases/330521/new/on-the-spot/", {**given, "before_ids": picture(), "after_ids": picture()})
    assert done.status_code == 302
    assert Case.objects.get(county=330521).is_settled_on_spot
