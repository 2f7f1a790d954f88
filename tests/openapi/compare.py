#!/usr/bin/python3
"""compare - conf/openapi.json against the tables it describes: routes, their rights, and errors.

    tests/openapi/compare.py

Each check is a function that yields what is wrong; its first line of documentation is what it promises. What no table
says (the shapes of bodies and answers) is checked against the running daemon: tests/e2e/test_openapi.py.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
API = ROOT / "engine/api"
DOC = json.loads((ROOT / "conf/openapi.json").read_text(encoding="utf-8"))
METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
# Not of the public port: what Kannel calls, and what only the shell's socket has.
NOT_PUBLIC = {("kannel_api.c", "door_rows"), ("server.c", "kannel_health"), ("shell_api.c", "rows")}
# What a token can never do, whatever it has.
SESSIONS_ONLY = {"session_end", "me_password_put", "token_add"}
TABLE = re.compile(r"static const struct route (\w+)\[\] = \{\n(.*?)^\};", re.S | re.M)
ROW = re.compile(r'\{\s*HTTP_(\w+),\s*(?:(\w+)\s*)?(?:"([^"]*)")?,\s*\w+,\s*([\w\s|]+?),\s*"(\w+)"\}', re.S)
SHORT_ROW = re.compile(r'\bR\((\w+), "([^"]+)", "(\w+)"\)')
MACRO = re.compile(r"#define\s+(\w+)\s+\(?([\w |]+)\)?\s*$|enum \{ (\w+) = ([\w |]+) \};", re.M)
STRING = re.compile(r'#define\s+(\w+)\s+"([^"]*)"')


def flags_of(text, macros):
    found = set()
    for word in re.split(r"\s*\|\s*", text.strip()):
        found |= flags_of(macros[word], macros) if word in macros else {word}
    return found - {"0"}


def rows_of(path):
    text = path.read_text(encoding="utf-8")
    macros = {a or c: b or d for a, b, c, d in MACRO.findall(text)}
    prefixes = dict(STRING.findall(text))
    for table, body in TABLE.findall(text):
        if (path.name, table) in NOT_PUBLIC:
            continue
        if path.name == "not_built.c":
            for method, end, name in SHORT_ROW.findall(body):
                yield name, (method.lower(), "/api/v1" + end, None)
            continue
        rows = ROW.findall(body)
        assert len(rows) == body.count("{HTTP_"), f"{path.name}: a row of {table} cannot be read"
        for method, prefix, end, flags, name in rows:
            yield name, (method.lower(), prefixes.get(prefix, "") + end, flags_of(flags, macros))


def operations():
    for path, item in DOC["paths"].items():
        for method in METHODS:
            if method in item:
                yield item[method]["operationId"], method, path, item[method]


ROUTES = dict(row for path in sorted(API.glob("*.c")) for row in rows_of(path))
ERRORS = [(code, int(status)) for code, status in
          re.findall(r'^E\(\w+, "(\w+)", (\d+),', (ROOT / "engine/base/err.def").read_text(encoding="utf-8"), re.M)
          if code != "ok"]


def deref(value):
    while "$ref" in value:
        node = DOC
        for part in value["$ref"].removeprefix("#/").split("/"):
            node = node[part]
        value = node
    return value


def parameters(operation):
    return [deref(p) for p in operation.get("parameters", [])]


def check_routes():
    """every public route is described, with its method and path, and nothing else is"""
    described = {name: (method, path) for name, method, path, _ in operations()}
    for name in ROUTES.keys() - described.keys():
        yield f"{name}: {' '.join(ROUTES[name][:2])} is not described"
    for name in described.keys() - ROUTES.keys():
        yield f"{name}: {' '.join(described[name])} is no route"
    for name in described.keys() & ROUTES.keys():
        if described[name] != ROUTES[name][:2]:
            yield f"{name}: described as {described[name]}, is {ROUTES[name][:2]}"


def built():
    for name, method, path, operation in operations():
        if ROUTES.get(name, (0, 0, None))[2] is not None:
            yield name, method, ROUTES[name][2], operation


def check_not_built():
    """what is not built says so, and answers 501 only; what is built does not say so"""
    for name, _, _, operation in operations():
        is_built = name in ROUTES and ROUTES[name][2] is not None
        if operation.get("x-not-built", False) is is_built:
            yield f"{name}: x-not-built does not fit engine/api/not_built.c"
        if not is_built and list(operation["responses"]) != ["501"]:
            yield f"{name}: is not built, so it answers 501 and nothing else"


def check_rights():
    """scopes, roles and who is human are those of the route"""
    for name, method, flags, operation in built():
        security = operation["security"]
        if ("API_PUBLIC" in flags) is not (security == []):
            yield f"{name}: security [] and API_PUBLIC go together"
        if security == []:
            continue
        if ({"signature": []} in security) is not ("API_SIGNED" in flags):
            yield f"{name}: security signature and API_SIGNED go together"
        if operation.get("x-human", False) is not ("API_HUMAN" in flags):
            yield f"{name}: x-human and API_HUMAN go together"
        if operation.get("x-self", False) is not ("API_SELF" in flags):
            yield f"{name}: x-self and API_SELF go together"
        role = "admin" if "API_ADMIN" in flags else "lead" if "API_LEAD" in flags else None
        if operation.get("x-role") != role:
            yield f"{name}: x-role is {operation.get('x-role')}, the route says {role}"
        if {"session": []} | ({"csrf": []} if method != "get" else {}) not in security:
            yield f"{name}: a session{' with csrf' if method != 'get' else ''} is missing in security"
        scopes = {f.removeprefix("SCOPE_").lower() for f in flags if f.startswith("SCOPE_")}
        scopes |= {"send"} if "API_HUMAN" in flags else set()
        said = [set(s["bearer"]) for s in security if "bearer" in s]
        if said != ([] if name in SESSIONS_ONLY else [scopes]):
            yield f"{name}: bearer has {said}, the route says {sorted(scopes)}"


def check_idempotency():
    """Idempotency-Key is a parameter of what creates, and of nothing else"""
    for name, _, flags, operation in built():
        has_key = any(p["name"] == "Idempotency-Key" for p in parameters(operation))
        if has_key is not ("API_CREATES" in flags):
            yield f"{name}: Idempotency-Key and API_CREATES go together"


def check_parameters():
    """the parameters of a path are described, and no others"""
    for name, _, path, operation in operations():
        said = [p["name"] for p in parameters(operation) if p["in"] == "path"]
        if sorted(said) != sorted(re.findall(r"\{(\w+)(?:\.\.\.)?\}", path)):
            yield f"{name}: {path} is described with {said}"


def check_responses():
    """each built operation says what it answers when all is well, and the refusals that any may meet"""
    for name, _, flags, operation in built():
        said = operation["responses"].keys()
        if not any(status.startswith("2") for status in said) and name != "task_bulk":
            yield f"{name}: no answer when all is well"
        if "/api/v1/" not in ROUTES[name][1]:
            continue
        wanted = {"400", "500", "503"} | (set() if "API_PUBLIC" in flags else {"401", "403", "429"})
        wanted |= {"413", "415"} if "requestBody" in operation else set()
        wanted |= {"412"} if any(p["name"] == "If-Match" for p in parameters(operation)) else set()
        if wanted - said:
            yield f"{name}: {sorted(wanted - said)} are missing"


def check_codes():
    """every code of err.def is one of the problem's, and stands with its own status; no other code is mentioned"""
    known = DOC["components"]["schemas"]["Problem"]["properties"]["code"]["enum"]
    if sorted(known) != sorted({code for code, _ in ERRORS}):
        yield f"Problem.code differs from err.def: {sorted(set(known) ^ {code for code, _ in ERRORS})}"
    for name, _, _, operation in operations():
        for status, answer in operation["responses"].items():
            answer = deref(answer)
            if ("x-codes" in answer) is (status < "400"):
                yield f"{name}: {status} has x-codes when it is a problem, and only then"
            if answer.get("x-codes") == []:
                yield f"{name}: {status} has no codes"
            for code in answer.get("x-codes", []):
                if (code, int(status)) not in ERRORS:
                    yield f"{name}: {code} does not come with {status}"


CHECKS = [value for name, value in list(globals().items()) if name.startswith("check_")]


def main():
    failed = 0
    for check in CHECKS:
        wrong = list(check())
        failed += bool(wrong)
        print(f"{'FAIL' if wrong else 'ok  '}  {check.__doc__}")
        for line in wrong:
            print(f"      {line}")
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
