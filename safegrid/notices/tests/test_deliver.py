import json
import time
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django_q.models import OrmQ
from django_q.signing import SignedPackage

from safegrid.accounts import services as accounts
from safegrid.accounts.tests.people import COUNTY, person
from safegrid.foundation import clock, queue
from safegrid.foundation.ids import uuid7
from safegrid.notices import kinds, selectors, services
from safegrid.notices.channels import sign
from safegrid.notices.models import Delivery
from safegrid.notices.tests.peer import SECRET, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def peer(settings):
    kinds.register_kind("test.urgent", "紧急", urgent=True)
    with running() as found:
        settings.NOTICE_GATEWAYS = {
            "sms": {
                "gateway": "safegrid.notices.channels.SmsHttpGateway", "url": found.url, "secret": SECRET,
                "timeout": 0.5,
            }
        }  # fmt: skip
        yield found


def tell(user, key="k"):
    services.tell(
        county=COUNTY, recipients=[user.pk], kind="test.urgent", title="案件即将超时", body="请尽快处置", key=key
    )
    return Delivery.objects.get(county=COUNTY, notice__recipient_id=user.pk, notice__key=key)


def work():
    """Do what the worker does with everything on the queue."""
    for row in list(OrmQ.objects.all()):
        queue.run(*SignedPackage.loads(row.payload)["args"])
        row.delete()


def state(delivery):
    delivery.refresh_from_db()
    return delivery.state


@pytest.fixture
def wang():
    return person("wang", phone="13812345678", email="w@example.com")


def test_a_message_goes_out_signed_with_phone_and_words(peer, wang):
    delivery = tell(wang)
    work()
    (sent, genuine), *more = peer.received
    assert genuine
    assert not more
    assert sent == {
        "reference": f"{COUNTY}-{delivery.pk}", "phone": "13812345678", "text": "案件即将超时\n请尽快处置",
    }  # fmt: skip
    assert (state(delivery), delivery.outside_id, delivery.attempts) == ("sent", "out-1", 1)


def test_telling_sends_nothing_itself(peer, wang):
    tell(wang)
    assert peer.received == []


def test_running_the_task_twice_sends_once(peer, wang):
    delivery = tell(wang)
    services.attempt(COUNTY, delivery.pk)
    work()
    services.sweep()
    assert len(peer.received) == 1


@pytest.mark.parametrize("mode", ["broken", "busy", "garbage", "nothing", "array", "hang", "hang_up"])
def test_what_may_pass_is_tried_again_later_and_then_sent(peer, wang, mode):
    delivery, peer.mode = tell(wang), mode
    work()
    assert state(delivery) == "waiting"
    assert delivery.last_error
    services.sweep()
    assert len(peer.received) == 1
    peer.mode = "accept"
    with time_machine.travel(clock.now() + timedelta(minutes=1, seconds=1)):
        assert services.sweep() == 1
    assert (state(delivery), delivery.attempts, delivery.last_error) == ("sent", 2, "")


def test_after_six_attempts_over_five_hours_it_has_failed(peer, wang):
    delivery, peer.mode, start = tell(wang), "broken", clock.now()
    for minutes in range(0, 420, 1):
        with time_machine.travel(start + timedelta(minutes=minutes, seconds=5)):
            services.sweep()
    assert (state(delivery), delivery.attempts, len(peer.received)) == ("failed", 6, 6)


@pytest.mark.parametrize("mode", ["refuse", "redirect"])
def test_what_will_never_pass_fails_at_once(peer, wang, mode):
    delivery, peer.mode = tell(wang), mode
    work()
    assert (state(delivery), delivery.attempts) == ("failed", 1)


def test_a_provider_that_is_not_there_is_tried_again(settings, peer, wang):
    settings.NOTICE_GATEWAYS["sms"]["url"] = "http://127.0.0.1:1/"
    delivery = tell(wang)
    work()
    assert state(delivery) == "waiting"


def test_a_worker_that_died_while_sending_is_taken_over_after_the_lease(peer, wang):
    delivery = tell(wang)
    Delivery.objects.filter(county=COUNTY, pk=delivery.pk).update(
        attempts=1, next_attempt_at=clock.now() + services.LEASE
    )
    services.sweep()
    assert peer.received == []
    with time_machine.travel(clock.now() + services.LEASE + timedelta(seconds=1)):
        services.sweep()
    assert state(delivery) == "sent"


