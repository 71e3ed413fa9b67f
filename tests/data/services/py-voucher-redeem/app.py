"""Gift vouchers: the tills of the shops redeem them here."""
import os

import bottle
from cheroot.wsgi import Server

import trail
from vouchers import Refused, Vouchers

app = bottle.Bottle()
vouchers = Vouchers()
log = trail.set_up()


@app.get("/healthz")
def healthz():
    return "ok"


@app.get("/vouchers/<code>")
def show(code):
    balance = vouchers.balance(code)
    if balance is None:
        bottle.abort(404, "unknown")
    return {"code": code, "balance": balance}


@app.post("/vouchers/<code>/redeem")
def redeem(code):
    sent = bottle.request.json or {}
    amount = float(sent.get("amount", 0))
    if amount <= 0:
        bottle.abort(422, "no amount")
    try:
        voucher = vouchers.redeem(code, amount)
    except Refused as refused:
        log.warning("refused %s: %s", code, refused, extra={"facts": {"till": sent.get("till")}})
        bottle.response.status = 409
        return {"refused": str(refused)}
    log.info("redeemed %.2f of %s", amount, code, extra={"facts": {"till": sent.get("till"), "left": voucher.balance}})
    return {"code": code, "redeemed": amount, "balance": voucher.balance}


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ["PORT"])), app, numthreads=24)
    try:
        server.start()
    finally:
        server.stop()
