import string

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.planetscale.discretion import LONGEST, without_row_values
from bot.planetscale.models import Workflow
from tests.rows import each_row


@each_row(
    ("text", "kept"),
    [
        (
            "Duplicate entry 'ana@example.com' for key 'users.email'",
            "Duplicate entry … for key 'users.email'",
        ),
        ("Duplicate entry 'it''s' for key 'k'", "Duplicate entry … for key 'k'"),
        ("Duplicate entry 'two\nlines' for key 'k'", "Duplicate entry … for key 'k'"),
        (
            "Incorrect datetime value: '2026-13-99' for column 'born' at row 1",
            "Incorrect datetime value: … for column 'born' at row 1",
        ),
        (
            "Truncated incorrect DOUBLE value: 'x' for column 'y'",
            "Truncated incorrect DOUBLE value: … for column 'y'",
        ),
        ("insert into t(id, name) values (7, 'Ana')", "insert into t(id, name) values (…)"),
        ("Table 'shop.orders' doesn't exist", "Table 'shop.orders' doesn't exist"),
        ("replication lag is too high", "replication lag is too high"),
        (
            "Duplicate entry '6-ana@x.com' for key 'customer.PRIMARY' (errno 1062) (sqlstate 23000)"
            " during query: insert into customer(customer_id,email) values (6,'ana@x.com'),(7,'b')",
            "Duplicate entry … for key 'customer.PRIMARY' (errno 1062) (sqlstate 23000)"
            " during query: insert into customer(customer_id,email) values (…)",
        ),
        ("Duplicate entry 'it' s her' for key 'k'", "Duplicate entry … for key 'k'"),
        (
            "update users set email='a', name = Ana where id = 5 (errno 1205) (sqlstate HY000)",
            "update users … (errno 1205) (sqlstate HY000)",
        ),
        ("delete from users where email = 'ana@x.com'", "delete from users …"),
        ("select * from users where name like 'Ana%'", "select …"),
        (
            "vttablet: rpc error: code = AlreadyExists desc = Duplicate entry '5' for key 'PRIMARY'"
            ' (errno 1062) (sqlstate 23000) (CallerID: userData1): Sql: "insert into users(email)'
            ' values (:v1)", BindVars: {v1: "type:VARCHAR value:\\"ana\\""}',
            "vttablet: rpc error: code = AlreadyExists desc = Duplicate entry … for key 'PRIMARY'"
            " (errno 1062) (sqlstate 23000) (CallerID: …): Sql: …, BindVars: {…}",
        ),
        ("error in row event Row: map[email:ana@x.com id:5]", "error in row event Row: map[…]"),
        ("vdiff found Row: [4711 Ana]", "vdiff found Row: […]"),
        ('could not find where email = "x@y" and id = 7', "could not find where … = … and id = …"),
        ("cannot parse x'416e61' or 0x416E61 or b'0101'", "cannot parse … or … or …"),
        (
            'duplicate key breaks constraint "users_email_key": Key (email)=(ana@x.com) already exists.',
            'duplicate key breaks constraint "users_email_key": Key (…)=(…) already exists.',
        ),
        ('{"id": 5, "note": "Ana"}', "{…}"),
        ("wrong value 'open' for the state", "wrong value … for the state"),
        (
            "a foreign key constraint fails (`shop`.`orders`, CONSTRAINT `fk_user` FOREIGN KEY (`user_id`)"
            " REFERENCES `users` (`id`)) (errno 1452) (sqlstate 23000)",
            "a foreign key constraint fails (…, CONSTRAINT `fk_user` FOREIGN KEY (`user_id`)"
            " REFERENCES `users` (`id`)) (errno 1452) (sqlstate 23000)",
        ),
        ("ERROR 1062 (23000): Duplicate entry", "ERROR 1062 (23000): Duplicate entry"),
        ("Data too long for column 'name' at row 1", "Data too long for column 'name' at row 1"),
        ("Unknown column 'notes' in 'field list'", "Unknown column 'notes' in 'field list'"),
        ("tables: can't be blank", "tables: can't be blank"),
        ("lost connection to 10.0.0.1", "lost connection to …"),
        ("lag 45s exceeds 5 seconds on shard 80-", "lag 45s exceeds 5 seconds on shard 80-"),
        ("Could not convert Ana Lopez to INT64", "Could not convert … to …"),
        ("the token pscale_tkn_abc is old", "the token … is old"),
        ("table pscale_tkn_abc does not exist", "table … does not exist"),
        ("keyspace xoxb-1-abc not found", "keyspace … not found"),
        (
            "See https://planetscale.com/docs/vitess or https://ana.example/4711",
            "See https://planetscale.com/docs/vitess or https:…",
        ),
    ],
)
def test_values_of_rows_are_taken_out(text: str, kept: str) -> None:
    """What MySQL quotes of a row is gone; the names that people need to find the trouble stay."""
    assert without_row_values(text) == kept


