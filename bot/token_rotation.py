"""PlanetScale's tokens are read again at SIGHUP, so that a token can be replaced without a restart."""

from collections.abc import Callable, Sequence

import structlog

from bot.planetscale.organizations import Organizations
from bot.settings import Settings, SettingsError

log = structlog.stdlib.get_logger(__name__)


class TokenRotation:
    """Call it to have the tokens read again. All else that the settings say is read at the start alone."""

    def __init__(
        self,
        began: Settings,
        planetscale: Organizations,
        read: Callable[[], Settings],
        hide: Callable[[Sequence[str]], None],
    ) -> None:
        """`read`: the settings as they are now. `hide`: what is to be in no line of the log from then on."""
        self._secrets = began.secrets
        self._planetscale = planetscale
        self._read = read
        self._hide = hide

    def __call__(self) -> None:
        """Take over what changed, and log for which organizations. Bad settings change nothing."""
        try:
            fresh = self._read()
        except SettingsError as error:
            log.error("tokens_not_read", reason=" ".join(error.lines))
            return
        self._secrets = tuple(dict.fromkeys((*self._secrets, *fresh.secrets)))  # an old one may still come up
        self._hide(self._secrets)
        changed = [
            one.name
            for one in fresh.organizations
            if one.name in self._planetscale.names
            and self._planetscale.of(one.name).use_token(
                one.token_id.get_secret_value(), one.token.get_secret_value()
            )
        ]
        log.info("tokens_read", changed=changed)
