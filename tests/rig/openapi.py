"""Holds every answer against conf/openapi.json: its status, headers, media type, body and code must be described.

With HANDBOX_OPENAPI=FILE in the environment (conftest.py sets it) each Client does so after each answer, so that every
end-to-end test tests the description too. A member that is not described is as wrong as one that is missing.
"""

import functools
import json
import os
import re
from pathlib import Path

# Refusals that come before any path is looked at: all are bad_request (see info.description).
BEFORE_THE_PATH = {408, 417, 431, 505}
# Of the gate, and of a server in trouble: also before a path that is not built.
BEFORE_THE_HANDLER = {400, 401, 403, 429, 500, 503}
PROBLEM = "application/problem+json"


def inline(node, doc):
    """The node with each $ref replaced by what it names; nothing in the description names itself."""
    if isinstance(node, list):
        return [inline(item, doc) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        target = doc
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return {**inline(target, doc), **{k: v for k, v in node.items() if k != "$ref"}}
    return {name: inline(value, doc) for name, value in node.items()}


class Operation:
    def __init__(self, method, path, spec):
        self.method, self.path, self.spec = method, path, spec
        self.name = spec["operationId"]
        self.words = re.findall(r"\{\w+\}|[^{}]+", path)
        self.pattern = re.compile("".join("[^/]+" if w.startswith("{") else re.escape(w) for w in self.words) + "$")
        self.validators = {}

    def body_fault(self, status, media, value):
        """What is wrong with an answer's JSON; None when nothing is."""
        if (status, media) not in self.validators:
            self.validators[status, media] = validator(self.spec["responses"][status]["content"][media]["schema"])
        return fault_of(self.validators[status, media], value)


def validator(schema):
    from jsonschema import Draft202012Validator  # here, so that the rig alone needs the standard library only
    return Draft202012Validator(schema)


def fault_of(validator, value):
    from jsonschema.exceptions import best_match
    error = None if validator.is_valid(value) else best_match(validator.iter_errors(value))
    return error and f"{error.json_path}: {error.message}"


class Description:
    def __init__(self, file):
        raw = json.loads(Path(file).read_text(encoding="utf-8"))
        self.doc = inline(raw, raw)
        self.problem = validator(self.doc["components"]["schemas"]["Problem"])
        self.operations = [Operation(method.upper(), path, spec) for path, item in self.doc["paths"].items()
                           for method, spec in item.items()]
        self.operations.sort(key=lambda op: op.path.replace("{", "~"))  # words win over parameters
        self.seen = set()

    def find(self, method, path):
        """The operation of a request; None when there is none."""
        method = "GET" if method == "HEAD" else method
        return next((op for op in self.operations if op.method == method and op.pattern.match(path)), None)

    def fault(self, method, target, answer):
        """What about this answer the description does not say; None when it says it all."""
        path = target.partition("?")[0].partition("#")[0]
        if not path.startswith("/api/v1/") or path.startswith("/api/v1/shell/"):
            return None
        if not re.fullmatch("[0-9a-f]{16}", answer.headers.get("x-request-id", "")):
            return "X-Request-Id is missing"
        if method == "HEAD":
            return answer.text and "HEAD has no body"
        op = self.find(method, path)
        if answer.status in BEFORE_THE_PATH or not op:
            return self.early_fault(answer, {404: "not_found", 405: "method_not_allowed"} if not op else {})
        self.seen.add((op.name, answer.status))
        if op.spec.get("x-not-built") and answer.status in BEFORE_THE_HANDLER:
            return fault_of(self.problem, answer.json)
        return self.answer_fault(op, answer)

    def early_fault(self, answer, codes):
        fault = fault_of(self.problem, answer.json)
        wanted = codes.get(answer.status) or (answer.status in BEFORE_THE_PATH and "bad_request")
        if not wanted:
            return f"no such path is described, and the answer is no {' or '.join(map(str, codes))}"
        return fault or (answer["code"] != wanted and f"the code is {answer['code']}, not {wanted}") or None

    def answer_fault(self, op, answer):
        spec = op.spec["responses"].get(str(answer.status))
        if not spec:
            return f"{op.name}: status {answer.status} is not described"
        for name, header in spec.get("headers", {}).items():
            if header.get("required") and name.lower() not in answer.headers:
                return f"{op.name}: {answer.status} has no {name}"
        media = answer.headers.get("content-type", "").partition(";")[0]
        content = spec.get("content", {})
        if not content:
            return f"{op.name}: {answer.status} has a body" if answer.text else None
        if media not in content:
            return f"{op.name}: {answer.status} came as {media or 'nothing'}"
        fault = op.body_fault(str(answer.status), media, answer.json) if "json" in media else None
        if not fault and media == PROBLEM and answer["code"] not in spec["x-codes"]:
            fault = f"the code {answer['code']} is not described"
        return fault and f"{op.name}: {answer.status}: {fault}"


@functools.lru_cache(maxsize=None)
def load(file):
    return Description(file)


def hold(method, target, answer):
    """AssertionError when HANDBOX_OPENAPI is set, and does not describe this answer."""
    file = os.environ.get("HANDBOX_OPENAPI")
    if file:
        fault = load(file).fault(method, target, answer)
        assert not fault, f"not as described in {Path(file).name}: {method} {target}: {fault}\n{answer!r}"
