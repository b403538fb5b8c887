"""Seconds that pyvinecopulib takes for the workloads of copula.rs on the data it is given: one line each, one thread.

    python copula_peer.py DATA.json

Median of several passes after one that is not counted.
"""

import json
import statistics
import sys
import time

import numpy as np
import pyvinecopulib as pv

data = json.load(open(sys.argv[1]))
pair, five = (np.asfortranarray(np.array(data[name]).T) for name in ("pair", "five"))
families = pv.families


def seconds(work, passes):
    work()
    taken = []
    for _ in range(passes):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def fit(family):
    controls = pv.FitControlsBicop(family_set=[family])

    def work():
        pv.Bicop(family=family).fit(pair, controls)

    return work


for family, passes in (("student", 9), ("gaussian", 31), ("clayton", 31), ("gumbel", 31), ("frank", 31), ("joe", 31), ("bb1", 9), ("bb7", 9)):
    print(seconds(fit(getattr(families, family)), passes))
compared = [getattr(families, name) for name in ("indep", "gaussian", "student", "clayton", "gumbel", "frank")]
controls = pv.FitControlsBicop(family_set=compared)
print(seconds(lambda: pv.Bicop.from_data(pair, controls=controls), 7))
controls = pv.FitControlsVinecop(family_set=compared)
print(seconds(lambda: pv.Vinecop.from_data(five, controls=controls), 3))
student = pv.Bicop(family=families.student, parameters=np.array([[0.6], [5.0]]))
print(seconds(lambda: student.pdf(pair), 21))
