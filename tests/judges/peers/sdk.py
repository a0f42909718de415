"""Stripe's own client against our double, and its signature check against ours, both ways."""
import json
import subprocess
import time
import urllib.parse
import urllib.request

import stripe

from peers.inbox import inbox
from peers.process import Checks, Ours, until


def send(url, data):
    request = urllib.request.Request(url, json.dumps(data).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.loads(response.read())


def press(page, number):
    body = urllib.parse.urlencode({"number": number}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(page, body), timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as answer:
        return answer.code
    except urllib.error.URLError:
        # It was redirected to where nobody listens: the member is back on the site.
        return 303


def raised(call):
    try:
        call()
    except stripe.StripeError as error:
        return error
    return None


def judge(program, _work):
    checks = Checks()
    double = subprocess.Popen([program, "double"], stdout=subprocess.PIPE, text=True)
    try:
        origin = double.stdout.readline().strip()
        with inbox() as (hook, events):
            talk(checks, Ours(program, origin), origin, hook, events)
    finally:
        double.terminate()
        double.wait()
    signatures(checks, Ours(program))
    return checks.end("stripe 16.1.0 against our double and our signatures")


def talk(checks, ours, origin, hook, events):
    secrets = ["whsec_old", "whsec_new"]
    send(f"{origin}/_double/webhooks", {"endpoints": [{"url": hook, "secrets": secrets}]})
    client = stripe.StripeClient("sk_test_rehearsal", base_addresses={"api": origin}, max_network_retries=0)
    sessions, intents = client.v1.checkout.sessions, client.v1.payment_intents
    line = {"price_data": {"currency": "sgd", "unit_amount": 14400, "product_data": {"name": "Massage"}}, "quantity": 2}
    params = {
        "mode": "payment", "line_items": [line], "success_url": "http://127.0.0.1:9/{CHECKOUT_SESSION_ID}",
        "client_reference_id": "saga-1", "expires_at": int(time.time()) + 3600,
        "payment_intent_data": {"capture_method": "manual", "metadata": {"como_reference": "saga-1"}},
    }
    session = sessions.create(params, {"idempotency_key": "k1"})
    checks.equal("the total", session.amount_total, 28800)
    checks.equal("the same key", sessions.create(params, {"idempotency_key": "k1"}).id, session.id)
    reused = raised(lambda: sessions.create({**params, "client_reference_id": "x"}, {"idempotency_key": "k1"}))
    checks.equal("the same key for something else", type(reused).__name__, "IdempotencyError")
    checks.has("seen by ours", ours.call("checkout", session.id), "Open", 'Some("saga-1")')

    checks.equal("a declined card", press(session.url, "4000000000000002"), 402)
    checks.equal("a card that pays", press(session.url, "4242424242424242"), 303)
    session = sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    intent = session.payment_intent
    checks.equal("after paying", (session.status, intent.status), ("complete", "requires_capture"))
    lapses = intent.latest_charge.payment_method_details.card.capture_before
    checks.that("an authorisation lasts a week", 6 * 86400 < lapses - time.time() < 8 * 86400, lapses)
    checks.equal("captured", intents.capture(intent.id).status, "succeeded")
    checks.equal("captured twice", raised(lambda: intents.capture(intent.id)).code, "payment_intent_unexpected_state")
    refund = client.v1.refunds.create({"payment_intent": intent.id, "amount": 20000})
    checks.equal("refunded in part", refund.status, "succeeded")
    too_much = raised(lambda: client.v1.refunds.create({"payment_intent": intent.id, "amount": 8801}))
    checks.equal("refunded too much", type(too_much).__name__, "InvalidRequestError")
    checks.has("refunded too much, seen by ours", ours.call("refund", "r2", intent.id, "8801"), "AmountTooLarge")

    declined = raised(lambda: intents.create({
        "amount": 1000, "currency": "sgd", "confirm": True, "payment_method": "pm_card_chargeDeclinedInsufficientFunds",
    }))
    checks.equal("a decline", (type(declined).__name__, declined.code, declined.error.decline_code),
                 ("CardError", "card_declined", "insufficient_funds"))
    asked = intents.create({
        "amount": 1000, "currency": "sgd", "confirm": True, "payment_method": "pm_card_threeDSecure2Required",
    })
    checks.equal("3-D Secure", (asked.status, asked.next_action.type), ("requires_action", "redirect_to_url"))
    listed = [found.id for found in intents.list({"limit": 1}).auto_paging_iter()]
    checks.equal("pages of a list", (len(listed), listed[0]), (3, asked.id))
    checks.equal("a stranger", type(raised(lambda: stripe.StripeClient(
        "sk_test_stranger", base_addresses={"api": origin}).v1.refunds.list())).__name__, "AuthenticationError")

    until(lambda: any(b"checkout.session.completed" in body for _, body in events), "the event of the payment")
    for header, body in list(events):
        for secret in secrets:
            event = stripe.Webhook.construct_event(body, header, secret)
        verdict = ours.verify(header, body, "whsec_new")
        checks.has(f"{event.type}, by both", verdict, "genuine", event.id)


def signatures(checks, ours):
    body, secret = b'{"id": "evt_1", "object": "event"}', "whsec_judge"
    header = ours.sign(body, secret)
    checks.equal("what we sign, by theirs", stripe.Webhook.construct_event(body, header, secret).id, "evt_1")
    checks.that("what we sign, altered", raised(
        lambda: stripe.Webhook.construct_event(body + b" ", header, secret)) is not None)
    for age, expected in ((0, "genuine"), (299, "genuine"), (301, "too old")):
        signed_at = int(time.time()) - age
        theirs = stripe.WebhookSignature._compute_signature(f"{signed_at}.{body.decode()}", secret)
        header = f"t={signed_at},v1={theirs}"
        # One second of margin is all that there is between the two clocks.
        checks.has(f"what they sign, {age} s ago", ours.verify(header, body, secret), expected)
        refused = raised(lambda: stripe.Webhook.construct_event(body, header, secret))
        checks.equal(f"{age} s ago, by theirs", refused is not None, 300 < age)
        both = f"t={signed_at},v1={'0' * 64},v1={theirs},v0=x"
        checks.has(f"one of several, {age} s ago", ours.verify(both, body, "whsec_other", secret), expected)
