import pytest
from django.db import transaction
from django_q.models import OrmQ
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from safegrid.accounts.tests.people import COUNTY, OTHER_COUNTY, person
from safegrid.foundation.errors import NotPermitted, NotVisible
from safegrid.foundation.ids import uuid7
from safegrid.notices import kinds, selectors, services
from safegrid.notices.models import Delivery, Notice, Preference
from tests.doors import Api, signed_in

pytestmark = pytest.mark.django_db
EMAIL = {"email": {"gateway": "safegrid.notices.channels.EmailGateway"}}


def tell(*users, county=COUNTY, key="k", kind="cases.dispatch", **values):
    given = {"title": "新派遣案件", "body": "请接收", **values}
    services.tell(county=county, recipients=[user.pk for user in users], kind=kind, key=key, **given)


def test_everyone_told_finds_it_in_the_inbox_unread():
    a, b = person("a"), person("b")
    tell(a, b)
    assert [notice.title for notice in selectors.latest(a)] == ["新派遣案件"]
    assert (selectors.unread_count(a), selectors.unread_count(b)) == (1, 1)


def test_the_same_key_to_the_same_person_is_told_once():
    a, b = person("a"), person("b")
    tell(a)
    tell(a, b, a)
    tell(a, county=OTHER_COUNTY)
    assert (selectors.unread_count(a), selectors.unread_count(b)) == (2, 1)


def test_a_rollback_takes_the_notice_and_its_sending_back(settings):
    settings.NOTICE_GATEWAYS = EMAIL
    a = person("a")
    with transaction.atomic():
        tell(a)
        transaction.set_rollback(True)
    assert selectors.unread_count(a) == 0
    assert not OrmQ.objects.exists()


def test_words_too_long_are_cut_and_hold_nothing_up():
    a = person("a")
    tell(a, title="长" * 300, body="长" * 900)
    notice = selectors.latest(a)[0]
    assert (len(notice.title), len(notice.body)) == (120, 500)


def test_nothing_goes_outside_where_no_channel_is_configured():
    tell(person("a"))
    assert not Delivery.objects.filter(county=COUNTY).exists()
    assert not OrmQ.objects.exists()


def test_reading_is_the_recipients_alone():
    a, b = person("a"), person("b")
    tell(a)
    notice = selectors.latest(a)[0]
    with pytest.raises(NotVisible):
        selectors.notice_for(b, COUNTY, notice.pk)
    with pytest.raises(NotPermitted):
        services.mark_read(acting_user=b, notice=notice)
    services.mark_read(acting_user=a, notice=notice)
    assert selectors.unread_count(a) == 0


def test_everything_is_marked_read_across_counties():
    a, b = person("a"), person("b")
    tell(a, b)
    tell(a, county=OTHER_COUNTY)
    assert services.mark_all_read(acting_user=a) == 2
    assert (selectors.unread_count(a), selectors.unread_count(b)) == (0, 1)


def test_the_users_word_on_a_kind_goes_before_the_word_on_all_and_the_default(settings):
    settings.NOTICE_GATEWAYS = {**EMAIL, "sms": {"gateway": "safegrid.notices.channels.SmsHttpGateway"}}
    settings.NOTICE_GATEWAYS["sms"] |= {"url": "http://127.0.0.1:1", "secret": "x"}
    kinds.register_kind("test.urgent", "紧急", urgent=True)
    a = person("a")

    def channels(kind):
        return selectors.channels_for([a.pk], kind)[a.pk]

    assert channels("test.ordinary") == {"email"}
    assert channels("test.urgent") == {"email", "sms"}
    services.set_preferences(acting_user=a, wanted={("", "sms"): False, ("test.ordinary", "sms"): True})
    assert channels("test.urgent") == {"email"}
    assert channels("test.ordinary") == {"email", "sms"}


def test_a_notice_leads_to_what_it_speaks_of():
    a = person("a")
    kinds.register_link("accounts.user", lambda county, key: f"/somewhere/{county}/{key}/")
    tell(a, target=a)
    notice = selectors.latest(a)[0]
    browser = signed_in(a)
    page = browser.get(f"/notices/{COUNTY}/{notice.pk}/")
    assert page.url == f"/somewhere/{COUNTY}/{a.pk}/"
    assert selectors.unread_count(a) == 0


def test_the_inbox_pages(settings):
    settings.NOTICE_GATEWAYS = EMAIL
    kinds.register_kind("cases.dispatch", "案件派遣")
    a, b = person("a"), person("b")
    tell(a)
    tell(b, key="k2", title="别人的通知")
    browser = signed_in(a)
    page = browser.get("/notices/").content.decode()
    assert "新派遣案件" in page
    assert "别人的通知" not in page
    assert "新派遣案件" not in browser.get("/notices/?read=yes").content.decode()
    assert ">1<" in browser.get("/notices/badge/").content.decode()
    notice = selectors.latest(a)[0]
    assert "请接收" in browser.get(f"/notices/{COUNTY}/{notice.pk}/").content.decode()
    assert browser.get(f"/notices/{COUNTY}/{selectors.latest(b)[0].pk}/").status_code == 404
    browser.post("/notices/read-all/")
    assert selectors.unread_count(a) == 0
    assert "案件派遣" in browser.get("/notices/preferences/").content.decode()
    browser.post("/notices/preferences/", {})
    assert Preference.objects.get(user_id=a.pk, kind="cases.dispatch", channel="email").wanted is False
    browser.post("/notices/preferences/", {"cases.dispatch:email": "on"})
    assert Preference.objects.get(user_id=a.pk, kind="cases.dispatch", channel="email").wanted is True


def test_the_inbox_over_the_api():
    a, b = person("a"), person("b")
    tell(a)
    api = Api(signed_in(a))
    notice = api.get("/api/v1/notices").json()["items"][0]
    assert api.get("/api/v1/notices/unread-count").json() == {"unread": 1}
    where = f"/api/v1/notices/{COUNTY}/{notice['id']}/read"
    assert Api(signed_in(b)).post(where).status_code == 404
    assert api.post(where).json()["read_at"]
    assert api.get("/api/v1/notices", unread=True).json()["items"] == []
    assert api.post("/api/v1/notices/read-all").json() == {"unread": 0}


class Once(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc")), max_size=20))
    def test_however_often_told_each_person_has_each_key_once(self, calls):
        county = COUNTY
        people = [uuid7() for _ in range(5)]
        for who, key in calls:
            services.tell(county=county, recipients=people[: who + 1], kind="k", title="t", key=key)
        wanted = {(people[n], key) for who, key in calls for n in range(who + 1)}
        rows = Notice.objects.filter(county=county, recipient_id__in=people).values_list("recipient_id", "key")
        assert sorted(rows) == sorted(wanted)
