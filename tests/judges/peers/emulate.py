"""emulate: Checkout, from opening to the redirect, and its expiry.

It takes prices by id only, so Stripe's own client opens the sessions; ours reads, finds and closes them. Its events are signed
as Stripe's, but have no id, so ours says that they are genuine and cannot be used.
"""
import json
import pathlib
import urllib.error
import urllib.request

import stripe

from peers.inbox import inbox
from peers.process import Checks, Ours, free_port, running, until

SECRET = "whsec_of_emulate"


class Unfollowed(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def judge(program, node, work):
    checks, port = Checks(), free_port()
    origin = f"http://127.0.0.1:{port}"
    with inbox() as (hook, events):
        seed = pathlib.Path(work, "emulate.json")
        seed.write_text(json.dumps({"stripe": {
            "products": [{"name": "Massage"}],
            "prices": [{"id": "price_massage", "product_name": "Massage", "currency": "sgd", "unit_amount": 14400}],
            "webhooks": [{"url": hook, "secret": SECRET, "events": ["*"]}],
        }}))
        start = [f"{node}/.bin/node", f"{node}/emulate/dist/index.js", "start", "--service", "stripe"]
        command = [*start, "--port", str(port), "--seed", str(seed)]
        with running(command, f"{origin}/v1/prices", f"{work}/emulate.log"):
            client = stripe.StripeClient("sk_test_12345", base_addresses={"api": origin}, max_network_retries=0)
            ours = Ours(program, origin, "sk_test_12345")

            def session(reference):
                return client.v1.checkout.sessions.create({
                    "mode": "payment", "line_items": [{"price": "price_massage", "quantity": 2}],
                    "success_url": "http://127.0.0.1:9/paid?session={CHECKOUT_SESSION_ID}",
                    "cancel_url": "http://127.0.0.1:9/cancelled", "metadata": {"como_reference": reference},
                })

            paid, left = session("saga-1"), session("saga-2")
            checks.has("an open session", ours.call("checkout", paid.id), "Open", "saga-1", "/checkout/")
            found = ours.call("checkouts-of", "saga-2")
            checks.that("looking for a session finds that one only", left.id in found and paid.id not in found, found)

            press = urllib.request.Request(f"{origin}/checkout/{paid.id}/complete", b"", method="POST")
            try:
                urllib.request.build_opener(Unfollowed).open(press, timeout=10)
                location = ""
            except urllib.error.HTTPError as redirect:
                location = redirect.headers["location"]
            checks.equal("where a payer is sent", location, f"http://127.0.0.1:9/paid?session={paid.id}")
            checks.has("the session afterwards", ours.call("checkout", paid.id), "Complete")
            checks.has("closing it afterwards", ours.call("expire", "e1", paid.id), "refused: WrongState")
            checks.has("closing the other", ours.call("expire", "e2", left.id), "Expired")
            checks.equal("closed, seen by Stripe's client", client.v1.checkout.sessions.retrieve(left.id).status, "expired")
            checks.equal("a session that nobody opened", ours.call("checkout", "cs_nobody"), "None")
            checks.has("what ours sends and emulate does not take", ours.call("open", "o1", "saga-3", "14400"), "refused")

            until(lambda: 2 <= len(events), "the two events")
            header, body = events[0]
            checks.has("an event of emulate", ours.verify(header, body, SECRET), "genuine, but")
            checks.has("the same under another secret", ours.verify(header, body, "x"), "no signature is one of ours")
    return checks.end("emulate 0.12.2")
