"""Fits with arch what garch.rs sends, a JSON object a line, and answers with the seconds of one fit after one that is not counted."""

import json
import os
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402
from arch import arch_model  # noqa: E402

warnings.filterwarnings("ignore")
MODELS = {"garch": dict(vol="GARCH", p=1, q=1), "gjr": dict(vol="GARCH", p=1, o=1, q=1), "egarch": dict(vol="EGARCH", p=1, o=1, q=1)}

for line in sys.stdin:
    case = json.loads(line)
    returns = np.array(case["returns"])

    def fit():
        result = arch_model(returns, mean=case["mean"].capitalize(), dist=case["dist"], **MODELS[case["vol"]]).fit(disp="off")
        return result.std_err

    fit()
    began = time.perf_counter()
    fit()
    print(time.perf_counter() - began, flush=True)
