"""The app's message shortcuts, as its manifest lists them."""

import re

from bot.slack.manifest import manifest

_LISTED = re.compile(
    r"- name: (?P<text>.+)\n"
    r" +type: message\n"
    r" +callback_id: (?P<value>.+)\n"
    r" +description: (?P<description>.+)\n"
)


def message_shortcuts() -> list[dict[str, str]]:
    """The options of a message's menu: what each is called, its callback id, and what it does."""
    return [found.groupdict() for found in _LISTED.finditer(manifest(None))]
