"""Bare Flask: what every page is compared to."""

from flask import Flask, request

app = Flask(__name__)


@app.route("/", methods=["GET", "POST"])
def hello() -> str:
    request.get_data()
    return "hello"