def test_a_suspended_or_phoneless_recipient_gets_nothing(peer, wang):
    first = tell(wang)
    accounts.suspend_account(acting_user=None, user=wang, reason="离岗")
    second = tell(person("li"))
    work()
    assert (state(first), state(second), peer.received) == ("failed", "failed", [])


def test_the_inbox_shows_how_far_it_got(peer, wang):
    tell(wang)
    work()
    assert [row.state for row in selectors.deliveries_of(selectors.latest(wang)[0])] == ["sent"]


def receipt(body, *, secret=SECRET, age=0):
    raw, stamp = json.dumps(body).encode(), str(int(time.time()) - age)
    headers = {"X-SafeGrid-Timestamp": stamp, "X-SafeGrid-Signature": sign(secret, stamp, raw)}
    client = Client(enforce_csrf_checks=True)
    return client.post("/notices/receipts/sms/", raw, content_type="application/json", headers=headers)


@pytest.mark.parametrize("status", ["delivered", "failed"])
def test_a_signed_receipt_says_what_became_of_it(peer, wang, status):
    delivery = tell(wang)
    work()
    told = {"reference": f"{COUNTY}-{delivery.pk}", "status": status}
    assert receipt(told).json() == {"changed": True}
    assert receipt(told).json() == {"changed": False}
    assert state(delivery) == status


def test_what_was_delivered_stays_delivered(peer, wang):
    delivery = tell(wang)
    work()
    receipt({"reference": f"{COUNTY}-{delivery.pk}", "status": "delivered"})
    receipt({"reference": f"{COUNTY}-{delivery.pk}", "status": "failed", "error": "late"})
    assert state(delivery) == "delivered"


def test_a_forged_or_old_receipt_is_refused(peer, wang):
    delivery = tell(wang)
    work()
    told = {"reference": f"{COUNTY}-{delivery.pk}", "status": "delivered"}
    assert receipt(told, secret="guess").status_code == 403
    assert receipt(told, age=301).status_code == 403
    assert Client().post("/notices/receipts/sms/", told, content_type="application/json").status_code == 403
    assert state(delivery) == "sent"


@pytest.mark.parametrize(
    "body", [[], {}, {"reference": "x"}, {"reference": "1-2", "status": "delivered"}, {"reference": 5, "status": "?"}]
)
def test_a_receipt_that_makes_no_sense_is_told_so(peer, body):
    assert receipt(body).status_code == 400


def test_a_receipt_for_an_unknown_message_changes_nothing(peer):
    assert receipt({"reference": f"{COUNTY}-{uuid7()}", "status": "delivered"}).json() == {"changed": False}


def test_without_a_provider_there_is_no_door_for_receipts():
    assert receipt({"reference": "1-2", "status": "delivered"}).status_code == 403


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("accept", "sent"), ("robot_busy", "waiting"), ("robot_refuses", "failed"), ("garbage", "waiting")],
)
def test_a_wecom_robot_is_told_in_its_own_form(settings, peer, wang, mode, expected):
    settings.NOTICE_GATEWAYS = {"wecom": {"gateway": "safegrid.notices.channels.WeComGateway", "url": peer.url}}
    delivery, peer.mode = tell(wang), mode
    work()
    sent = peer.received[0][0]
    assert sent["msgtype"] == "text"
    assert sent["text"]["mentioned_mobile_list"] == ["13812345678"]
    assert state(delivery) == expected


def test_an_email_is_one_line_of_subject_and_goes_to_the_recipient_alone(settings, peer, wang):
    settings.NOTICE_GATEWAYS = {"email": {"gateway": "safegrid.notices.channels.EmailGateway"}}
    services.tell(county=COUNTY, recipients=[wang.pk], kind="x", title="标题\nBcc: all@example.com", key="k")
    work()
    assert mail.outbox[0].to == ["w@example.com"]
    assert "\n" not in mail.outbox[0].subject
    assert mail.outbox[0].recipients() == ["w@example.com"]


def test_a_mail_server_that_is_not_there_is_tried_again(settings, wang):
    settings.NOTICE_GATEWAYS = {"email": {"gateway": "safegrid.notices.channels.EmailGateway"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    delivery = tell(wang)
    work()
    assert state(delivery) == "waiting"
