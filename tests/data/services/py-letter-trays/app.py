"""A shared letter box: the list of a day's letters."""
import email, os
from email.policy import default
from flask import Flask, jsonify
from waitress import serve

RAW = ["\r\n".join([f"From: Anna {n} <anna{n}@post.example>", "To: " + ", ".join(f"P {k} <p{k}@post.example>" for k in range(6)),
       f"Subject: =?utf-8?q?Hus_{n}_gr=C3=B8n?=", "Date: Tue, 04 Mar 2025 10:00:00 +0100", f"Message-ID: <{n}.x@post.example>",
       "Content-Type: text/plain; charset=utf-8", "", "hello " * 30]) for n in range(40)]
app = Flask(__name__)

def opened(raw):
    letter = email.message_from_string(raw, policy=default)
    return {"from": str(letter["From"]), "to": [a.addr_spec for a in letter["To"].addresses], "subject": letter["Subject"],
            "date": str(letter["Date"]), "start": start(letter.get_content()), "tag": tag(letter["Message-ID"])}

def start(text):
    return " ".join(text.split()[:8])

def tag(number):
    return number.strip("<>").split("@")[0]

@app.get("/status")
def status():
    return "ok"

@app.get("/box/<int:n>")
def box(n):
    return jsonify([opened(raw) for raw in RAW])

serve(app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=8)
