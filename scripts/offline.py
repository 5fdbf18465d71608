"""Runs a command in the present network namespace with nothing but loopback.

usage: unshare -n python3 offline.py COMMAND ARGUMENT...
A new network namespace has a loopback that is down, and a fresh machine may have
no `ip` to bring it up.
"""
import fcntl
import os
import socket
import struct
import sys

SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1  # linux/sockios.h, linux/if.h

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
os.execvp(sys.argv[1], sys.argv[1:])
