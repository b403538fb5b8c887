"""Account, positions and orders as the Python client decodes them; see answers.py."""

from answers import Answers, contract_fields, event

ORDER_FIELDS = {
    "action": "action",
    "quantity": "totalQuantity",
    "type": "orderType",
    "limit": "lmtPrice",
    "aux": "auxPrice",
    "tif": "tif",
    "oca_group": "ocaGroup",
    "account": "account",
    "reference": "orderRef",
}


def order_fields(order, state):
    fields = {name: getattr(order, attribute) for name, attribute in ORDER_FIELDS.items()}
    ids = dict(perm_id=order.permId or None, client=order.clientId, parent=order.parentId or None)
    flags = dict(outside_rth=order.outsideRth, status=state.status)
    return {**fields, **ids, **flags}


class AccountAnswers(Answers):
    """All answers."""

    def __getattribute__(self, name):
        if name in AccountAnswers.__dict__:
            return object.__getattribute__(self, name)
        return super().__getattribute__(name)

    def accountSummary(self, reqId, account, tag, value, currency):
        self.tell(event("summary", account=account, tag=tag, value=value, currency=currency), reqId)

    def accountSummaryEnd(self, reqId):
        self.tell(event("summary_end"), reqId)

    def updateAccountValue(self, key, val, currency, accountName):
        fields = dict(tag=key, value=val, currency=currency, account=accountName)
        self.tell(event("account_value", **fields), family="account_updates")

    def updatePortfolio(self, contract, position, marketPrice, marketValue, averageCost, unrealizedPNL, realizedPNL, accountName):
        fields = dict(position=position, price=marketPrice, value=marketValue, cost=averageCost, account=accountName)
        fields |= dict(unrealized=unrealizedPNL, realized=realizedPNL)
        self.tell(event("portfolio", **contract_fields(contract), **fields), family="account_updates")

    def updateAccountTime(self, timeStamp):
        self.tell(event("account_time", time=timeStamp), family="account_updates")

    def accountDownloadEnd(self, accountName):
        self.tell(event("account_end"), family="account_updates")

    def accountUpdateMulti(self, reqId, account, modelCode, key, value, currency):
        fields = dict(account=account, model=modelCode, tag=key, value=value, currency=currency)
        self.tell(event("account_multi", **fields), reqId)

    def accountUpdateMultiEnd(self, reqId):
        self.tell(event("account_multi_end"), reqId)

    def position(self, account, contract, position, avgCost):
        fields = dict(account=account, position=position, cost=avgCost)
        self.tell(event("position", **contract_fields(contract), **fields), family="positions")

    def positionEnd(self):
        self.tell(event("positions_end"), family="positions")

    def positionMulti(self, reqId, account, modelCode, contract, pos, avgCost):
        fields = dict(account=account, model=modelCode, position=pos, cost=avgCost)
        self.tell(event("position_multi", **contract_fields(contract), **fields), reqId)

    def positionMultiEnd(self, reqId):
        self.tell(event("positions_multi_end"), reqId)

    def pnl(self, reqId, dailyPnL, unrealizedPnL, realizedPnL):
        self.tell(event("pnl", daily=dailyPnL, unrealized=unrealizedPnL, realized=realizedPnL), reqId)

    def pnlSingle(self, reqId, pos, dailyPnL, unrealizedPnL, realizedPnL, value):
        fields = dict(daily=dailyPnL, unrealized=unrealizedPnL, realized=realizedPnL)
        self.tell(event("pnl_single", position=pos, value=value, **fields), reqId)

    def openOrder(self, orderId, contract, order, orderState):
        fields = {**contract_fields(contract), **order_fields(order, orderState)}
        self.tell(event("order", order=orderId, **fields), order=orderId, family="open_orders")

    def orderStatus(self, orderId, status, filled, remaining, avgFillPrice, permId, parentId, lastFillPrice, clientId, whyHeld, mktCapPrice):
        fields = dict(status=status, filled=filled, remaining=remaining, average=avgFillPrice, last=lastFillPrice)
        fields |= dict(perm_id=permId or None, parent=parentId or None, client=clientId, held=whyHeld, cap=mktCapPrice)
        self.tell(event("status", order=orderId, **fields), order=orderId, family="open_orders")

    def openOrderEnd(self):
        self.tell(event("orders_end"), family="open_orders")

    def completedOrder(self, contract, order, orderState):
        fields = {**contract_fields(contract), **order_fields(order, orderState)}
        self.tell(event("completed", **fields), family="completed_orders")

    def completedOrdersEnd(self):
        self.tell(event("completed_end"), family="completed_orders")

    def execDetails(self, reqId, contract, execution):
        it = execution
        fields = dict(order=it.orderId, client=it.clientId, id=it.execId, time=it.time, account=it.acctNumber)
        fields |= dict(venue=it.exchange, side=it.side, shares=it.shares, price=it.price, perm_id=it.permId or None)
        fields |= dict(cumulative=it.cumQty, average=it.avgPrice, reference=it.orderRef, liquidity=it.lastLiquidity)
        told = event("execution", **contract_fields(contract), **fields)
        self.tell(told, request=reqId if reqId != -1 else None, order=it.orderId, execution=it.execId)

    def execDetailsEnd(self, reqId):
        self.tell(event("executions_end"), reqId)

    def commissionAndFeesReport(self, commissionAndFeesReport):
        it = commissionAndFeesReport
        fields = dict(id=it.execId, commission=it.commissionAndFees, currency=it.currency, realized=it.realizedPNL)
        self.tell(event("commission", **fields), execution=it.execId)
