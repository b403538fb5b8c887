"""Runs steps of the script with the Python client: a JSON command a line on stdin, a JSON answer a line on stdout.

    {"ask": kind, "step": name, ...}    sends the request of a step; answers {} or {"cannot": why}
    {"fence": true}                     waits until the gateway has answered all before, and gives the events since
    {"quit": true}                      disconnects

Usage: client.py PORT CLIENT_ID [HIGHEST_VERSION]
"""

import json
import logging
import sys
import threading

import ibapi.client
from ibapi.client import EClient

from account_answers import AccountAnswers
from answers import event
from questions import QUESTIONS, contract, Cannot

PATIENCE = 30.0
FIRST_REQUEST = 9_000_000
FIRST_FENCE = 8_000_000
ORDER_EVENTS = ("order", "status", "execution", "commission")


class Client(AccountAnswers, EClient):
    """One session; events are kept by the step that they belong to."""

    def __init__(self):
        AccountAnswers.__init__(self, self.keep)
        EClient.__init__(self, wrapper=self)
        self.changed = threading.Condition()
        self.events = []
        self.fences = set()
        self.next_fence = FIRST_FENCE
        self.next_request = FIRST_REQUEST
        self.next_order = None
        self.step_of_request = {}
        # Which step's request the answers without a request id belong to.
        self.step_of_family = {}
        self.request_of_step = {}
        self.order_of_step = {}
        # The step whose question about orders is not answered in full yet.
        self.query = None

    def keep(self, told, request=None, order=None, execution=None, family=None):
        with self.changed:
            if told["is"] == "next_id" and self.next_order is None:
                self.next_order = told["id"]
            if request in self.fences:
                self.fences.discard(request)
                self.changed.notify_all()
                if told.get("code") != 200:
                    self.events.append({"step": "fence", **told})
                return
            for step in self.streams_of(told["is"], request, family):
                self.events.append({"step": step, **told})
            if told["is"] in ("orders_end", "executions_end", "error"):
                self.query = None
            self.changed.notify_all()

    def streams_of(self, kind, request, family):
        """Where an event belongs: to its request's step, to the orders, and there also to the step that asks for orders."""
        of_orders = kind in ORDER_EVENTS or request in self.order_of_step.values()
        if of_orders:
            return ["orders", self.query] if self.query and kind in ORDER_EVENTS else ["orders"]
        return [self.step_of_request.get(request) or self.step_of_family.get(family) or family or "nobody"]

    def new_request(self, step):
        request, self.next_request = self.next_request, self.next_request + 1
        self.step_of_request[request] = step
        self.request_of_step[step] = request
        return request

    def new_order(self, step):
        order, self.next_order = self.next_order, self.next_order + 1
        self.order_of_step[step] = order
        return order

    def owns(self, family, step):
        self.step_of_family[family] = step

    def fence(self):
        with self.changed:
            fence, self.next_fence = self.next_fence, self.next_fence + 1
            self.fences.add(fence)
        self.reqMktData(fence, contract({"symbol": "NOSUCH"}), "", False, False, [])
        with self.changed:
            answered = self.changed.wait_for(lambda: fence not in self.fences, PATIENCE)
            events, self.events = self.events, []
        return events if answered else [*events, {"step": "fence", "is": "silence"}]


class Complaints(logging.Handler):
    """What the client library logs as an error is an event: it could not make sense of something."""

    def __init__(self, client):
        super().__init__(logging.ERROR)
        self.client = client

    def emit(self, record):
        self.client.keep(event("broken", text=self.format(record)))


def run(client):
    try:
        client.run()
    except BaseException as problem:  # Whatever ends the loop must be seen.
        client.keep(event("broken", text=repr(problem)))


def connect(client, port, client_id, newest=None):
    """Starts a session, and the thread that reads it; returns the thread."""
    logging.getLogger().addHandler(Complaints(client))
    if newest:
        ibapi.client.MAX_CLIENT_VER = newest
    client.connect("127.0.0.1", port, client_id)
    if not client.isConnected():
        sys.exit("the gateway did not complete the handshake")
    loop = threading.Thread(target=run, args=(client,), daemon=True)
    loop.start()
    with client.changed:
        if not client.changed.wait_for(lambda: client.next_order is not None, PATIENCE):
            sys.exit("no order id came")
    return loop


def main():
    client = Client()
    loop = connect(client, *map(int, sys.argv[1:]))
    print(json.dumps({"version": client.serverVersion(), "at": client.twsConnectionTime().decode()}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if "quit" in command:
            break
        if "fence" in command:
            print(json.dumps(client.fence()), flush=True)
            continue
        try:
            QUESTIONS[command["ask"]](client, command)
            answer = {}
        except Cannot as reason:
            answer = {"cannot": str(reason)}
        print(json.dumps(answer), flush=True)
    client.disconnect()
    loop.join(PATIENCE)


if __name__ == "__main__":
    main()
