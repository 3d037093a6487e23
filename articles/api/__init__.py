"""REST endpoints about mentions, links and what waits for people. Articles themselves: ``articles.views``."""