def test_a_workflow_never_holds_a_value_of_a_row() -> None:
    """Errors of a workflow, its streams and their logs are cleaned as they come in."""
    text = "Duplicate entry 'ana@example.com' for key 'users.email'"
    workflow = Workflow.model_validate(
        {
            "name": "x",
            "number": 1,
            "state": "error",
            "workflow_errors": text,
            "streams": [{"info": text, "logs": [{"message": text}]}],
        }
    )
    assert "ana@example.com" not in workflow.model_dump_json()


def test_known_names_stay() -> None:
    """The keyspaces, tables and shards of the workflow can be read in what it says; another's can not."""
    text = "target customer.-80: `line_items` is (orders, accounts)"
    assert without_row_values(text, ["customer", "-80", "line_items", "orders"]) == (
        "target customer.-80: `line_items` is (orders, …)"
    )


def test_the_names_of_a_workflow_stay_in_what_it_and_its_streams_say() -> None:
    """What a workflow is called, moves and serves stays readable wherever the texts come from."""
    said = "error = {x} in customer/-80: 'line_items' of 'orders-to-customer', not 'ana'"
    workflow = Workflow.model_validate(
        {
            "name": "orders-to-customer",
            "number": 3,
            "state": "error",
            "workflow_errors": said,
            "source_keyspace": "commerce",
            "target_keyspace": {"name": "customer"},
            "tables": [{"name": "line_items"}],
            "streams": [{"info": said, "target_shard": "-80", "logs": [{"message": said}]}],
        }
    )
    assert workflow.streams is not None
    stream = workflow.streams[0]
    assert stream.logs is not None
    for text in (workflow.workflow_errors, stream.info, stream.logs[0].message):
        assert text == "error = {…} in customer/-80: 'line_items' of 'orders-to-customer', not …"
    assert Workflow.model_validate_json(workflow.model_dump_json()) == workflow


_SIGNS = string.ascii_letters + string.digits + "äß北 '\"`()[]{},;:=@.-_/\\%&#"
secrets = st.builds(
    "{}{}{}".format,
    st.text(_SIGNS, max_size=6),
    st.sampled_from(["Xq7Zk", "4711042", "ana.lopez@acme.example", "Zwölfklee", "xkcdqz"]),
    st.text(_SIGNS, max_size=6),
)
CORES = ("Xq7Zk", "4711042", "ana.lopez", "Zwölfklee", "xkcdqz")
literals = st.one_of(
    st.builds("'{}'".format, secrets),
    st.builds('"{}"'.format, secrets),
    st.sampled_from(["'Xq7Zk'", "4711042", "'xkcdqz'", '"Zwölfklee"', "x'4711042'", "0x4711042", "-4711042"]),
)
STATEMENTS = (
    "Duplicate entry {0} for key 'users.email' (errno 1062) (sqlstate 23000)",
    "during query: insert into users(id,email) values ({0}, {1}),({1})",
    "insert ignore into `users` set email = {0}, name={1}",
    "update users set name={0} where id in ({1}, {0})",
    "delete from users where (email)=({0})",
    "select * from users where email like {0} or id between {0} and {1}",
    'Sql: "insert into users(email) values (:v1)", BindVars: {{v1: "type:VARCHAR value:{0}"}}',
    "Row: map[email:{0} id:{1}]",
    "key (id,email)=({0},{1}) already exists",
    '{{"id": {0}, "more": [{1}]}}',
    "Incorrect integer value: {0} for column 'age' at row 1",
    "unexpected value {0} in column email",
    "vttablet: rpc error: code = Unknown desc = task error: failed inserting rows: {0}",
    "mismatch: Source row: [{0}] Target row: [{1}]",
    "primary key = {0}; lastpk={1}",
    "call refresh({0}, {1})",
    "alter table users add note varchar(9) default {0} comment {1}",
)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=3), literals, literals, st.sampled_from(" \n;")
)
def test_no_value_survives(shapes: list[str], one: str, other: str, glue: str) -> None:
    """Whatever value stands in whatever statement, list, binding or report: nothing of it is left."""
    clean = without_row_values(glue.join(shape.format(one, other) for shape in shapes), ["users"])
    assert not [core for core in CORES if core in clean], clean


@settings(deadline=None)
@given(st.text() | st.text(_SIGNS, max_size=200), st.sampled_from(STATEMENTS), literals)
def test_cleaning_twice_changes_nothing(text: str, shape: str, value: str) -> None:
    """Any text can be cleaned, is never longer than the bound, and a clean one stays as it is."""
    for said in (text, shape.format(value, text), text * 200):
        clean = without_row_values(said)
        assert len(clean) <= 2 * LONGEST
        assert without_row_values(clean) == clean


def test_a_long_text_is_cut_in_good_time() -> None:
    """A text of any length and shape takes a moment, not minutes, and is cut."""
    for part in (
        "select ",
        "entry '",
        "insert into a(b",
        "values (",
        "'",
        '\\"',
        "https://a@",
        "eyJaaaaaaaaa.",
        "a" * 99,
    ):
        assert len(without_row_values(part * 50_000)) <= LONGEST + 50
