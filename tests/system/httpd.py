#!/usr/bin/python3
"""A web server with bad manners, for tests: httpd.py FOLDER [CERTIFICATE]

Serves the files of FOLDER at /MANNER/NAME, where MANNER says how. Writes its port to FOLDER/.port and a line
"PATH RANGE" for each request to FOLDER/.log. With a CERTIFICATE (PEM, with its key) it speaks https.
"""
import http.server
import os
import ssl
import sys
import threading
import time
import urllib.parse

folder = sys.argv[1]
seen = {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        parts = self.path.split("?")[0].strip("/").split("/")
        self.manner = parts[0]
        self.count = seen[self.path] = seen.get(self.path, 0) + 1
        with open(os.path.join(folder, ".log"), "a") as log:
            log.write("%s %s\n" % (self.path, self.headers.get("Range", "-")))
        try:
            getattr(self, "do_" + self.manner.replace("-", "_"), self.do_ok)(*parts[1:])
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *args):
        pass

    # ---- decent ----

    def data(self, name):
        with open(os.path.join(folder, os.path.basename(urllib.parse.unquote(name))), "rb") as file:
            return file.read()

    def head(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def wanted(self, etag):
        """Where to begin: what Range asks for, if If-Range names what there is."""
        if "Range" in self.headers and self.headers.get("If-Range", etag) == etag:
            return int(self.headers["Range"][len("bytes="):].split("-")[0])
        return 0

    def send(self, data, etag='"1"', most=None, more=b"", length=None, **headers):
        first = self.wanted(etag)
        length = len(data) if length is None else length
        if etag:
            headers["ETag"] = etag
        if first > 0:
            self.head(206, Content_Length=length - first,
                      Content_Range="bytes %d-%d/%d" % (first, length - 1, length), **headers)
        else:
            self.head(200, Content_Length=length, **headers)
        rest = data[first:] if most is None else data[first:first + most]
        self.wfile.write(rest + more)
        if most is not None or more or length != len(data):
            self.close_connection = True

    def do_ok(self, name):
        self.send(self.data(name))

    # ---- less so ----

    def do_stop(self, name):  # once in the middle
        data = self.data(name)
        self.send(data, most=len(data) // 2 if self.count == 1 else None)

    def do_stutter(self, name):  # again and again, but it gets on
        self.send(self.data(name), most=(1 << 20) + 1)

    def do_give_up(self, name):  # in the middle, and nothing more
        data = self.data(name)
        self.send(data, most=0 if "Range" in self.headers else len(data) // 2)

    def do_give_up_nameless(self, name):  # the same without saying which file it is
        data = self.data(name)
        self.send(data, etag=None, most=len(data) // 2)

    def do_whole(self, name):  # stops once and knows no ranges
        data = self.data(name)
        if self.count > 1:
            del self.headers["Range"]
        self.send(data, most=len(data) // 2 if self.count == 1 else None)

    def do_change(self, name):  # another file after it stopped
        data = self.data(name)
        if self.count == 1:
            self.send(bytes(len(data)), etag='"0"', most=len(data) // 2)
        else:
            self.send(data)

    def do_odd_range(self, name):  # another part than was asked for
        data = self.data(name)
        if "Range" not in self.headers:
            return self.send(data, most=len(data) // 2 if self.count == 1 else None)
        self.head(206, ETag='"1"', Content_Length=10, Content_Range="bytes 5-14/%d" % len(data))
        self.wfile.write(data[5:15])

    def do_short_range(self, name):  # stops, and sends a MiB of what is asked for then
        data = self.data(name)
        if "Range" not in self.headers:
            return self.send(data, most=len(data) // 2)
        first = self.wanted('"1"')
        last = min(len(data) - 1, first + (1 << 20))
        self.head(206, ETag='"1"', Content_Length=last + 1 - first,
                  Content_Range="bytes %d-%d/%d" % (first, last, len(data)))
        self.wfile.write(data[first:last + 1])

    def do_pause(self, name):  # half of it, and silence
        data = self.data(name)
        self.send(data, most=len(data) // 2 if self.count == 1 else None)
        self.wfile.flush()
        if self.count == 1:
            time.sleep(20)

    def do_less(self, name):  # says more than it has
        data = self.data(name)
        self.send(data, length=len(data) + 1000)

    def do_more(self, name):  # says less than it has
        data = self.data(name)
        self.send(data[:len(data) - 1000], more=data[-1000:])

    def do_more_in_range(self, name):
        data = self.data(name)
        if "Range" not in self.headers:
            return self.send(data, most=len(data) // 2)
        first = self.wanted('"1"')
        self.head(206, ETag='"1"', Content_Length=2 * len(data),
                  Content_Range="bytes %d-%d/%d" % (first, len(data) - 1, len(data)))
        self.wfile.write(data[first:] + data)

    def do_huge(self, name):
        self.send(self.data(name), length=10 ** 13)

    def do_endless(self, name):
        self.head(200, Transfer_Encoding="chunked", ETag='"1"')
        chunk = self.data(name)[:1 << 20]
        while True:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))

    def do_chunked(self, name):  # a length that isn't said
        self.head(200, Transfer_Encoding="chunked")
        data = self.data(name)
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data))

    def do_slow(self, name):
        self.head(200, Content_Length=len(self.data(name)))
        for byte in self.data(name)[:100]:
            self.wfile.write(bytes([byte]))
            time.sleep(0.2)

    def do_headers(self, name):
        self.send_response(200)
        while True:
            self.wfile.write(b"X-More: " + b"x" * 1000 + b"\r\n")

    def do_busy(self, name):  # in trouble the first time
        if self.count > 1:
            return self.do_ok(name)
        self.head(503, Content_Length=0)

    def do_status(self, status, name):
        self.head(int(status), Content_Length=2)
        self.wfile.write(b"no")

    def do_html(self, name):
        self.send(b"<!DOCTYPE html>\n<html><body>Click here</body></html>\n", Content_Type="text/html")

    def do_encoded(self, name):
        self.send(self.data(name), Content_Encoding="gzip")

    def do_loop(self, name):
        self.head(302, Location=self.path, Content_Length=0)

    def do_hop(self, times, name):
        to = "/ok/" + name if times == "1" else "/hop/%d/%s" % (int(times) - 1, name)
        self.head(302, Location=to, Content_Length=4)
        self.wfile.write(b"gone")

    def do_to_file(self, name):
        self.head(301, Location="file:///etc/passwd", Content_Length=0)

    def do_to(self, port, name):  # the server on another port, by http
        self.head(307, Location="http://127.0.0.1:%s/ok/%s" % (port, name), Content_Length=0)


def leave_with(parent):
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(0)


threading.Thread(target=leave_with, args=(os.getppid(),), daemon=True).start()
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(os.path.join(folder, ".port.new"), "w") as port:
    port.write(str(server.server_port))
os.rename(os.path.join(folder, ".port.new"), os.path.join(folder, ".port"))
server.serve_forever()
