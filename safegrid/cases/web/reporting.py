"""The page on which a case is reported, or reported as settled on the spot."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from safegrid.cases import access, forms, intake, selectors, services, words
from safegrid.cases.web.common import refuse_strangers, to_one_county
from safegrid.foundation.errors import InvalidInput, NotVisible
from safegrid.foundation.scope import Actor, held
from safegrid.foundation.web import FieldSpec, form_status, handle, render_part, web_user
from safegrid.sites import selectors as sites

MOST_SITES = 10


@login_required
@require_GET
def somewhere(request: HttpRequest) -> HttpResponse:
    """Report in the user's one county."""
    return to_one_county(request, web_user(request), "cases:report", "上报", *intake.REPORTERS)


@login_required
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, county: int) -> HttpResponse:
    return _page(request, county, "report")


@login_required
@require_http_methods(["GET", "POST"])
def settle_on_spot(request: HttpRequest, county: int) -> HttpResponse:
    return _page(request, county, "settle_on_spot")


def _page(request: HttpRequest, county: int, verb: str) -> HttpResponse:
    user = web_user(request)
    refuse_strangers(user, county, *intake.REPORTERS)
    if verb not in {row.verb for row in access.creators(user)}:
        raise Http404
    specs = _specs(user, county, verb)
    posted = request.method == "POST"
    data, wrong = forms.keep_photos(request, user, county, specs) if posted else (None, {})
    site = _site(user, county, (data or request.GET).get("site", ""))
    form = forms.CaseForm(specs, data, submit="上报", action=request.path)
    for name, said in wrong.items():
        form.add_error(name, said)
    offered = _offered(user, county, data) if data is not None and form.is_valid() else []
    joins = _id((data or {}).get("joins", ""))

    def act(**cleaned: Any) -> Any:
        return _act(user, county, verb, site, {**cleaned, "joins": joins})

    response = None
    if not offered or (data is not None and data.get("looked")):
        response = handle(request, form, act, done="已上报", to=lambda case: _after(user, case))
    if response is not None:
        return response
    context = {
        "title": "当场整改上报" if verb == "settle_on_spot" else "上报隐患", "form": form, "county": county, "site": site,
        "verb": verb, "offered": offered, "joins": (data or {}).get("joins", ""),
        "other": _other(user, county, verb), "back": reverse("cases:county", args=[county]),
    }  # fmt: skip
    return render(request, "cases/report.html", context, status=form_status(form))


def _specs(user: Actor, county: int, verb: str) -> list[FieldSpec]:
    """Return the fields of the form, with those for the caller only where calls are taken."""
    on_spot = verb == "settle_on_spot"
    channels = intake.channels_of(user)
    kinds = intake.kind_choices(county, on_spot=on_spot)
    specs = [FieldSpec("kind", "隐患类别", "choice", required=True, choices=kinds)]
    if len(channels) > 1 and not on_spot:
        specs.append(FieldSpec("channel", "以何种身份上报", "choice", required=True, choices=channels))
    specs.append(FieldSpec("words", "情况说明", "textarea", required=True, max_length=1000))
    specs += [
        FieldSpec("point", "位置", "point", max_length=60),
        FieldSpec("place_words", "地点描述", max_length=200, help="没有选择监管对象时，请取位置或用文字说明地点"),
        FieldSpec("village", "所在村（社区）", "choice", choices=intake.village_choices(user, county)),
    ]
    if on_spot:
        specs += [FieldSpec("before_ids", "整改前照片", "photos", required=True),
                  FieldSpec("after_ids", "整改后照片", "photos", required=True)]  # fmt: skip
        return specs
    hotline = ("hotline", words.CHANNELS["hotline"]) in channels
    specs.append(FieldSpec("attachment_ids", "照片", "photos", required=not hotline))
    specs.append(FieldSpec("suspected_major", "疑似重大隐患", "flag"))
    if hotline:
        specs += [
            FieldSpec("reporter_name", "反映人", max_length=60),
            FieldSpec("reporter_phone", "反映人电话", max_length=20),
        ]
    return specs


