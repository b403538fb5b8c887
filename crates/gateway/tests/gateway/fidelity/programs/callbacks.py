"""A program as one finds them in tutorials: one class that is client and wrapper, a thread that runs it, dictionaries.

Prints one JSON object: what it waited for in vain, the errors it was told of, and a few numbers.

Usage: callbacks.py PORT
"""

import json
import sys
import threading
from collections import defaultdict

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.order import Order
from ibapi.order_cancel import OrderCancel
from ibapi.scanner import ScannerSubscription
from ibapi.wrapper import EWrapper


class TestApp(EWrapper, EClient):
    def __init__(self):
        EClient.__init__(self, self)
        self.seen = defaultdict(threading.Event)
        self.bars = defaultdict(list)
        self.errors = []
        self.statuses = defaultdict(list)
        self.rows = []
        self.summary = {}

    def error(self, reqId, errorTime, errorCode, errorString, advancedOrderRejectJson=""):
        self.errors.append([reqId, errorCode, errorString])
        self.seen[f"error {reqId}"].set()

    def nextValidId(self, orderId):
        self.nextOrderId = orderId
        self.seen["next id"].set()

    def currentTime(self, time):
        self.seen["time"].set()

    def tickPrice(self, reqId, tickType, price, attrib):
        self.seen[f"price {reqId}"].set()

    def marketDataType(self, reqId, marketDataType):
        self.seen[f"type {reqId} {marketDataType}"].set()

    def historicalData(self, reqId, bar):
        self.bars[reqId].append(bar)

    def historicalDataUpdate(self, reqId, bar):
        self.seen[f"update {reqId}"].set()

    def historicalDataEnd(self, reqId, start, end):
        self.seen[f"bars {reqId}"].set()

    def tickByTickAllLast(self, reqId, tickType, time, price, size, attrib, exchange, specialConditions):
        self.seen[f"trade {reqId}"].set()

    def tickByTickBidAsk(self, reqId, time, bidPrice, askPrice, bidSize, askSize, attrib):
        self.seen[f"quote {reqId}"].set()

    def realtimeBar(self, reqId, time, open_, high, low, close, volume, wap, count):
        self.seen[f"five seconds {reqId}"].set()

    def accountSummary(self, reqId, account, tag, value, currency):
        self.summary[tag] = value

    def accountSummaryEnd(self, reqId):
        self.seen[f"summary {reqId}"].set()

    def scannerData(self, reqId, rank, contractDetails, distance, benchmark, projection, legsStr):
        self.rows.append(contractDetails.contract.symbol)

    def scannerDataEnd(self, reqId):
        self.seen[f"scan {reqId}"].set()

    def openOrder(self, orderId, contract, order, orderState):
        self.seen[f"order {orderId}"].set()

    def orderStatus(self, orderId, status, filled, remaining, avgFillPrice, permId, parentId, lastFillPrice, clientId, whyHeld, mktCapPrice):
        self.statuses[orderId].append(status)
        self.seen[f"{status} {orderId}"].set()

    def marketRule(self, marketRuleId, priceIncrements):
        self.seen["rule"].set()


def stock(symbol):
    contract = Contract()
    contract.symbol = symbol
    contract.secType = "STK"
    contract.exchange = "SMART"
    contract.currency = "USD"
    return contract


def bracket(parentId, quantity, limit, profit, loss):
    def order(orderId, action, kind, **prices):
        it = Order()
        it.orderId, it.action, it.orderType, it.totalQuantity = orderId, action, kind, quantity
        it.transmit = False
        for name, price in prices.items():
            setattr(it, name, price)
        return it

    parent = order(parentId, "BUY", "LMT", lmtPrice=limit)
    takeProfit = order(parentId + 1, "SELL", "LMT", lmtPrice=profit, parentId=parentId)
    stopLoss = order(parentId + 2, "SELL", "STP", auxPrice=loss, parentId=parentId)
    stopLoss.transmit = True
    return parent, takeProfit, stopLoss


def main():
    app = TestApp()
    missing = []

    def await_all(*names):
        missing.extend(name for name in names if not app.seen[name].wait(30))

    app.connect("127.0.0.1", int(sys.argv[1]), clientId=0)
    thread = threading.Thread(target=app.run, daemon=True)
    thread.start()
    await_all("next id")

    app.reqCurrentTime()
    app.reqMarketRule(26)
    app.reqMarketDataType(3)
    # Ids of any size, and the same number for requests of different kinds.
    app.reqMktData(1, stock("AAPL"), "", False, False, [])
    app.reqMktData(2147483646, stock("DARK"), "", False, False, [])
    app.reqHistoricalData(1, stock("AAPL"), "", "2 D", "1 hour", "TRADES", 1, 1, False, [])
    app.reqHistoricalData(4102, stock("MSFT"), "", "300 S", "1 min", "MIDPOINT", 0, 2, True, [])
    app.reqHistoricalData(4103, stock("NO SUCH"), "", "1 D", "1 min", "TRADES", 1, 1, False, [])
    app.reqTickByTickData(19001, stock("AAPL"), "AllLast", 0, False)
    app.reqTickByTickData(19002, stock("AAPL"), "BidAsk", 0, True)
    app.reqRealTimeBars(3001, stock("AAPL"), 5, "TRADES", True, [])
    app.reqAccountSummary(9001, "All", "AccountType,NetLiquidation,BuyingPower")
    scan = ScannerSubscription()
    scan.instrument, scan.locationCode, scan.scanCode = "STK", "STK.US.MAJOR", "TOP_PERC_GAIN"
    app.reqScannerSubscription(7001, scan, [], [])
    await_all("time", "rule", "price 1", "type 2147483646 3", "price 2147483646", "bars 1", "bars 4102", "error 4103")
    await_all("trade 19001", "quote 19002", "five seconds 3001", "update 4102", "summary 9001", "scan 7001")

    parentId = app.nextOrderId
    for order in bracket(parentId, 100, 150.0, 250.0, 140.0):
        app.placeOrder(order.orderId, stock("AAPL"), order)
    await_all(*(f"order {parentId + i}" for i in range(3)), f"Submitted {parentId}")
    app.cancelOrder(parentId, OrderCancel())
    await_all(*(f"Cancelled {parentId + i}" for i in range(3)))

    app.cancelMktData(1)
    app.cancelMktData(2147483646)
    app.cancelHistoricalData(4102)
    app.cancelTickByTickData(19001)
    app.cancelTickByTickData(19002)
    app.cancelRealTimeBars(3001)
    app.cancelAccountSummary(9001)
    app.cancelScannerSubscription(7001)
    app.reqGlobalCancel(OrderCancel())
    # The last answer shows that the session outlived all this.
    app.seen.pop("time")
    app.reqCurrentTime()
    await_all("time")
    app.disconnect()
    thread.join(30)
    told = {
        "missing": missing,
        "errors": app.errors,
        "first_bar": app.bars[1][0].date if app.bars[1] else None,
        "epoch_bar": app.bars[4102][0].date if app.bars[4102] else None,
        "rows": app.rows[:3],
        "summary": app.summary,
        "ended": not thread.is_alive(),
    }
    print(json.dumps(told))


main()
