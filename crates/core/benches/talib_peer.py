"""Seconds that TA-Lib's C library takes, through its Python wheel, for the two workloads of indicators.rs: one line each.

Median of three passes after one that is not counted; one thread; arrays in, results dropped.
"""

import statistics
import time

import numpy as np
import talib

SYMBOLS, BARS = 1_453, 500

random = np.random.default_rng(7)
shape = (SYMBOLS, BARS)
close = 50 * np.exp(random.normal(0, 0.015, shape).cumsum(axis=1))
open_ = close * np.exp(random.normal(0, 0.004, shape))
high = np.maximum(open_, close) * np.exp(np.abs(random.normal(0, 0.004, shape)))
low = np.minimum(open_, close) * np.exp(-np.abs(random.normal(0, 0.004, shape)))
volume = np.floor(1e4 + random.random(shape) * 1e6)

INDICATORS = [
    lambda o, h, l, c, v: talib.SMA(c, 20),
    lambda o, h, l, c, v: talib.EMA(c, 20),
    lambda o, h, l, c, v: talib.WMA(c, 10),
    lambda o, h, l, c, v: talib.DEMA(c, 20),
    lambda o, h, l, c, v: talib.TEMA(c, 20),
    lambda o, h, l, c, v: talib.KAMA(c, 10),
    lambda o, h, l, c, v: talib.RSI(c, 14),
    lambda o, h, l, c, v: talib.MACD(c, 12, 26, 9),
    lambda o, h, l, c, v: talib.STOCH(h, l, c, 14, 3, 0, 3, 0),
    lambda o, h, l, c, v: talib.STOCHRSI(c, 14, 5, 3, 0),
    lambda o, h, l, c, v: talib.BBANDS(c, 20, 2.0, 2.0, 0),
    lambda o, h, l, c, v: talib.ATR(h, l, c, 14),
    lambda o, h, l, c, v: talib.NATR(h, l, c, 14),
    lambda o, h, l, c, v: talib.ADX(h, l, c, 14),
    lambda o, h, l, c, v: talib.PLUS_DI(h, l, c, 14),
    lambda o, h, l, c, v: talib.MINUS_DI(h, l, c, 14),
    lambda o, h, l, c, v: talib.CCI(h, l, c, 20),
    lambda o, h, l, c, v: talib.ROC(c, 10),
    lambda o, h, l, c, v: talib.MOM(c, 10),
    lambda o, h, l, c, v: talib.WILLR(h, l, c, 14),
    lambda o, h, l, c, v: talib.MFI(h, l, c, v, 14),
    lambda o, h, l, c, v: talib.OBV(c, v),
    lambda o, h, l, c, v: talib.AD(h, l, c, v),
    lambda o, h, l, c, v: talib.ADOSC(h, l, c, v, 3, 10),
    lambda o, h, l, c, v: talib.ULTOSC(h, l, c, 7, 14, 28),
    lambda o, h, l, c, v: talib.AROON(h, l, 14),
    lambda o, h, l, c, v: talib.SAR(h, l, 0.02, 0.2),
    lambda o, h, l, c, v: talib.TRIX(c, 15),
    lambda o, h, l, c, v: talib.CMO(c, 14),
    lambda o, h, l, c, v: talib.PPO(c, 12, 26, 0),
    lambda o, h, l, c, v: talib.LINEARREG_SLOPE(c, 14),
    lambda o, h, l, c, v: talib.STDDEV(c, 20, 1.0),
    lambda o, h, l, c, v: talib.VAR(c, 20, 1.0),
    lambda o, h, l, c, v: talib.BETA(h, l, 5),
    lambda o, h, l, c, v: talib.CORREL(h, l, 30),
    lambda o, h, l, c, v: talib.T3(c, 5, 0.7),
    lambda o, h, l, c, v: talib.TRIMA(c, 20),
    lambda o, h, l, c, v: talib.AROONOSC(h, l, 14),
    lambda o, h, l, c, v: talib.MIDPRICE(h, l, 14),
    lambda o, h, l, c, v: talib.TRANGE(h, l, c),
]
PATTERNS = [getattr(talib, name) for name in talib.get_function_groups()["Pattern Recognition"]]
CANDLES = [lambda o, h, l, c, v, find=find: find(o, h, l, c) for find in PATTERNS]


def seconds(calls):
    taken = []
    for _ in range(4):
        began = time.perf_counter()
        for symbol in range(SYMBOLS):
            row = open_[symbol], high[symbol], low[symbol], close[symbol], volume[symbol]
            for call in calls:
                call(*row)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])


assert len(INDICATORS) == 40 and len(CANDLES) == 61
print(seconds(INDICATORS))
print(seconds(CANDLES))
