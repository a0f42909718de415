"""localstripe: PaymentIntents, 3-D Secure, refunds and signed webhooks, made by Stripe's own client, seen by ours.

It has no idempotency, accepts refunds that are too large, and does not know Checkout; so none of that is asked here.
"""
import json
import sys
import urllib.parse
import urllib.request

import stripe

from peers.inbox import inbox
from peers.process import Checks, Ours, free_port, running, until

SERVER = (
    "import sys; from aiohttp import web; from localstripe.server import app;"
    "web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)"
)
SECRET = "whsec_of_localstripe"


def post(url, data):
    body = urllib.parse.urlencode(data).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=10) as response:
        return response.read()


def judge(program, work):
    checks, port = Checks(), free_port()
    origin = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-c", SERVER, str(port)]
    ready = f"{origin}/js.stripe.com/v3/"
    with running(command, ready, f"{work}/localstripe.log"), inbox() as (hook, events):
        client = stripe.StripeClient("sk_test_12345", base_addresses={"api": origin}, max_network_retries=0)
        ours = Ours(program, origin, "sk_test_12345")
        post(f"{origin}/_config/webhooks/como", {"url": hook, "secret": SECRET})

        def method(number):
            card = {"number": number, "exp_month": 12, "exp_year": 2034, "cvc": "123"}
            return client.v1.payment_methods.create({"type": "card", "card": card}).id

        def intent(number, confirm=True):
            return client.v1.payment_intents.create({
                "amount": 28800, "currency": "sgd", "capture_method": "manual", "payment_method": method(number),
                "metadata": {"como_reference": "saga-1"}, "confirm": confirm,
            })

        held = intent("4242424242424242")
        read = ours.call("payment", held.id)
        checks.equal("an authorised payment, seen by Stripe's client", held.status, "requires_capture")
        checks.has("an authorised payment, seen by ours", read, "Authorised", "28800", 'Some("saga-1")')
        checks.has("our capture", ours.call("capture", "c1", held.id), "Captured")
        checks.equal("our capture, seen by Stripe's client", client.v1.payment_intents.retrieve(held.id).status, "succeeded")
        checks.has("our refund of a part", ours.call("refund", "r1", held.id, "8800"), "8800", "Succeeded", 'Some("saga-1")')
        checks.has("the list of refunds", ours.call("refunds", held.id), "8800", "Succeeded")
        refunds = client.v1.refunds.list({"payment_intent": held.id}).data
        checks.equal("our refund, seen by Stripe's client", [refund.amount for refund in refunds], [8800])
        checks.has("releasing what was captured", ours.call("release", "x1", held.id), "refused")

        other = intent("4242424242424242")
        checks.has("our release", ours.call("release", "x2", other.id), "Cancelled")
        checks.equal("our release, seen by Stripe's client", client.v1.payment_intents.retrieve(other.id).status, "canceled")

        for success, status, seen in (("true", "requires_capture", "Authorised"), ("false", "requires_payment_method", "NeedsCard")):
            asked = intent("4000002760003184")
            checks.equal("3-D Secure, seen by Stripe's client", asked.status, "requires_action")
            checks.has("3-D Secure, seen by ours", ours.call("payment", asked.id), "NeedsAction")
            form = {"client_secret": asked.client_secret, "success": success, "key": "pk_test_12345"}
            answered = json.loads(post(f"{origin}/v1/payment_intents/{asked.id}/_authenticate", form))
            checks.equal("after the bank's question", answered["status"], status)
            checks.has("after the bank's question, seen by ours", ours.call("payment", asked.id), seen)
        checks.equal("a payment that nobody made", ours.call("payment", "pi_nobody"), "None")

        # They come a second late, and without Stripe's ids for refunds.
        until(lambda: any(b"payment_intent.succeeded" in body for _, body in events), "the event of the capture")
        header, body = next((header, body) for header, body in events if b"payment_intent.succeeded" in body)
        checks.has("an event of localstripe", ours.verify(header, body, SECRET), "genuine", "Captured", 'Some("saga-1")')
        checks.has("the same under another secret", ours.verify(header, body, "whsec_other"), "no signature is one of ours")
        checks.has("the same with one byte altered", ours.verify(header, body + b" ", SECRET), "no signature is one of ours")
    return checks.end("localstripe 1.15.10")
