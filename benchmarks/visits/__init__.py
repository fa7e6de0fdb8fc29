"""Visitors that speak a page's HTTP and sockets without a browser, for the load test."""
