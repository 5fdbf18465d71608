import json
import os
import platform
import sys

print(json.dumps({
    "path": os.path.realpath(sys.executable or ""),
    "version": "%d.%d" % sys.version_info[:2],
    "libc": platform.libc_ver()[0],
    "libc_version": platform.libc_ver()[1],
}))
