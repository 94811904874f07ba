# What one of COUNT blocking round trips of 64 bytes takes through Python's socket, in microseconds.
import socket, sys, time

path, count = sys.argv[1], int(sys.argv[2])
message = bytes(64)
with socket.socket(socket.AF_UNIX) as peer:
    peer.settimeout(1)
    peer.connect(path)
    started = time.perf_counter()
    for _ in range(count):
        peer.sendall(message)
        peer.recv(65536)
    print((time.perf_counter() - started) * 1e6 / count)
