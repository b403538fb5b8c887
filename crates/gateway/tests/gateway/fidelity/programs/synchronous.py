"""A program that asks one thing after another with the client's synchronous wrapper.

Prints one JSON object with what it was given.

Usage: synchronous.py PORT
"""

import json
import sys

from ibapi.contract import Contract
from ibapi.order import Order
from ibapi.sync_wrapper import ResponseTimeout, TWSSyncWrapper


class Patient(TWSSyncWrapper):
    """The wrapper prepares for an answer only after it has asked; an answer that was faster than that is taken here."""

    def _set_event(self, req_id, event_name, data=None):
        self.response_events.setdefault(f"{event_name}_{req_id}", __import__("threading").Event())
        super()._set_event(req_id, event_name, data)


def stock(symbol):
    contract = Contract()
    contract.symbol, contract.secType, contract.exchange, contract.currency = symbol, "STK", "SMART", "USD"
    return contract


def main():
    app = Patient(timeout=30)
    if not app.connect_and_start("127.0.0.1", int(sys.argv[1]), 5):
        sys.exit("not connected")
    try:
        print(json.dumps(converse(app), default=str))
    finally:
        # The thread that reads keeps the program alive while there is a connection.
        app.disconnect_and_stop()


def converse(app):
    told = {"id": app.get_next_valid_id(), "time": app.get_current_time(timeout=30)}
    details = app.get_contract_details(stock("AAPL"), timeout=30)
    told["exchange"] = details[0].contract.primaryExchange
    bars = app.get_historical_data(stock("AAPL"), "", "1 D", "5 mins", "TRADES")
    told["bars"] = len(bars)
    told["first"] = bars[0].date
    told["quote"] = sorted(app.get_market_data_snapshot(stock("MSFT"), timeout=30))
    told["summary"] = app.get_account_summary("NetLiquidation,TotalCashValue", timeout=30)
    told["positions"] = app.get_positions(timeout=30)
    told["executions"] = app.get_executions(timeout=30)

    order = Order()
    order.action, order.orderType, order.totalQuantity = "BUY", "MKT", 10
    told["status"] = app.place_order_sync(stock("AAPL"), order, timeout=30)["status"]
    told["open"] = len(app.get_open_orders(timeout=30))
    told["portfolio"] = len(app.get_portfolio("", timeout=30))
    try:
        app.get_contract_details(stock("NO SUCH"), timeout=2)
    except ResponseTimeout:
        # This wrapper waits for an end that an error replaces; the error itself must have come.
        told["refused"] = max(error["errorCode"] for errors in app.errors.values() for error in errors if error["errorCode"] < 1000)
    return told


main()
