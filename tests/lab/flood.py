"""Many connections that are refused, a few at a time, and how long their greetings took."""

import threading
import time

import wire


class Share(threading.Thread):
    """One after another: greeting, QUIT, the end."""

    def __init__(self, arguments, count):
        super().__init__(daemon=True)
        self.arguments = arguments
        self.count = count
        self.latencies_ms = []
        self.failures = []

    def one(self):
        began = time.monotonic()
        with wire.connect(self.arguments) as client:
            greeting = client.recv(wire.CHUNK)
            self.latencies_ms.append((time.monotonic() - began) * 1000)
            if not greeting.startswith(b"554"):
                raise OSError(f"greeted with {wire.printable(greeting)}")
            client.sendall(b"QUIT\r\n")
            while client.recv(wire.CHUNK):
                pass

    def run(self):
        for _ in range(self.count):
            try:
                self.one()
            except OSError as error:
                self.failures.append(wire.why(error))


def run(arguments):
    each = arguments.count // arguments.at_once
    shares = [Share(arguments, each) for _ in range(arguments.at_once)]
    for share in shares:
        share.start()
    for share in shares:
        share.join()
    latencies = sorted(ms for share in shares for ms in share.latencies_ms)
    failures = [why for share in shares for why in share.failures]
    p99 = latencies[len(latencies) * 99 // 100]
    print(
        f"connections={each * arguments.at_once} failures={len(failures)} "
        f"p99_ms={p99:.1f} max_ms={latencies[-1]:.1f} {' '.join(sorted(set(failures)))}"
    )
    return 1 if failures else 0
