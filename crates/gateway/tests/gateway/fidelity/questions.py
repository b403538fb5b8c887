"""The requests of the script with the calls of the Python client. A step's fields are those of script.json."""

from datetime import datetime

from ibapi.client import EClient
from ibapi.contract import Contract
from ibapi.execution import ExecutionFilter
from ibapi.order import Order
from ibapi.order_cancel import OrderCancel
from ibapi.scanner import ScannerSubscription


BAR_TIME = "%Y%m%d-%H:%M:%S"
NEWS_TIME = "%Y-%m-%d %H:%M:%S.0"


class Cannot(Exception):
    """The client has no way to ask this."""


def contract(fields):
    it = Contract()
    it.conId = fields.get("con_id", 0)
    it.symbol = fields.get("symbol", "")
    it.secType = fields.get("sec_type", "STK")
    it.exchange = fields.get("exchange", "SMART")
    it.currency = fields.get("currency", "USD")
    it.primaryExchange = fields.get("primary_exchange", "")
    return it


def of(step):
    named = step["of"]
    return contract({"symbol": named} if isinstance(named, str) else named)


def shown(step):
    return step.get("show", "TRADES")


def moment(step, name, form):
    """An instant of the script, RFC 3339 in UTC, as the gateway wants to read it; other texts as they are."""
    text = step.get(name, "")
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").strftime(form) if text.endswith("Z") else text


def market_data(client, step):
    request = client.new_request(step["step"])
    ticks = ",".join(step.get("ticks", []))
    client.reqMktData(request, of(step), ticks, step.get("snapshot", False), False, [])


def broad_tape(client, step):
    it = contract({"symbol": f"{step['of']}:{step['of']}_ALL", "sec_type": "NEWS", "exchange": step["of"], "currency": ""})
    client.reqMktData(client.new_request(step["step"]), it, "mdoff,292", False, False, [])


def bars(client, step):
    client.reqHistoricalData(
        client.new_request(step["step"]),
        of(step),
        moment(step, "end", BAR_TIME),
        step["duration"],
        step["size"],
        shown(step),
        int(step.get("regular", True)),
        step.get("format", 2),
        step.get("go_on", False),
        [],
    )


def schedule(client, step):
    request = client.new_request(step["step"])
    client.reqHistoricalData(request, of(step), moment(step, "end", BAR_TIME), step["duration"], "1 day", "SCHEDULE", 1, 2, False, [])


def head(client, step):
    request = client.new_request(step["step"])
    client.reqHeadTimeStamp(request, of(step), shown(step), int(step.get("regular", True)), step.get("format", 2))


def real_time_bars(client, step):
    client.reqRealTimeBars(client.new_request(step["step"]), of(step), 5, shown(step), step.get("regular", False), [])


def scan(client, step):
    wanted = ScannerSubscription()
    wanted.instrument = "STK"
    wanted.locationCode = step.get("location", "STK.US.MAJOR")
    wanted.scanCode = step["code"]
    wanted.numberOfRows = step.get("rows", -1)
    for field in ("abovePrice", "belowPrice", "aboveVolume"):
        if field in step:
            setattr(wanted, field, step[field])
    client.reqScannerSubscription(client.new_request(step["step"]), wanted, [], [])


def headlines(client, step):
    request = client.new_request(step["step"])
    times = moment(step, "from", NEWS_TIME), moment(step, "to", NEWS_TIME)
    client.reqHistoricalNews(request, step["of"], "+".join(step["providers"]), *times, step["most"], [])


def executions(client, step):
    wanted = ExecutionFilter()
    wanted.symbol = step.get("symbol", "")
    wanted.side = step.get("side", "")
    client.query = step["step"]
    client.reqExecutions(client.new_request(step["step"]), wanted)


def place(client, step):
    name = step.get("changes", step["step"])
    order_id = client.order_of_step[name] if "changes" in step else client.new_order(name)
    it = Order()
    it.action = step["side"]
    it.totalQuantity = step["quantity"]
    it.orderType = step["type"]
    it.tif = step.get("tif", "DAY")
    it.transmit = step.get("transmit", True)
    it.orderRef = step.get("reference", "")
    if "limit" in step:
        it.lmtPrice = step["limit"]
    if "aux" in step:
        it.auxPrice = step["aux"]
    if "parent" in step:
        it.parentId = client.order_of_step[step["parent"]]
    client.placeOrder(order_id, of(step), it)


CANCELS = {
    "market_data": EClient.cancelMktData,
    "broad_tape": EClient.cancelMktData,
    "real_time_bars": EClient.cancelRealTimeBars,
    "bars": EClient.cancelHistoricalData,
    "scan": EClient.cancelScannerSubscription,
    "account_summary": EClient.cancelAccountSummary,
    "histogram": EClient.cancelHistogramData,
    "pnl": EClient.cancelPnL,
    "pnl_single": EClient.cancelPnLSingle,
    "tick_by_tick": EClient.cancelTickByTickData,
    "account_multi": EClient.cancelAccountUpdatesMulti,
    "positions_multi": EClient.cancelPositionsMulti,
    "depth": lambda client, request: client.cancelMktDepth(request, False),
    "smart_depth": lambda client, request: client.cancelMktDepth(request, True),
}


