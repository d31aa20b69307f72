//! HTTP client, the only one in the workspace.

use jscc_lab::data::fetch::Body;
use std::time::Duration;
use ureq::http::{HeaderMap, StatusCode, header};
use ureq::{Agent, Error};

/// Longest wait for name resolution and for a connection, each.
const CONNECT: Duration = Duration::from_secs(15);
/// Longest wait for the next byte.
const STALL: Duration = Duration::from_secs(30);

/// A client with timeouts; every request ends within `most`.
pub fn agent(most: Duration) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(most))
        .timeout_resolve(Some(CONNECT))
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(STALL))
        .timeout_per_read(Some(STALL))
        .user_agent(concat!("jscc/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

/// Requests the bytes at `url` from `offset` on.
pub fn open(agent: &Agent, url: &str, offset: u64) -> Result<Body, String> {
    let mut request = agent.get(url);
    if offset > 0 {
        request = request.header(header::RANGE, format!("bytes={offset}-"));
    }
    let response = request.call().map_err(reason)?;
    let starts_at = match response.status() {
        StatusCode::OK => 0,
        StatusCode::PARTIAL_CONTENT => range_start(response.headers()).ok_or("a part without a Content-Range")?,
        status => return Err(format!("HTTP status {status}")),
    };
    let body = response.into_body();
    let size = body.content_length().map(|rest| starts_at.saturating_add(rest));
    Ok(Body { starts_at, size, reader: Box::new(body.into_reader()) })
}

/// The first number of `Content-Range: bytes 7-41/42`.
fn range_start(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    range.split('-').next()?.parse().ok()
}

fn reason(error: Error) -> String {
    match error {
        Error::Io(error) => error.to_string(),
        Error::Timeout(waited_for) => format!("no answer in time ({waited_for})"),
        other => other.to_string(),
    }
}
