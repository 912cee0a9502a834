//! Fetching addresses that others give us: public ones only, within limits, and without telling the address to anyone.

mod guard;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{
    ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION, RETRY_AFTER,
};
use reqwest::{Client, StatusCode, redirect};
use time::OffsetDateTime;
use url::{Host, Url};

use guard::{PublicOnly, is_public};

/// Limits of one fetch. Source: the iCal contract, section 6.
const CONNECT: Duration = Duration::from_secs(5);
const BYTES: usize = 5 << 20;
const REDIRECTS: usize = 3;

/// How many connections to one host are kept for the next feeds there: as many as it gets at once by default.
const IDLE_PER_HOST: usize = 8;

/// The longest wait that another side may ask for.
const LONGEST_WAIT: Duration = Duration::from_hours(6);

const USER_AGENT: &str = concat!("alojamientos-ical/", env!("CARGO_PKG_VERSION"));

/// Fetches feeds.
#[derive(Clone)]
pub struct Fetcher {
    guarded: Client,
    unguarded: Client,
    allowed: Arc<[String]>,
}

/// What an answer is known again by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// A good answer.
#[derive(Debug)]
pub enum Fetched {
    /// 304.
    Unchanged,
    /// 200.
    Body {
        /// As received.
        bytes: Vec<u8>,
        /// What to ask with next time.
        validators: Validators,
    },
}

/// Why there is no answer, in words without the address.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// No URL, not https, or with a password in it.
    #[error("the address is not an https URL")]
    Address,
    /// The address, or one that it redirects to, is not a public one.
    #[error("the address is not public")]
    NotPublic,
    /// Too many redirects, or one to nowhere.
    #[error("the redirects lead nowhere")]
    Redirects,
    /// 304, though nothing was known that could be unchanged.
    #[error("answered 304 to a first question")]
    Unasked,
    /// An answer that is neither 200 nor 304.
    #[error("answered {status}")]
    Status {
        /// The status code.
        status: u16,
        /// How long the other side asks us to wait.
        retry_after: Option<Duration>,
    },
    /// More bytes than a calendar has.
    #[error("larger than the limit")]
    TooLarge,
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or one that broke.
    #[error("no connection")]
    Connection,
}

impl FetchError {
    /// How long the other side asks us to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

impl From<reqwest::Error> for FetchError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::Timeout
        } else if guard::refused(&error) {
            Self::NotPublic
        } else {
            Self::Connection
        }
    }
}

impl Fetcher {
    /// A fetcher that reads public https addresses, and besides them `allowed` (`host:port`) as they are; each within `whole`.
    ///
    /// # Errors
    ///
    /// What the HTTP client cannot be made for.
    pub fn new(allowed: &[String], whole: Duration) -> Result<Self, reqwest::Error> {
        service::start::install_crypto();
        let client = || {
            Client::builder()
                .connect_timeout(CONNECT)
                .timeout(whole)
                .redirect(redirect::Policy::none())
                .no_proxy()
                .pool_max_idle_per_host(IDLE_PER_HOST)
                .user_agent(USER_AGENT)
        };
        Ok(Self {
            guarded: client().dns_resolver(Arc::new(PublicOnly)).build()?,
            unguarded: client().build()?,
            allowed: allowed.into(),
        })
    }

    /// Whether `url` is one that would be fetched, by its looks.
    ///
    /// # Errors
    ///
    /// [`FetchError::Address`] and [`FetchError::NotPublic`].
    pub fn check(&self, url: &str) -> Result<Url, FetchError> {
        let mut url = Url::parse(url).or(Err(FetchError::Address))?;
        if self.is_allowed(&url) {
            return Ok(url);
        }
        if url.scheme() == "http" {
            url.set_scheme("https").or(Err(FetchError::Address))?;
        }
        if url.scheme() != "https" || !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::Address);
        }
        match url.host() {
            Some(Host::Domain(name)) if !name.ends_with('.') => Ok(url),
            Some(Host::Ipv4(address)) if is_public(IpAddr::V4(address)) => Ok(url),
            Some(Host::Ipv6(address)) if is_public(IpAddr::V6(address)) => Ok(url),
            Some(Host::Domain(_)) | None => Err(FetchError::Address),
            Some(_) => Err(FetchError::NotPublic),
        }
    }

    /// Fetches `url`, unless it is as `known`.
    ///
    /// # Errors
    ///
    /// [`FetchError`].
    pub async fn fetch(
        &self,
        url: &str,
        known: &Validators,
        now: OffsetDateTime,
    ) -> Result<Fetched, FetchError> {
        let mut url = self.check(url)?;
        for _hop in 0..=REDIRECTS {
            let client = if self.is_allowed(&url) {
                &self.unguarded
            } else {
                &self.guarded
            };
            let mut request = client.get(url.clone());
            if let Some(etag) = &known.etag {
                request = request.header(IF_NONE_MATCH, etag);
            }
            if let Some(date) = &known.last_modified {
                request = request.header(IF_MODIFIED_SINCE, date);
            }
            let answer = request.send().await?;
            let status = answer.status();
            if status == StatusCode::NOT_MODIFIED {
                if *known == Validators::default() {
                    return Err(FetchError::Unasked);
                }
                return Ok(Fetched::Unchanged);
            }
            if status.is_redirection() {
                let target = text(answer.headers(), LOCATION.as_str()).ok_or(FetchError::Redirects)?;
                let target = url.join(&target).or(Err(FetchError::Redirects))?;
                url = self.check(target.as_str())?;
                continue;
            }
            if status != StatusCode::OK {
                let wait = text(answer.headers(), RETRY_AFTER.as_str());
                let retry_after = wait.and_then(|wait| service::retry_after::parse(&wait, now, LONGEST_WAIT));
                return Err(FetchError::Status {
                    status: status.as_u16(),
                    retry_after,
                });
            }
            return body(answer).await;
        }
        Err(FetchError::Redirects)
    }

    fn is_allowed(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return false;
        };
        let place = format!("{host}:{port}");
        matches!(url.scheme(), "http" | "https") && self.allowed.contains(&place)
    }
}

async fn body(mut answer: reqwest::Response) -> Result<Fetched, FetchError> {
    let validators = Validators {
        etag: text(answer.headers(), ETAG.as_str()),
        last_modified: text(answer.headers(), LAST_MODIFIED.as_str()),
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if BYTES < bytes.len() + chunk.len() {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Fetched::Body { bytes, validators })
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (value.len() <= 2_000).then(|| value.to_owned())
}
