"""Calls every request that the Python client has, and prints what came of each, a JSON object a line:

    {"call": method, "wants": what, "id": request id or null, "answers": [{"id": ..., "is": ..., ...}]}

`wants` says what a program may rely on: "own" an answer under the request's id, "any" an answer that carries no id, "last"
one under the id of the call before, "none" nothing, since the call only ends or changes something. A request of the client that is not in the table ends the program:
a new release of the client may have brought it.

Usage: every_call.py PORT CLIENT_ID [HIGHEST_VERSION]
"""

import json
import re
import sys

from ibapi.client import EClient
from ibapi.common import WshEventData
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.order_cancel import OrderCancel
from ibapi.protobuf.ConfigRequest_pb2 import ConfigRequest
from ibapi.protobuf.UpdateConfigRequest_pb2 import UpdateConfigRequest
from ibapi.scanner import ScannerSubscription

from client import Client, connect
from questions import contract

REQUEST = re.compile("(req|cancel|calculate|exercise|query|subscribe|unsubscribe|update|verify|place|replace|setServer)")
AAPL = contract({"symbol": "AAPL"})
ACCOUNT = "DU0000001"


def scan():
    wanted = ScannerSubscription()
    wanted.instrument, wanted.locationCode, wanted.scanCode = "STK", "STK.US.MAJOR", "TOP_PERC_GAIN"
    return wanted


def limit_order():
    order = Order()
    order.action, order.totalQuantity, order.orderType, order.lmtPrice = "BUY", 1, "LMT", 1.0
    return order


def option():
    it = contract({"symbol": "AAPL", "sec_type": "OPT"})
    it.lastTradeDateOrContractMonth, it.strike, it.right, it.multiplier = "20260116", 200.0, "C", "100"
    return it


