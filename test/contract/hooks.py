"""Rules that the OpenAPI document states in words, because a JSON Schema cannot: for Schemathesis's requests and answers."""

import atexit
import collections
import datetime
import json
import os
import re

import schemathesis

# Answers to a well-formed request that are right in one state of a sale and wrong in another.
OF_THE_MOMENT = {"idempotency-key-reused", "quantity-limit", "sale-halted"}
SERVER_ERRORS = range(500, 600)

CARDS = {1: "pm_card_chargeDeclined", 2: "pm_card_visa", 3: "pm_card_threeDSecure2Required"}

# No answer may show implementation details.
INTERNALS = re.compile(
    r"node_modules|\.[tj]s:\d|\bat \w+ \(|select |insert |update |sqlstate|econn|kafka|postgres|redis|lambda|relation \"", re.I
)


@schemathesis.hook
def filter_body(context, body):
    """A sale ends after it begins."""
    if not isinstance(body, dict):
        return True
    opens, closes = body.get("opens_at"), body.get("closes_at")
    opens, closes = moment(opens), moment(closes)
    return opens is None or closes is None or opens < closes


def moment(text):
    """Parses a time with Z or an offset; None for any other text."""
    try:
        return datetime.datetime.fromisoformat(text.upper().replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return None


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes most requests plausible: the SKU on sale, cards of each kind. Random values would hardly pass the first refusal."""
    operation = case.operation.definition.raw["operationId"]
    if not is_well_formed(case) or not isinstance(case.body, dict):
        return
    if operation == "reserve" and case.body["quantity"] % 4:
        case.body.update(sku_id=os.environ["CONTRACT_SKU"], quantity=case.body["quantity"] % 4)
    if operation == "createSku":
        # No schema has the amounts of a currency: the minimum and maximum follow from it, and from a shopper's limit.
        case.body.update(currency="EUR", price_minor=50 + case.body["price_minor"] % 99_000)
    if operation == "checkout" and len(case.body["payment_method"]) % 4:
        case.body.update(payment_method=CARDS[len(case.body["payment_method"]) % 4])


def is_well_formed(case):
    """True if the request was generated to match the document."""
    return case.meta is not None and case.meta.generation.mode.is_positive


def slug_of(response):
    """The problem of the answer, if it has one."""
    if not response.headers.get("content-type", [""])[0].startswith("application/problem+json"):
        return None
    return response.json()["type"].removeprefix("/problems/")


@schemathesis.check
def answers_are_ours(ctx, response, case):
    """No request fails for an unforeseen reason, and no answer shows implementation details."""
    if response.status_code in SERVER_ERRORS and slug_of(response) not in OF_THE_MOMENT:
        raise AssertionError(f"{response.status_code} for something a client sent")
    if response.status_code >= 400 and INTERNALS.search(response.text):
        raise AssertionError(f"The answer shows implementation details: {response.text}")


@schemathesis.check
def well_formed_is_not_invalid(ctx, response, case):
    """A request that matches the document is never refused as malformed."""
    if is_well_formed(case) and response.status_code == 422 and slug_of(response) not in OF_THE_MOMENT:
        raise AssertionError(f"Refused as {slug_of(response)}, but it matches the document")


tally = collections.Counter()


@schemathesis.hook
def after_call(context, case, response):
    """Counts the answers, so that a run that reached nothing does not look like a success."""
    tally[f"{case.operation.definition.raw['operationId']} {response.status_code}"] += 1


@atexit.register
def write_tally():
    with open(os.environ["CONTRACT_TALLY"], "w", encoding="utf-8") as file:
        json.dump(tally, file)
