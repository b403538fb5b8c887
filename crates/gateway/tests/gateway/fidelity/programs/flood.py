"""A program that asks for everything at once from inside its callbacks, in one thread, and leaves in the middle.

Prints one JSON object: how many of its requests were answered, and the ids of those that were not.

Usage: flood.py PORT
"""

import json
import sys
import time

from ibapi.client import EClient
from ibapi.common import WshEventData
from ibapi.contract import Contract
from ibapi.wrapper import EWrapper

SYMBOLS = ["AAPL", "MSFT", "SPY", "BRK B", "TINY", "DARK", "F001", "F002", "NOPE"]


class Flood(EWrapper, EClient):
    def __init__(self):
        EClient.__init__(self, self)
        self.waiting = set()
        self.answered = 0
        self.closed = 0
        self.asked = False
        self.until = time.monotonic() + 60

    def __getattribute__(self, name):
        # Whatever comes with a request's id answers the request.
        found = super().__getattribute__(name)
        if name in EWrapper.__dict__ and not name.endswith("ProtoBuf") and name not in ("logAnswer", "nextValidId", "connectionClosed"):
            return lambda *args, **named: self.note(args)
        return found

    def note(self, args):
        if args and args[0] in self.waiting:
            self.waiting.discard(args[0])
            self.answered += 1

    def msgLoopRec(self):
        # The client cannot be left while messages of its own queue are unread.
        if self.asked and self.msg_queue.empty() and (not self.waiting or time.monotonic() > self.until):
            self.disconnect()

    msgLoopTmo = msgLoopRec

    def connectionClosed(self):
        self.closed += 1

    def ask(self, call, *args):
        request = 0 if not self.waiting and not self.answered else len(self.waiting) * 7919 + 1
        self.waiting.add(request)
        call(request, *args)

    def nextValidId(self, orderId):
        for symbol in SYMBOLS:
            it = Contract()
            it.symbol, it.secType, it.exchange, it.currency = symbol, "STK", "SMART", "USD"
            self.ask(self.reqMktData, it, "233", False, False, [])
            self.ask(self.reqContractDetails, it)
            self.ask(self.reqHistoricalData, it, "", "1 D", "30 mins", "TRADES", 1, 1, False, [])
            self.ask(self.reqHeadTimeStamp, it, "TRADES", 1, 2)
            self.ask(self.reqFundamentalData, it, "ReportSnapshot", [])
        self.ask(self.reqWshMetaData)
        self.ask(self.reqWshEventData, WshEventData())
        self.ask(self.reqSoftDollarTiers)
        self.ask(self.reqSecDefOptParams, "AAPL", "", "STK", 1000)
        self.ask(self.queryDisplayGroups)
        self.asked = True


def main():
    app = Flood()
    app.connect("127.0.0.1", int(sys.argv[1]), 2**31 - 1)
    app.run()
    print(json.dumps({"answered": app.answered, "waiting": sorted(app.waiting), "closed": app.closed > 0}))


main()
