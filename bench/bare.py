"""What intake is compared with: a route that parses the form and returns a constant."""

from __future__ import annotations

from flask import Flask, Response, request

app = Flask(__name__)


@app.post("/<path:hook>")
def bare(hook: str) -> Response:
    assert request.form["networkCode"], hook
    return Response("CON Where do you live?", content_type="text/plain; charset=utf-8")
