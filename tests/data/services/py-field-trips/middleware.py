"""What every answer goes through."""
import copy
import datetime as dt
import hashlib
import json
import time

MONTHS = {"en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()}


def walk(node, change):
    if isinstance(node, dict):
        return {key: walk(value, change) for key, value in node.items()}
    if isinstance(node, list):
        return [walk(value, change) for value in node]
    return change(node)


class Timing:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        begun = time.perf_counter()
        response = self.get_response(request)
        response["Server-Timing"] = f"app;dur={(time.perf_counter() - begun) * 1000:.1f}"
        return response


class Audit:
    """A fingerprint of what was handed out, without names."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("application/json"):
            content = walk(json.loads(response.content), lambda v: len(v) if isinstance(v, str) else v)
            response["X-Audit"] = hashlib.sha1(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return response


class Locale:
    def __init__(self, get_response):
        self.get_response = get_response

    def spoken(self, value):
        if isinstance(value, str) and len(value) == 10 and value[4] == "-":
            day = dt.date.fromisoformat(value)
            return f"{day.day} {MONTHS['en'][day.month - 1]} {day.year}"
        return value

    def __call__(self, request):
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("application/json"):
            response.content = json.dumps(walk(json.loads(response.content), self.spoken))
        return response


class Envelope:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("application/json"):
            response.content = json.dumps({"version": 2, "path": request.path, "data": json.loads(response.content)}, indent=1)
        return response


class Links:
    def __init__(self, get_response):
        self.get_response = get_response

    def linked(self, node):
        if isinstance(node, dict):
            out = {key: self.linked(value) for key, value in node.items()}
            if "id" in out:
                out["self"] = f"/trips/{out['id']}"
            return out
        return [self.linked(value) for value in node] if isinstance(node, list) else node

    def __call__(self, request):
        response = self.get_response(request)
        if response.get("Content-Type", "").startswith("application/json"):
            content = copy.deepcopy(json.loads(response.content))
            response.content = json.dumps(self.linked(content))
        return response
