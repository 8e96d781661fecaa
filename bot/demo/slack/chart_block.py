"""What Slack's `data_visualization` block may look like. Source: its reference on docs.slack.dev."""

from bot.demo.slack.schema import Check, Problems, Shape, many, number, string, typed, wrong

CHARTS = 2
"""So many in a message."""
SERIES, POINTS, NAME, TITLE = 6, 20, 20, 50

SEGMENT = Shape({"label": string(NAME), "value": number}, ("label", "value"))
POINT = Shape({"label": string(NAME), "value": number}, ("label", "value"))
ONE_SERIES = Shape({"name": string(NAME), "data": many(POINT, POINTS, unique="label")}, ("name", "data"))
AXES = Shape(
    {"categories": many(string(NAME), POINTS), "x_label": string(TITLE), "y_label": string(TITLE)},
    ("categories",),
)


def _same_labels(value: object, path: str, problems: Problems) -> None:
    """Every series has one point for each category, in their order."""
    if problems or not isinstance(value, dict):
        return
    categories = value["axis_config"]["categories"]
    for place, series in enumerate(value["series"]):
        if [point["label"] for point in series["data"]] != categories:
            wrong(problems, f"{path}/series/{place}/data", "labels must match the categories")


_ALONG = Shape(
    {"series": many(ONE_SERIES, SERIES, unique="name"), "axis_config": AXES},
    ("series", "axis_config"),
    beyond=_same_labels,
)
_PIE = Shape({"segments": many(SEGMENT, SERIES)}, ("segments",))
FIELDS: dict[str, Check] = {
    "title": string(TITLE),
    "chart": typed({"line": _ALONG, "bar": _ALONG, "area": _ALONG, "pie": _PIE}),
}
