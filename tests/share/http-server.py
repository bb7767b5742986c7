#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes one chunked POST on loopback, prints "ready PORT", then
"METHOD PATH BYTES TYPE", and ends."""
import http.server


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        n_bytes = 0
        while True:
            length = int(self.rfile.readline(20), 16)
            n_bytes += len(self.rfile.read(length))
            self.rfile.readline(3)
            if length == 0:
                break
        print(self.command, self.path, n_bytes,
              self.headers.get("Content-Type"), flush=True)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format, *arguments):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print("ready", server.server_address[1], flush=True)
server.handle_request()
