"""The web page, as far as it runs here: sessions, the table of routes, the page's files, the server that uses them."""
