"""The life of an import, which nobody started here: found, told as what it is, and brought to its end."""

from collections.abc import AsyncIterator

import pytest

from bot.demo.slack.people import ANA, BEN
from tests.scenarios.conftest import A_DAY, MOVES, Stage, open_stage, text
from tests.scenarios.watched import first_lines, live, reads, watching


@pytest.fixture
async def found() -> AsyncIterator[Stage]:
    """An import that the bot has found by itself, on its last rows."""
    async with open_stage(watches=True, WORKFLOW_BOT_DATABASES="shop", WORKFLOW_BOT_CHANNEL=MOVES) as stage:
        stage.planetscale.add_workflow(
            "shop",
            5,
            "copying",
            percent=98,
            name="rds-import",
            imported=True,
            workflow_subtype="import",
            source="external",
            target="app",
            tables={"users": 20_000_000},
        )
        await stage.pass_time(15, 1)
        yield stage


async def test_an_import_is_found_and_named(found: Stage) -> None:
    """It is shown in the bot's channel as an import, and as started by whoever started it; nobody is
    mentioned."""
    assert reads(found) == text(
        """
        Copying · about 98 % · shop #5 rds-import
        Writes: external · Replica reads: external · as of today 02:14
        ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░ about 19.6 M of 20 M rows
        No estimate yet
        users ▓▓▓▓▓▓▓▓▓░ 98 % about 19.6 M of 20 M
        external → app (2 shards) · import from an external database · main · started outside \
            this bot by ana@acme.example, today 02:06
        [Open in PlanetScale] [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    assert found.first.text == "shop #5 rds-import: copying, about 98 %. Writes: external."
    assert len(found.slack.messages(MOVES)) == 1
    assert found.slack.live_markup(found.first) == []


async def test_an_import_from_found_to_completed(found: Stage) -> None:
    """Its own words at each stage: where the application must be connected before a switch, and that its end
    is `complete`, which closes the connection."""
    await found.pass_time(480, 60)
    assert reads(found) == text(
        """
        Copied, not verified · shop #5 rds-import
        Writes: external · Replica reads: external · copied in 14 min
        app follows external by replication. Nothing compares the data until you verify it.
        [Verify data] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream messages]
        """
    )
    await found.press(ANA, "op_next.verify-data", live(found))
    await found.pass_time(120, 15)
    assert reads(found) == text(
        """
        Verified clean today 02:23 · shop #5 rds-import
        Writes: external · Replica reads: external
        1 table, all shards: no row differs, none missing, none extra. Counts as fresh until tomorrow \
            02:23.
        ⚠️ The application must be connected to PlanetScale already. If it still writes to the \
            external database, the two diverge and data is lost.
        [Switch replica reads] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching | Stream \
            messages]
        """
    )
    assert found.read(found.card()) == text(
        """
        Clean: import shop #5, 1 table, no row differs. Next: switch replica reads. @Ana
        Writes: external · Replica reads: external
        ⚠️ Connect the application to PlanetScale before anything is switched.
        [Switch replica reads]
        """
    )
    await approved(found, "op_next.switch-traffic")
    assert reads(found) == text(
        """
        Replica reads on app since today 02:24 · shop #5 rds-import
        Writes: external · Replica reads: app
        By Ana, approved by Ben · verified clean, fresh until tomorrow 02:23
        ⚠️ The application must be connected to PlanetScale already. If it still writes to the \
            external database, the two diverge and data is lost.
        ↩️ /workflow reverse-traffic shop 5
        [Reverse traffic] [Switch primaries] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop \
            watching | Stream messages]
        """
    )
    await approved(found, "op_next.switch-traffic")
    assert reads(found) == text(
        """
        Writes on app since today 02:25 · shop #5 rds-import
        Writes: app · Replica reads: app · the external database is kept up to date by replication back
        ⛔ complete stops replication back to the external database, closes the connection and removes \
            its credentials. It cannot be opened again.
        ↩️ /workflow reverse-traffic shop 5
        [Reverse traffic] [Complete] [Open in PlanetScale] \
            [⋯: Mention me instead | Bring to the bottom | Stop watching | \
            Stream messages]
        """
    )
    await found.pass_time(A_DAY, 7200)
    await approved(found, "op_next.complete")
    assert reads(found) == text(
        """
        Import completed today 04:26 · shop #5 rds-import · took 1 d 2 h
        users lives in app. The connection to the external database is closed. Writes: app.
        """
    )
    assert first_lines(found.cards()) == [
        "Import completed today 04:26 · shop #5 rds-import · took 1 d 2 h",
        "Copied in 14 min: import shop #5.",
        "⚪ Past · Verify data · shop #5 rds-import",
        "Clean: import shop #5, 1 table, no row differs. @Ana",
        "⚪ Past · Switch replica reads · shop #5 rds-import",
        "⚪ Past · Switch primaries · shop #5 rds-import",
        "shop #5: Done in 10 s · app served writes from 02:25.",
        "✅ Done · Complete import · shop #5 rds-import",
    ]
    assert found.replies() == [
        "Verify data: verification started at 02:22:25. · open",
        text(
            """
            shop #5: Done in 15 s · app served replica reads from 02:24.
            Since then: complete import. · open
            """
        ),
        "Import shop #5 is completed. Writes: app. main is free again. · open",
    ]


DOUBT = "Whether this is an import is not known."


async def test_a_move_that_is_watched_again_is_known_as_one() -> None:
    """Unwatched and watched again, a plain move is not called what may be an import."""
    async with watching("verified_data") as stage:
        await stage.type("unwatch shop 3")
        await stage.type("watch shop 3")
        assert reads(stage, live(stage)).startswith("Verified clean today 00:14 · shop #3")
        assert DOUBT not in reads(stage, live(stage))


async def test_the_doubt_ends_when_the_source_can_be_read() -> None:
    """Where the source keyspace could not be read, the doubt is said, and gone once it was read."""
    async with open_stage(watches=True) as stage:
        stage.planetscale.add_workflow("shop", 3, "verified_data")
        trouble = stage.planetscale.trouble("server-error", on="keyspaces", times=None)
        await stage.type("watch shop 3")
        assert DOUBT in reads(stage)
        stage.planetscale.lift(trouble)
        await stage.pass_time(330, 30)
        assert DOUBT not in reads(stage)


async def approved(stage: Stage, button: str) -> None:
    """Ana presses a button of the live message, and Ben approves what it asks for."""
    await stage.press(ANA, button, live(stage))
    await stage.press(BEN, "op_approve", stage.card())
    await stage.pass_time(60, 5)
