"""The report as one HTML page: a template filled by Jinja2, which escapes all that it is given.

https://jinja.palletsprojects.com/en/stable/api/#autoescaping
"""

from __future__ import annotations

from whimbrel.errors import WhimbrelError
from whimbrel.reporting.model import Report


class NoTemplates(WhimbrelError):
    """There is no Jinja2."""


def page(report: Report) -> str:
    """Return the page, which refers to nothing outside of it. Raises `NoTemplates` if Jinja2 is not installed."""
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError as error:
        raise NoTemplates(
            "a report takes Jinja2, which is not installed: apt install python3-jinja2, or pip install whimbrel[report]"
        ) from error
    environment = Environment(
        loader=PackageLoader("whimbrel.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("report.html").render(report=report)
