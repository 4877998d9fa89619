"""Puts empty libraries where torch for Linux names NVIDIA's, which it never calls without a GPU: python scripts/python/empty_libraries.py

They save 3.5 GB. Only a function that is called must be there then, so torch has to be loaded lazily: a file beside it makes Python do so.
"""

import ctypes
import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

torch = Path(find_spec("torch").origin).parent
while True:
    try:
        ctypes.CDLL(torch / "lib" / "libtorch_python.so", mode=os.RTLD_LAZY)
        break
    except OSError as error:
        missing = re.match(r"(lib(?:cu|nv|nccl)[\w.]+): cannot open shared object file", str(error))
        if not missing:
            raise
        name = missing[1]
        subprocess.run(["cc", "-shared", f"-Wl,-soname,{name}", "-o", torch / "lib" / name, "-x", "c", "/dev/null"], check=True)
(torch.parent / "lazy_loading.pth").write_text("import os, sys; sys.setdlopenflags(os.RTLD_LAZY)\n")
