import json
import os
import platform
import sys

print(json.dumps({
    # Links stay: a virtual environment's Python is one, and has its own pip.
    "path": os.path.abspath(sys.executable) if sys.executable else "",
    "version": "%d.%d" % sys.version_info[:2],
    "libc": platform.libc_ver()[0],
    "libc_version": platform.libc_ver()[1],
}))