def _act(user: Actor, county: int, verb: str, site: Any, cleaned: dict[str, Any]) -> Any:
    point, village = cleaned.get("point"), cleaned.get("village") or ""
    channels = [channel for channel, _ in intake.channels_of(user)]
    values: dict[str, Any] = {
        "kind": cleaned["kind"], "words": cleaned["words"], "place_words": cleaned.get("place_words", ""), "site": site,
        "town": village[:9], "village": village if len(village) == 12 else "",
    }  # fmt: skip
    if point:
        values["longitude"], values["latitude"] = point
    if verb == "settle_on_spot":
        values |= {name: forms.ids_of(cleaned, name) for name in ("before_ids", "after_ids")}
        return services.settle_on_spot(acting_user=user, county=county, **values)
    return services.report(
        acting_user=user, county=county, channel=cleaned.get("channel") or channels[0],
        attachment_ids=forms.ids_of(cleaned, "attachment_ids"), suspected_major=bool(cleaned.get("suspected_major")),
        reporter_name=cleaned.get("reporter_name", ""), reporter_phone=cleaned.get("reporter_phone", ""), joins=cleaned["joins"],
        **values,
    )  # fmt: skip


def _after(user: Actor, case: Any) -> str:
    """Return the case's page, or the list where whoever reported may not see the case itself."""
    if access.sees(user, case.county, case.pk):
        return reverse("cases:detail", args=[case.county, case.pk])
    return reverse("cases:county", args=[case.county])


def _other(user: Actor, county: int, verb: str) -> tuple[str, str] | None:
    """Return the label and address of the other way to report, where the user has both."""
    if not held(user, "grid_member"):
        return None
    if verb == "report":
        return "已当场整改？", reverse("cases:settle_on_spot", args=[county])
    return "没有当场整改", reverse("cases:report", args=[county])


def _id(written: str) -> UUID | None:
    try:
        return UUID(written) if written else None
    except ValueError:
        return None


def _site(user: Actor, county: int, written: str) -> Any:
    """Return the site chosen; None where none was, or none that the user sees."""
    site_id = _id(written)
    try:
        return sites.site_for(user, county, site_id) if site_id else None
    except NotVisible:
        return None


def _offered(user: Actor, county: int, given: Any) -> list[dict[str, Any]]:
    """Return the open cases that may be the same thing as what is being reported."""
    kind, site = given.get("kind", ""), _site(user, county, given.get("site", ""))
    longitude, latitude = _point(given.get("point", ""))
    if longitude is None and site is not None:
        longitude, latitude = site.longitude, site.latitude
    if not kind or (site is None and longitude is None):
        return []
    try:
        found = selectors.similar(county, kind, site.pk if site else None, longitude, latitude)
    except InvalidInput:
        return []
    return [intake.told(one) for one in found]


def _point(written: str) -> tuple[float | None, float | None]:
    try:
        longitude, latitude = (float(part) for part in written.replace("，", ",").split(","))
    except ValueError:
        return None, None
    return longitude, latitude


@login_required
@require_GET
def similar(request: HttpRequest, county: int) -> HttpResponse:
    """A fragment of the form: what may be the same thing, with the choice to join it."""
    user = web_user(request)
    refuse_strangers(user, county, *intake.REPORTERS)
    context = {"offered": _offered(user, county, request.GET), "joins": request.GET.get("joins", "")}
    return render_part(request, "cases/_similar.html", context, title="可能是同一件事")


@login_required
@require_GET
def find_site(request: HttpRequest, county: int) -> HttpResponse:
    """A fragment of the form: the visible sites whose name, address or code fits the words."""
    user = web_user(request)
    refuse_strangers(user, county, *intake.REPORTERS)
    said = request.GET.get("site_words", "").strip()
    found = list(sites.search(user, said).filter(county=county).order_by("id")[:MOST_SITES]) if said else []
    context = {"sites": found, "said": said, "county": county, "verb": request.GET.get("verb", "report")}
    return render_part(request, "cases/_sites.html", context, title="选择监管对象")
