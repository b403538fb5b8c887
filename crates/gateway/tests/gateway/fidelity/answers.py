"""What the Python client decoded, in the words that both clients share.

Every callback becomes one or more events: {"is": kind, fields...}. A field that the client shows as unset, empty or
absent is left out. A callback that nothing here expects becomes an event too, so that nothing is lost in silence.
"""

from decimal import Decimal

from ibapi.common import UNSET_DECIMAL, UNSET_INTEGER
from ibapi.const import UNSET_DOUBLE, UNSET_LONG
from ibapi.wrapper import EWrapper


def plain(value):
    """A value as JSON has it; None for the client's ways to say `unset`."""
    if isinstance(value, bool):
        return value
    if value in ("", None, UNSET_DECIMAL, UNSET_INTEGER, UNSET_DOUBLE, UNSET_LONG):
        return None
    if isinstance(value, Decimal):
        return float(value)
    return value


def event(kind, **fields):
    fields = {name: plain(value) for name, value in fields.items()}
    return {"is": kind, **{name: value for name, value in fields.items() if value is not None}}


def contract_fields(it):
    return dict(
        con_id=it.conId or None,
        symbol=it.symbol,
        sec_type=it.secType,
        expiry=it.lastTradeDateOrContractMonth,
        strike=it.strike or None,
        right=it.right,
        multiplier=it.multiplier,
        exchange=it.exchange,
        primary_exchange=it.primaryExchange,
        currency=it.currency,
        local_symbol=it.localSymbol,
        trading_class=it.tradingClass,
        description=it.description,
        issuer=it.issuerId,
        legs=it.comboLegsDescrip,
    )


def details_fields(it):
    return dict(
        market_name=it.marketName,
        min_tick=it.minTick or None,
        order_types=it.orderTypes,
        valid_exchanges=it.validExchanges,
        price_magnifier=it.priceMagnifier or None,
        under_con_id=it.underConId or None,
        long_name=it.longName,
        contract_month=it.contractMonth,
        industry=it.industry,
        category=it.category,
        subcategory=it.subcategory,
        time_zone=it.timeZoneId,
        trading_hours=it.tradingHours,
        liquid_hours=it.liquidHours,
        aggregated_group=it.aggGroup or None,
        market_rule_ids=it.marketRuleIds,
        stock_type=it.stockType,
        min_size=it.minSize,
        size_increment=it.sizeIncrement,
        suggested_size_increment=it.suggestedSizeIncrement,
        securities=",".join(f"{pair.tag}={pair.value}" for pair in it.secIdList or []),
    )


def bar_time(text):
    """Seconds, or a date, or the text that formatDate 1 asks for."""
    return int(text) if text.isdigit() and len(text) != 8 else text


def bar_fields(bar):
    return dict(
        time=bar_time(bar.date),
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        volume=bar.volume,
        wap=bar.wap,
        count=bar.barCount,
    )