# Requests are called in this order, cancels after what they cancel. `me` is the call's request id, `order` an order id.
CALLS = {
    "reqCurrentTime": ("any", lambda it, me: it.reqCurrentTime()),
    "reqCurrentTimeInMillis": ("any", lambda it, me: it.reqCurrentTimeInMillis()),
    "setServerLogLevel": ("none", lambda it, me: it.setServerLogLevel(5)),
    "reqIds": ("any", lambda it, me: it.reqIds(-1)),
    "reqManagedAccts": ("any", lambda it, me: it.reqManagedAccts()),
    "reqMarketDataType": ("none", lambda it, me: it.reqMarketDataType(3)),
    "reqContractDetails": ("own", lambda it, me: it.reqContractDetails(me, AAPL)),
    "cancelContractData": ("none", lambda it, me: it.cancelContractData(me - 1)),
    "reqMatchingSymbols": ("own", lambda it, me: it.reqMatchingSymbols(me, "AAP")),
    "reqMarketRule": ("any", lambda it, me: it.reqMarketRule(26)),
    "reqSmartComponents": ("own", lambda it, me: it.reqSmartComponents(me, "9c0001")),
    "reqMktDepthExchanges": ("any", lambda it, me: it.reqMktDepthExchanges()),
    "reqSecDefOptParams": ("own", lambda it, me: it.reqSecDefOptParams(me, "AAPL", "", "STK", 1000)),
    "reqMktData": ("own", lambda it, me: it.reqMktData(me, AAPL, "100,101,104,106,165,233,236,258,293,294,295,318,411,456", False, False, [])),
    "cancelMktData": ("none", lambda it, me: it.cancelMktData(me - 1)),
    "reqMktDepth": ("own", lambda it, me: it.reqMktDepth(me, AAPL, 5, True, [])),
    "cancelMktDepth": ("none", lambda it, me: it.cancelMktDepth(me - 1, True)),
    "reqTickByTickData": ("own or later", lambda it, me: it.reqTickByTickData(me, AAPL, "BidAsk", 0, False)),
    "cancelTickByTickData": ("none", lambda it, me: it.cancelTickByTickData(me - 1)),
    "reqRealTimeBars": ("own or later", lambda it, me: it.reqRealTimeBars(me, AAPL, 5, "TRADES", True, [])),
    "cancelRealTimeBars": ("none", lambda it, me: it.cancelRealTimeBars(me - 1)),
    "reqHistoricalData": ("own", lambda it, me: it.reqHistoricalData(me, AAPL, "", "1 D", "5 mins", "TRADES", 1, 1, True, [])),
    "cancelHistoricalData": ("none", lambda it, me: it.cancelHistoricalData(me - 1)),
    "reqHeadTimeStamp": ("own", lambda it, me: it.reqHeadTimeStamp(me, AAPL, "TRADES", 1, 1)),
    "cancelHeadTimeStamp": ("none", lambda it, me: it.cancelHeadTimeStamp(me - 1)),
    "reqHistogramData": ("own", lambda it, me: it.reqHistogramData(me, AAPL, True, "1 day")),
    "cancelHistogramData": ("none", lambda it, me: it.cancelHistogramData(me - 1)),
    "reqHistoricalTicks": ("own", lambda it, me: it.reqHistoricalTicks(me, AAPL, "20260105 09:31:00 US/Eastern", "", 10, "TRADES", 1, True, [])),
    "cancelHistoricalTicks": ("none", lambda it, me: it.cancelHistoricalTicks(me - 1)),
    "reqScannerParameters": ("any", lambda it, me: it.reqScannerParameters()),
    "reqScannerSubscription": ("own", lambda it, me: it.reqScannerSubscription(me, scan(), [], [])),
    "cancelScannerSubscription": ("last", lambda it, me: it.cancelScannerSubscription(me - 1)),
    "reqNewsProviders": ("any", lambda it, me: it.reqNewsProviders()),
    "reqNewsArticle": ("own", lambda it, me: it.reqNewsArticle(me, "BRFG", "BRFG$0", [])),
    "reqHistoricalNews": ("own", lambda it, me: it.reqHistoricalNews(me, 1000, "BRFG", "", "", 10, [])),
    "reqNewsBulletins": ("none", lambda it, me: it.reqNewsBulletins(True)),
    "cancelNewsBulletins": ("none", lambda it, me: it.cancelNewsBulletins()),
    "reqUserInfo": ("own", lambda it, me: it.reqUserInfo(me)),
    "reqAccountSummary": ("own", lambda it, me: it.reqAccountSummary(me, "All", "NetLiquidation,$LEDGER:ALL")),
    "cancelAccountSummary": ("none", lambda it, me: it.cancelAccountSummary(me - 1)),
    "reqAccountUpdates": ("any", lambda it, me: it.reqAccountUpdates(True, ACCOUNT)),
    "reqAccountUpdatesMulti": ("own", lambda it, me: it.reqAccountUpdatesMulti(me, ACCOUNT, "", False)),
    "cancelAccountUpdatesMulti": ("none", lambda it, me: it.cancelAccountUpdatesMulti(me - 1)),
    "reqPositions": ("any", lambda it, me: it.reqPositions()),
    "cancelPositions": ("none", lambda it, me: it.cancelPositions()),
    "reqPositionsMulti": ("own", lambda it, me: it.reqPositionsMulti(me, ACCOUNT, "")),
    "cancelPositionsMulti": ("none", lambda it, me: it.cancelPositionsMulti(me - 1)),
    "reqPnL": ("own", lambda it, me: it.reqPnL(me, ACCOUNT, "")),
    "cancelPnL": ("none", lambda it, me: it.cancelPnL(me - 1)),
    "reqPnLSingle": ("own", lambda it, me: it.reqPnLSingle(me, ACCOUNT, "", 1000)),
    "cancelPnLSingle": ("none", lambda it, me: it.cancelPnLSingle(me - 1)),
    "placeOrder": ("own", lambda it, me: it.placeOrder(me, AAPL, limit_order())),
    "cancelOrder": ("order", lambda it, me: it.cancelOrder(me, OrderCancel())),
    "reqOpenOrders": ("any", lambda it, me: it.reqOpenOrders()),
    "reqAllOpenOrders": ("any", lambda it, me: it.reqAllOpenOrders()),
    "reqAutoOpenOrders": ("any", lambda it, me: it.reqAutoOpenOrders(False)),
    "reqGlobalCancel": ("none", lambda it, me: it.reqGlobalCancel(OrderCancel())),
    "reqCompletedOrders": ("any", lambda it, me: it.reqCompletedOrders(True)),
    "reqExecutions": ("own", lambda it, me: it.reqExecutions(me, ExecutionFilter())),
    "reqFundamentalData": ("own", lambda it, me: it.reqFundamentalData(me, AAPL, "ReportsFinSummary", [])),
    "cancelFundamentalData": ("own", lambda it, me: it.cancelFundamentalData(me)),
    "calculateImpliedVolatility": ("own", lambda it, me: it.calculateImpliedVolatility(me, option(), 10.0, 210.0, [])),
    "cancelCalculateImpliedVolatility": ("own", lambda it, me: it.cancelCalculateImpliedVolatility(me)),
    "calculateOptionPrice": ("own", lambda it, me: it.calculateOptionPrice(me, option(), 0.3, 210.0, [])),
    "cancelCalculateOptionPrice": ("own", lambda it, me: it.cancelCalculateOptionPrice(me)),
    "exerciseOptions": ("own", lambda it, me: it.exerciseOptions(me, option(), 1, 1, ACCOUNT, 0, "", "", False)),
    "reqWshMetaData": ("own", lambda it, me: it.reqWshMetaData(me)),
    "cancelWshMetaData": ("own", lambda it, me: it.cancelWshMetaData(me)),
    "reqWshEventData": ("own", lambda it, me: it.reqWshEventData(me, WshEventData())),
    "cancelWshEventData": ("own", lambda it, me: it.cancelWshEventData(me)),
    "reqFamilyCodes": ("any", lambda it, me: it.reqFamilyCodes()),
    "reqSoftDollarTiers": ("own", lambda it, me: it.reqSoftDollarTiers(me)),
    "requestFA": ("any", lambda it, me: it.requestFA(1)),
    "replaceFA": ("own", lambda it, me: it.replaceFA(me, 1, "<ListOfGroups/>")),
    "queryDisplayGroups": ("own", lambda it, me: it.queryDisplayGroups(me)),
    "subscribeToGroupEvents": ("own", lambda it, me: it.subscribeToGroupEvents(me, 1)),
    "updateDisplayGroup": ("own", lambda it, me: it.updateDisplayGroup(me, "1000@SMART")),
    "unsubscribeFromGroupEvents": ("own", lambda it, me: it.unsubscribeFromGroupEvents(me)),
    "verifyRequest": ("any", lambda it, me: it.verifyRequest("bellwether", "1")),
    "verifyMessage": ("any", lambda it, me: it.verifyMessage("data")),
    "verifyAndAuthRequest": ("any", lambda it, me: it.verifyAndAuthRequest("bellwether", "1", "key")),
    "verifyAndAuthMessage": ("any", lambda it, me: it.verifyAndAuthMessage("data", "response")),
    "reqConfigProtoBuf": ("own", lambda it, me: it.reqConfigProtoBuf(ConfigRequest(reqId=me))),
    "updateConfigProtoBuf": ("own", lambda it, me: it.updateConfigProtoBuf(UpdateConfigRequest(reqId=me))),
}
WITHOUT_A_PLAIN_CALL = {"reqConfigProtoBuf", "updateConfigProtoBuf"}


