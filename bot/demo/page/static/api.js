// Talks to the server. Every failure is an ApiError with a sentence for people.

export class ApiError extends Error {
  constructor(message, status, errors = null) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

const SENTENCES = {
  operation_timeout: "The app did not answer in time. Try again?",
  dispatch_failed: "The app could not be reached. Try again?",
  is_archived: "This channel is archived.",
  not_in_channel: "You are not in this channel.",
  channel_not_found: "You are not in this channel.",
  restricted_action: "Only admins may post here.",
  msg_too_long: "That is too long for one message.",
};

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("Not connected. Try again in a moment.", 0);
  }
  let body = {};
  try {
    body = await response.json();
  } catch {
    // an answer that is no JSON has nothing to tell
  }
  if (!response.ok) {
    const told = body.error && (SENTENCES[body.error] || `That did not work: ${body.error}`);
    throw new ApiError(told || `That did not work (${response.status}).`, response.status, body.errors || null);
  }
  if (body.ok === false) throw new ApiError(SENTENCES[body.problem] || "That did not work.", response.status);
  return body;
}

export function get(path, params = {}, signal = undefined) {
  const query = new URLSearchParams(params).toString();
  return call(query ? `${path}?${query}` : path, { signal });
}

export function post(path, body) {
  return call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

// Calls `changed` at every change, `connected(true or false)` when that begins or ends. Returns a way to stop.
export function listen(user, changed, connected) {
  let source = null;
  let again = null;
  const open = () => {
    source = new EventSource(`/demo/events?user=${encodeURIComponent(user)}`);
    source.addEventListener("open", () => connected(true));
    source.addEventListener("changed", changed);
    source.addEventListener("error", () => {
      connected(false);
      if (source.readyState === EventSource.CLOSED) again = setTimeout(open, 2000);
    });
  };
  open();
  return () => {
    clearTimeout(again);
    source.close();
  };
}
