"""Rules for schemathesis that the API's document cannot express. schemathesis loads them, see test_clients.py."""

import itertools

import schemathesis
from schemathesis.core import NOT_SET

SUBMIT = ("POST /api/v1/transcribe", "POST /api/v1/transcribe/upload")
MAKE_KEY = "POST /api/v1/keys"
SOURCES = ("url", "urls", "audio_base64", "blob", "upload_id", "file")

# Problems of requests that match the document. A single request does not show them.
NOT_OF_THE_FORM = {
    "checksum_mismatch",  # Upload-Checksum is of another body
    "upload_too_large",  # the body goes beyond Upload-Length
    "invalid_rule",  # a schema cannot describe valid patterns
    "contradictory_options",  # rules between fields
    "unknown_model",  # only installed models can be used, see GET /api/v1/models
}


# Binary bodies: schemathesis supports only some of their media types.
schemathesis.serializer.alias(["application/offset+octet-stream", "audio/wav", "video/mp4"],
                              "application/octet-stream")
submissions = itertools.count()


def without(names, fields):
    return {name: value for name, value in fields.items() if name not in names}


def keep_one_recording(case):
    """Each field once, in the query or the body. The schema of the body says so (oneOf), but the coverage
    phase does not look at it; what parameters mean to each other no schema can say."""
    if isinstance(case.body, dict):
        given = [name for name in SOURCES if name in case.body]
        if len(given) > 1:
            case.body = without(given[1:], case.body)
        case.query = {}
    elif case.body is not NOT_SET:
        case.query = without(SOURCES, case.query or {})
    else:
        case.query = without(SOURCES, case.query or {}) | {"url": "https://example.com/interview.mp3"}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes valid requests obey the rules between parameters and the rules about dates."""
    if not case.meta.generation.mode.is_positive:
        return
    if case.operation.label in SUBMIT:
        keep_one_recording(case)
        if "Idempotency-Key" in (case.headers or {}):  # valid for one submission only
            case.headers["Idempotency-Key"] = f"submission-{next(submissions)}"
    if case.operation.label == MAKE_KEY and isinstance(case.body, dict) and case.body.get("expires_at"):
        case.body["expires_at"] = "2999-12-31T23:59:59Z"
    if (case.headers or {}).get("Upload-Checksum") == "":  # which its pattern does not allow
        del case.headers["Upload-Checksum"]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Keeps all answers except refusals that the document cannot predict."""
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    return response.json()["code"] not in NOT_OF_THE_FORM
