"""What each of Slack's error codes means: one table for every method that the bot calls.

The codes are those of the methods' references at https://docs.slack.dev/reference/methods, and a few that
Slack was seen to answer with beside them. A code that is not here is passing until it has lasted for long.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

TRIGGER_USED: Final = "exchanged_trigger_id"
"""This very command, press or click has opened a window before: Slack delivered it more than once."""


class Trouble(Enum):
    """What it is about, and so what to do."""

    LIMITED = auto()
    """Certainly not done; not before a number of seconds from now."""
    UNSENT = auto()
    """Certainly not done; it is about the workspace or the network, and passes."""
    UNCERTAIN = auto()
    """Done or not done: look before doing it again."""
    TOKEN = auto()
    """The bot may do nothing at all here; it may pass, or somebody has to see to its token."""
    PLACE = auto()
    """Not in this channel."""
    THREAD = auto()
    """Not in this thread."""
    MISSING = auto()
    """The message is not there any more."""
    FIXED = auto()
    """The message is there, and Slack or the workspace's rules do not let it be changed."""
    CONTENT = auto()
    """Not these blocks, or not this text."""
    METADATA = auto()
    """Not this metadata."""
    PERSON = auto()
    """This person is not of here, or takes no messages."""
    GROUP = auto()
    """This user group is not there."""
    WINDOW = auto()
    """This modal or Home cannot be opened or changed."""
    FILE = auto()
    """Not this file."""
    CALL = auto()
    """The call itself is wrong, or not offered to the bot: a mistake of this program."""
    REFUSED = auto()
    """Certainly not done, for a reason that is not known here."""


_CODES: Final[Mapping[Trouble, frozenset[str]]] = {
    Trouble.LIMITED: frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"}),
    Trouble.UNSENT: frozenset(
        {
            "accesslimited",
            "external_channel_migrating",
            "org_login_required",
            "request_timeout",
            "service_unavailable",
            "streaming_state_conflict",
            "team_added_to_org",
        }
    ),
    # Slack says of these that some of it may have been done.
    Trouble.UNCERTAIN: frozenset({"fatal_error", "internal_error", "update_failed"}),
    Trouble.TOKEN: frozenset(
        {
            "account_inactive",
            "invalid_auth",
            "missing_scope",
            "not_allowed_token_type",
            "not_authed",
            "token_expired",
            "token_revoked",
            "two_factor_setup_required",
        }
    ),
    Trouble.PLACE: frozenset(
        {
            "access_denied",
            "app_access_restricted",
            "cannot_find_channel",
            "channel_is_limited_access",
            "channel_not_found",
            "ekm_access_denied",
            "invalid_channel",
            "is_archived",
            "is_inactive",
            "messages_tab_disabled",
            "method_not_supported_for_channel_type",
            "no_permission",
            "not_in_channel",
            "posting_to_channel_denied",
            "restricted_action",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "team_access_not_granted",
            "team_not_found",
        }
    ),
    Trouble.THREAD: frozenset(
        {
            "cannot_reply_to_message",
            "restricted_action_non_threadable_channel",
            "restricted_action_thread_locked",
            "thread_not_found",
        }
    ),
    Trouble.MISSING: frozenset({"cannot_find_message", "message_not_found"}),
    Trouble.FIXED: frozenset({"cant_delete_message", "cant_update_message", "edit_window_closed"}),
    Trouble.CONTENT: frozenset(
        {
            "attachment_payload_limit_exceeded",
            "block_mismatch",
            "cannot_parse_attachment",
            "invalid_arguments",
            "invalid_attachments",
            "invalid_blocks",
            "invalid_blocks_format",
            "msg_blocks_too_long",
            "msg_too_long",
            "no_text",
            "slack_connect_canvas_sharing_blocked",
            "slack_connect_file_link_sharing_blocked",
            "slack_connect_lists_sharing_blocked",
            "too_many_attachments",
            "too_many_contact_cards",
        }
    ),
    Trouble.METADATA: frozenset(
        {
            "invalid_metadata_filter_keys",
            "invalid_metadata_format",
            "invalid_metadata_schema",
            "metadata_must_be_sent_from_app",
            "metadata_too_large",
        }
    ),
    Trouble.PERSON: frozenset(
        {
            "cannot_dm_bot",
            "invalid_user_combination",
            "user_disabled",
            "user_not_found",
            "user_not_in_channel",
            "user_not_visible",
        }
    ),
    Trouble.GROUP: frozenset({"no_such_subteam", "plan_upgrade_required"}),
    Trouble.WINDOW: frozenset(
        {
            "duplicate_external_id",
            TRIGGER_USED,
            "expired_trigger_id",
            "hash_conflict",
            "invalid_trigger_id",
            "missing_profile_id",
            "not_enabled",
            "not_found",
            "not_implemented",
            "view_too_large",
        }
    ),
    Trouble.FILE: frozenset(
        {
            "alt_txt_too_large",
            "blocked_file_type",
            "channels_limit_exceeded",
            "file_deleted",
            "file_is_deleted",
            "file_not_found",
            "file_share_limit_reached",
            "file_type_not_allowed",
            "file_update_failed",
            "file_upload_size_restricted",
            "file_uploads_disabled",
            "file_uploads_except_images_disabled",
            "max_file_sharing_exceeded",
            "missing_file_data",
            "slack_connect_blocked_file_type",
            "slack_connect_clip_sharing_blocked",
            "slack_connect_file_upload_sharing_blocked",
            "snippet_too_large",
            "storage_limit_reached",
            "unable_to_share_files",
            "unknown_snippet_type",
            "unknown_subtype",
        }
    ),
    Trouble.CALL: frozenset(
        {
            "as_user_not_supported",
            "cannot_auth_user",
            "cannot_find_service",
            "cannot_prompt",
            "cannot_unfurl_message",
            "cannot_unfurl_url",
            "cant_broadcast_message",
            "deprecated_endpoint",
            "draft_already_deleted",
            "draft_already_sent",
            "draft_has_conflict",
            "draft_not_found",
            "duplicate_channel_not_found",
            "duplicate_message_not_found",
            "enterprise_is_restricted",
            "forbidden_team",
            "insecure_request",
            "invalid_arg_name",
            "invalid_array_arg",
            "invalid_charset",
            "invalid_cursor",
            "invalid_form_data",
            "invalid_post_type",
            "invalid_source",
            "invalid_ts_latest",
            "invalid_ts_oldest",
            "invalid_unfurl_id",
            "invalid_unfurls_format",
            "is_bot",
            "list_record_comment_fetch_failed",
            "markdown_text_conflict",
            "method_deprecated",
            "missing_args",
            "missing_argument",
            "missing_channel",
            "missing_post_type",
            "missing_source",
            "missing_ts",
            "missing_unfurl_id",
            "missing_unfurls",
            "no_dual_broadcast_content_update",
            "not_enough_users",
            "send_on_behalf_not_allowed",
            "too_many_users",
            "unknown_method",
            "users_list_not_supplied",
        }
    ),
}
MEANINGS: Final = {code: trouble for trouble, codes in _CODES.items() for code in codes}


def meaning(code: str) -> Trouble:
    """What `code` is about; `REFUSED` for one that nobody has heard of."""
    known = MEANINGS.get(code)
    if known is None:
        return Trouble.PLACE if code.startswith("restricted_action") else Trouble.REFUSED
    return known