class Answers(EWrapper):
    """Collects events; `tell(event, request=None, family=None)` is what the owner does with them."""

    def __init__(self, tell):
        super().__init__()
        self.tell = tell

    def __getattribute__(self, name):
        # Callbacks that the class below does not define are told of as such.
        own = name in Answers.__dict__ or name not in EWrapper.__dict__
        if own or name.startswith("_") or name.endswith("ProtoBuf") or name == "logAnswer":
            return super().__getattribute__(name)
        tell = super().__getattribute__("tell")
        return lambda *args, **named: tell(event("unforeseen", callback=name, args=repr((args, named))))

    # Session

    def connectAck(self):
        pass

    def connectionClosed(self):
        self.tell(event("closed"))

    def nextValidId(self, orderId):
        self.tell(event("next_id", id=orderId), family="next_id")

    def managedAccounts(self, accountsList):
        self.tell(event("accounts", accounts=accountsList), family="accounts")

    def error(self, reqId, errorTime, errorCode, errorString, advancedOrderRejectJson=""):
        text = event("error", time_ms=errorTime, code=errorCode, text=errorString, reject=advancedOrderRejectJson)
        self.tell(text, request=reqId if reqId != -1 else None, family="notices")

    def currentTime(self, time):
        self.tell(event("time", seconds=time), family="time")

    def currentTimeInMillis(self, timeInMillis):
        self.tell(event("time_millis", millis=timeInMillis), family="time_millis")

    def userInfo(self, reqId, whiteBrandingId):
        # No branding is what most accounts have.
        self.tell(event("user_info", branding=whiteBrandingId), reqId)

    def familyCodes(self, familyCodes):
        for it in familyCodes:
            self.tell(event("family", account=it.accountID, code=it.familyCodeStr), family="family_codes")

    def softDollarTiers(self, reqId, tiers):
        for it in tiers:
            self.tell(event("tier", name=it.name, value=it.val, shown=it.displayName), reqId)
        self.tell(event("tiers_end"), reqId)

    # Instruments

    def contractDetails(self, reqId, contractDetails):
        fields = {**contract_fields(contractDetails.contract), **details_fields(contractDetails)}
        self.tell(event("contract", **fields), reqId)

    def contractDetailsEnd(self, reqId):
        self.tell(event("contracts_end"), reqId)

    def symbolSamples(self, reqId, contractDescriptions):
        for found in contractDescriptions:
            kinds = ",".join(found.derivativeSecTypes)
            self.tell(event("symbol", derivatives=kinds, **contract_fields(found.contract)), reqId)
        self.tell(event("symbols_end"), reqId)

    def marketRule(self, marketRuleId, priceIncrements):
        for step in priceIncrements:
            rule = event("increment", rule=marketRuleId, low_edge=step.lowEdge, increment=step.increment)
            self.tell(rule, family="market_rule")

    def smartComponents(self, reqId, smartComponentMap):
        for bit, (exchange, letter) in smartComponentMap.items():
            self.tell(event("component", bit=bit, exchange=exchange, letter=letter), reqId)
        self.tell(event("components_end"), reqId)

    def securityDefinitionOptionParameterEnd(self, reqId):
        self.tell(event("option_parameters_end"), reqId)

    def mktDepthExchanges(self, depthMktDataDescriptions):
        for it in depthMktDataDescriptions:
            group = it.aggGroup if plain(it.aggGroup) is None else str(it.aggGroup)
            fields = dict(sec_type=it.secType, listing=it.listingExch, service=it.serviceDataType, group=group)
            self.tell(event("depth_exchange", exchange=it.exchange, **fields), family="depth_exchanges")

    # Quotes

    def marketDataType(self, reqId, marketDataType):
        self.tell(event("data_type", type=marketDataType), reqId)

    def tickReqParams(self, tickerId, minTick, bboExchange, snapshotPermissions):
        fields = dict(min_tick=minTick, bbo_exchange=bboExchange, snapshot_permissions=snapshotPermissions)
        self.tell(event("tick_parameters", **fields), tickerId)

    def tickPrice(self, reqId, tickType, price, attrib):
        fields = dict(auto=attrib.canAutoExecute, past_limit=attrib.pastLimit, pre_open=attrib.preOpen)
        self.tell(event("price", tick=tickType, price=price, **fields), reqId)

    def tickSize(self, reqId, tickType, size):
        self.tell(event("size", tick=tickType, size=size), reqId)

    def tickGeneric(self, reqId, tickType, value):
        self.tell(event("generic", tick=tickType, value=value), reqId)

    def tickString(self, reqId, tickType, value):
        self.tell(event("text", tick=tickType, value=value), reqId)

    def tickSnapshotEnd(self, reqId):
        self.tell(event("snapshot_end"), reqId)

    def tickNews(self, tickerId, timeStamp, providerCode, articleId, headline, extraData):
        fields = dict(time_ms=timeStamp, provider=providerCode, article=articleId, title=headline, extra=extraData)
        self.tell(event("news", **fields), tickerId)

    def realtimeBar(self, reqId, time, open_, high, low, close, volume, wap, count):
        prices = dict(open=open_, high=high, low=low, close=close)
        self.tell(event("real_time_bar", time=time, volume=volume, wap=wap, count=count, **prices), reqId)

    def tickByTickAllLast(self, reqId, tickType, time, price, size, attrib, exchange, specialConditions):
        flags = dict(past_limit=attrib.pastLimit, unreported=attrib.unreported)
        fields = dict(time=time, price=price, size=size, exchange=exchange, conditions=specialConditions)
        self.tell(event("trade", **fields, **flags), reqId)

    def tickByTickBidAsk(self, reqId, time, bidPrice, askPrice, bidSize, askSize, attrib):
        flags = dict(bid_past_low=attrib.bidPastLow, ask_past_high=attrib.askPastHigh)
        fields = dict(time=time, bid=bidPrice, ask=askPrice, bid_size=bidSize, ask_size=askSize)
        self.tell(event("bid_ask", **fields, **flags), reqId)

    def tickByTickMidPoint(self, reqId, time, midPoint):
        self.tell(event("mid_point", time=time, price=midPoint), reqId)

    def updateMktDepth(self, reqId, position, operation, side, price, size):
        fields = dict(position=position, operation=operation, side=side, price=price, size=size)
        self.tell(event("depth", **fields), reqId)

    def updateMktDepthL2(self, reqId, position, marketMaker, operation, side, price, size, isSmartDepth):
        fields = dict(position=position, operation=operation, side=side, price=price, size=size)
        self.tell(event("depth", maker=marketMaker, smart=isSmartDepth, **fields), reqId)

    # History

    def historicalData(self, reqId, bar):
        self.tell(event("bar", **bar_fields(bar)), reqId)

    def historicalDataUpdate(self, reqId, bar):
        self.tell(event("bar_update", **bar_fields(bar)), reqId)

    def historicalDataEnd(self, reqId, start, end):
        self.tell(event("bars_end", start=start, end=end), reqId)

    def historicalSchedule(self, reqId, startDateTime, endDateTime, timeZone, sessions):
        self.tell(event("schedule", start=startDateTime, end=endDateTime, zone=timeZone), reqId)
        for it in sessions:
            fields = dict(date=it.refDate, start=it.startDateTime, end=it.endDateTime, zone=timeZone)
            self.tell(event("session", **fields), reqId)

    def headTimestamp(self, reqId, headTimestamp):
        self.tell(event("head", time=bar_time(headTimestamp)), reqId)

    def histogramData(self, reqId, items):
        for it in items:
            self.tell(event("histogram", price=it.price, size=it.size), reqId)
        self.tell(event("histogram_end"), reqId)

    def historicalTicks(self, reqId, ticks, done):
        for it in ticks:
            self.tell(event("past_mid_point", time=it.time, price=it.price), reqId)
        self.past_ticks_end(reqId, done)

    def historicalTicksBidAsk(self, reqId, ticks, done):
        for it in ticks:
            flags = dict(bid_past_low=it.tickAttribBidAsk.bidPastLow, ask_past_high=it.tickAttribBidAsk.askPastHigh)
            fields = dict(time=it.time, bid=it.priceBid, ask=it.priceAsk, bid_size=it.sizeBid, ask_size=it.sizeAsk)
            self.tell(event("past_bid_ask", **fields, **flags), reqId)
        self.past_ticks_end(reqId, done)

    def historicalTicksLast(self, reqId, ticks, done):
        for it in ticks:
            flags = dict(past_limit=it.tickAttribLast.pastLimit, unreported=it.tickAttribLast.unreported)
            fields = dict(time=it.time, price=it.price, size=it.size)
            fields |= dict(exchange=it.exchange, conditions=it.specialConditions)
            self.tell(event("past_trade", **fields, **flags), reqId)
        self.past_ticks_end(reqId, done)

    def past_ticks_end(self, reqId, done):
        if done:
            self.tell(event("past_ticks_end"), reqId)

    # Scanner and news

    def scannerParameters(self, xml):
        self.tell(event("scanner_parameters", xml=xml), family="scanner_parameters")

    def scannerData(self, reqId, rank, contractDetails, distance, benchmark, projection, legsStr):
        fields = {**contract_fields(contractDetails.contract), "market_name": contractDetails.marketName}
        fields |= dict(distance=distance, benchmark=benchmark, projection=projection, combo=legsStr)
        self.tell(event("row", rank=rank, **fields), reqId)

    def scannerDataEnd(self, reqId):
        self.tell(event("rows_end"), reqId)

    def newsProviders(self, newsProviders):
        for it in newsProviders:
            self.tell(event("provider", code=it.code, name=it.name), family="news_providers")

    def newsArticle(self, requestId, articleType, articleText):
        self.tell(event("article", type=articleType, text=articleText), requestId)

    def historicalNews(self, requestId, time, providerCode, articleId, headline):
        fields = dict(time=time, provider=providerCode, article=articleId, title=headline)
        self.tell(event("headline", **fields), requestId)

    def historicalNewsEnd(self, requestId, hasMore):
        self.tell(event("headlines_end"), requestId)

    def updateNewsBulletin(self, msgId, msgType, newsMessage, originExch):
        fields = dict(id=msgId, type=msgType, text=newsMessage, exchange=originExch)
        self.tell(event("bulletin", **fields), family="bulletins")