class Recorder(Client):
    """Keeps every answer with the id that it came under."""

    def keep(self, told, request=None, order=None, execution=None, family=None):
        if told["is"] == "next_id" and self.next_order is None:
            self.next_order = told.pop("id")
        elif told["is"] == "next_id":
            told["next"] = told.pop("id")
        if request is None and order is not None and told["is"] in ("order", "status"):
            request = order
        if request in self.fences:
            return super().keep(told, request=request)
        with self.changed:
            self.events.append({"id": request, **told})


def main():
    has = {name for name in vars(EClient) if REQUEST.match(name) and not name.endswith("ProtoBuf")}
    untried = has ^ (set(CALLS) - WITHOUT_A_PLAIN_CALL)
    if untried:
        sys.exit(f"requests that the table and the client do not share: {sorted(untried)}")
    client = Recorder()
    loop = connect(client, *map(int, sys.argv[1:]))
    client.fence()
    orders = {}
    for name, (wants, call) in CALLS.items():
        if name == "placeOrder":
            orders["last"] = client.new_order(name)
        me = orders["last"] if name in ("placeOrder", "cancelOrder") else client.new_request(name)
        call(client, me)
        answers = client.fence()
        print(json.dumps({"call": name, "wants": wants, "id": me, "answers": answers}), flush=True)
    print(json.dumps({"connected": bool(client.isConnected())}))
    client.disconnect()
    loop.join()


main()
