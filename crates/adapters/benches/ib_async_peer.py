"""The peer of `ticks.rs`: messages a second that ib_async takes from bytes to its tickers.

Prints one number for each of RUNS runs. Needs `pip install ib_async==2.1.0`.
The mix is that of the benchmark: half prices, 30 % sizes, 8 % generic, 6 % string, 6 % single bids and offers.
"""

import asyncio
import logging
import random
import struct
import sys
import time

from ib_async import IB, Stock

MESSAGES = 100_000
SYMBOLS = 100
BLOCK = 65_536


def frame(*fields):
    body = ("\0".join(fields) + "\0").encode()
    return struct.pack(">I", len(body)) + body


def stream(rng):
    prices = [rng.uniform(100, 150) for _ in range(SYMBOLS)]
    frames = []
    for count in range(MESSAGES):
        symbol = count % SYMBOLS
        request, draw = str(symbol + 1), rng.random()
        prices[symbol] = round(prices[symbol] + rng.choice((-0.01, 0.0, 0.01)), 2)
        price, size = f"{prices[symbol]:.2f}", str(100 + count % 900)
        if draw < 0.50:
            frames.append(frame("1", "6", request, rng.choice("124"), price, size, "1"))
        elif draw < 0.80:
            frames.append(frame("2", "6", request, rng.choice("0358"), size))
        elif draw < 0.88:
            frames.append(frame("45", "6", request, "49", "0.0"))
        elif draw < 0.94:
            frames.append(frame("46", "6", request, "45", str(1_700_000_000 + count)))
        else:
            offer = f"{prices[symbol] + 0.02:.2f}"
            frames.append(frame("99", str(1_000 + symbol + 1), "3", str(1_700_000_000 + count), price, offer, "300", "500", "0"))
    return b"".join(frames)


def client():
    ib = IB()
    for symbol in range(1, SYMBOLS + 1):
        contract = Stock(f"S{symbol}", "SMART", "USD", conId=symbol)
        ib.wrapper.startTicker(symbol, contract, "mktData")
        ib.wrapper.startTicker(1_000 + symbol, contract, "BidAsk")
    ib.client._serverVersion = ib.client.decoder.serverVersion = 176
    ib.client._apiReady = True
    ib.wrapper.tcpDataArrived()
    return ib.client


def main():
    logging.disable(logging.CRITICAL)
    asyncio.set_event_loop(asyncio.new_event_loop())
    data = stream(random.Random(7))
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 5):
        taker = client()
        began = time.perf_counter()
        for start in range(0, len(data), BLOCK):
            taker._onSocketHasData(data[start : start + BLOCK])
        print(round(MESSAGES / (time.perf_counter() - began)), flush=True)
        assert taker._numMsgRecv >= MESSAGES


main()
