"""A picture of a copy as PNG. What draws is an extra: `pip install '.[chart]'`."""

from bot.workflows.observing.picture import Picture


class ChartMissingError(Exception):
    """The extra `chart` is not installed."""


def draw(picture: Picture) -> bytes:
    """The picture as PNG, about 900 × 500 pixels. It takes a moment: not for the event loop.

    Raises `ChartMissingError`.
    """
    try:
        from bot.slack.charts.plotting import plot  # noqa: PLC0415 - an extra, and slow to import
    except ModuleNotFoundError as error:
        raise ChartMissingError from error
    return plot(picture)