def cancel(client, step):
    if step["kind"] == "order":
        client.cancelOrder(client.order_of_step[step["of"]] if "of" in step else client.new_order(step["step"]), OrderCancel())
    elif step["kind"] == "positions":
        client.cancelPositions()
    elif step["kind"] == "bulletins":
        client.cancelNewsBulletins()
    elif step["kind"] == "account_updates":
        client.reqAccountUpdates(False, "")
    else:
        # An id that no request has: the gateway has to say so.
        request = client.request_of_step[step["of"]] if "of" in step else client.new_request(step["step"])
        CANCELS[step["kind"]](client, request)


def without_id(family, ask):
    def question(client, step):
        client.owns(family, step["step"])
        if family == "open_orders":
            client.query = step["step"]
        ask(client, step)

    return question


def with_id(ask):
    return lambda client, step: ask(client, client.new_request(step["step"]), step)


def past_ticks(client, request, step):
    times = moment(step, "from", BAR_TIME), moment(step, "to", BAR_TIME)
    client.reqHistoricalTicks(request, of(step), *times, step["number"], step["show"], 0, step.get("ignore_size", False), [])


QUESTIONS = {
    "time": without_id("time", lambda client, step: client.reqCurrentTime()),
    "time_millis": without_id("time_millis", lambda client, step: client.reqCurrentTimeInMillis()),
    "accounts": without_id("accounts", lambda client, step: client.reqManagedAccts()),
    "next_id": without_id("next_id", lambda client, step: client.reqIds(-1)),
    "contracts": with_id(lambda client, request, step: client.reqContractDetails(request, of(step))),
    "symbols": with_id(lambda client, request, step: client.reqMatchingSymbols(request, step["pattern"])),
    "market_rule": without_id("market_rule", lambda client, step: client.reqMarketRule(step["rule"])),
    "data_type": lambda client, step: client.reqMarketDataType(step["type"]),
    "market_data": market_data,
    "broad_tape": broad_tape,
    "bars": bars,
    "schedule": schedule,
    "head": head,
    "real_time_bars": real_time_bars,
    "scanner_parameters": without_id("scanner_parameters", lambda client, step: client.reqScannerParameters()),
    "scan": scan,
    "news_providers": without_id("news_providers", lambda client, step: client.reqNewsProviders()),
    "headlines": headlines,
    "article": with_id(lambda client, request, step: client.reqNewsArticle(request, step["provider"], step["article"], [])),
    "account_summary": with_id(lambda client, request, step: client.reqAccountSummary(request, "All", ",".join(step["tags"]))),
    "account_updates": without_id("account_updates", lambda client, step: client.reqAccountUpdates(True, step["account"])),
    "positions": without_id("positions", lambda client, step: client.reqPositions()),
    "open_orders": without_id("open_orders", lambda client, step: client.reqOpenOrders()),
    "all_open_orders": without_id("open_orders", lambda client, step: client.reqAllOpenOrders()),
    "auto_open_orders": without_id("open_orders", lambda client, step: client.reqAutoOpenOrders(step["bind"])),
    "completed_orders": without_id("completed_orders", lambda client, step: client.reqCompletedOrders(False)),
    "executions": executions,
    "place": place,
    "cancel": cancel,
    "cancel_all": lambda client, step: client.reqGlobalCancel(OrderCancel()),
    "tick_by_tick": with_id(lambda client, request, step: client.reqTickByTickData(request, of(step), step["tick"], 0, False)),
    "depth": with_id(lambda client, request, step: client.reqMktDepth(request, of(step), step["rows"], False, [])),
    "smart_depth": with_id(lambda client, request, step: client.reqMktDepth(request, of(step), step["rows"], True, [])),
    "depth_exchanges": without_id("depth_exchanges", lambda client, step: client.reqMktDepthExchanges()),
    "smart_components": with_id(lambda client, request, step: client.reqSmartComponents(request, step["code"])),
    "histogram": with_id(lambda client, request, step: client.reqHistogramData(request, of(step), True, step["period"])),
    "past_ticks": with_id(past_ticks),
    "user_info": with_id(lambda client, request, step: client.reqUserInfo(request)),
    "bulletins": without_id("bulletins", lambda client, step: client.reqNewsBulletins(True)),
    "families": without_id("family_codes", lambda client, step: client.reqFamilyCodes()),
    "tiers": with_id(lambda client, request, step: client.reqSoftDollarTiers(request)),
    "event_calendar": with_id(lambda client, request, step: client.reqWshMetaData(request)),
    "display_groups": with_id(lambda client, request, step: client.queryDisplayGroups(request)),
    "implied_volatility": with_id(lambda client, request, step: client.calculateImpliedVolatility(request, of(step), 10.0, 210.0, [])),
    "fundamentals": with_id(lambda client, request, step: client.reqFundamentalData(request, of(step), step["report"], [])),
    "pnl": with_id(lambda client, request, step: client.reqPnL(request, step["account"], "")),
    "pnl_single": with_id(lambda client, request, step: client.reqPnLSingle(request, step["account"], "", step["of"])),
    "account_multi": with_id(lambda client, request, step: client.reqAccountUpdatesMulti(request, step["account"], "", False)),
    "positions_multi": with_id(lambda client, request, step: client.reqPositionsMulti(request, step["account"], "")),
}
