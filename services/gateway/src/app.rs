//! What is wired to what.

use std::time::Duration;

use actix_web::{HttpRequest, web};
use anyhow::Context as _;
use moka::future::Cache;
use secrecy::SecretString;
use service::app::Application;
use service::background::Background;
use service::clock::Clock;
use service::health::{Health, Weight};
use service::jobs::{self, Nudge};
use service::readiness::Readiness;
use service::settings::{HttpSettings, InternalSettings};
use service::upstream::Upstream;
use storage::redis::Redis;
use storage::staff::{self, Staff};
use storage::{Database, DatabaseSettings};
use uuid::Uuid;

use crate::caller::TrustedProxies;
use crate::free_nights::FreeNights;
use crate::http::call::Owners;
use crate::http::error::ApiError;
use crate::http::health::{ServicePage, ServicePages, system_health};
use crate::http::limit::Policies;
use crate::invariants::Invariants;
use crate::limits::{Limits, Policy};
use crate::login::Logins;
use crate::settings::Settings;
use crate::staff_token::StaffTokens;

const MINUTE: Duration = Duration::from_mins(1);

/// How long a feed may take to be read while a member of staff waits: a little more than `ical-sync` allows it.
const FEED_READ: Duration = Duration::from_secs(35);

/// How long an account is believed to be as it was read: a dismissal takes effect within it.
const ACCOUNT_KEPT: Duration = Duration::from_secs(15);

const POLICIES: &[&str] = &[
    "reads",
    "writes",
    "staff",
    "feeds",
    "webhooks",
    "login-account",
    "login-address",
];

/// What handlers share.
pub(crate) struct Gateway {
    pub(crate) clock: Clock,
    pub(crate) owners: Owners,
    pub(crate) proxies: TrustedProxies,
    pub(crate) free_nights: FreeNights,
    pub(crate) limits: Limits,
    pub(crate) policies: Policies,
    pub(crate) tokens: Option<StaffTokens>,
    pub(crate) logins: Logins,
    pub(crate) readiness: Readiness,
    pub(crate) system_health: Health,
    database: Database,
    accounts: Cache<Uuid, Option<Staff>>,
}

impl Gateway {
    /// The gateway that serves `request`.
    pub(crate) fn of(request: &HttpRequest) -> Result<web::Data<Self>, ApiError> {
        let gateway = request.app_data::<web::Data<Self>>().cloned();
        gateway.ok_or_else(|| ApiError::Internal("the gateway's state is not registered".into()))
    }

    /// The member of staff who carries `token` and is still one.
    pub(crate) async fn staff_of(&self, token: SecretString) -> Result<Staff, ApiError> {
        let tokens = self.tokens.as_ref().ok_or(ApiError::LoginsNotConfigured)?;
        let id = tokens
            .read(&token, self.clock.now())
            .or(Err(ApiError::TokenInvalid))?;
        let account = self.accounts.try_get_with(id, async {
            let mut conn = self
                .database
                .get()
                .await
                .map_err(|error| ApiError::Database(error.into()))?;
            staff::find_active_by_id(&mut conn, id)
                .await
                .map_err(|error| ApiError::Database(error.into()))
        });
        let account = account
            .await
            .map_err(|error: std::sync::Arc<ApiError>| ApiError::Database(error.into()))?;
        account.ok_or(ApiError::TokenInvalid)
    }
}

/// The gateway as set from the environment.
///
/// # Errors
///
/// A setting that makes no sense, or a port that is taken.
#[expect(
    clippy::unused_async,
    reason = "`service::start::run` awaits every service's start"
)]
pub async fn start() -> anyhow::Result<Application> {
    let settings = service::settings::load()?;
    build(
        // Most reads are answered from memory: no database connection would have to be woken on another thread.
        HttpSettings::load(8000)?.or_workers(2),
        service::settings::load()?,
        settings,
        Clock::system(),
    )
}

/// The gateway with the given settings; tests call it with their own.
///
/// # Errors
///
/// A setting that makes no sense, or a port that is taken.
#[expect(clippy::needless_pass_by_value, reason = "settings are given away at start")]
pub fn build(
    http: HttpSettings,
    internal: InternalSettings,
    settings: Settings,
    clock: Clock,
) -> anyhow::Result<Application> {
    let mut database = DatabaseSettings::new(settings.database_url.clone(), "gateway");
    database.max_connections = 4;
    let database = Database::new(&database)?;
    let redis = Redis::new(&settings.redis_url)?;
    let token = internal.internal_api_token;
    let owners = Owners {
        reservations: Upstream::new("reservations", &settings.reservations_url, token.clone())?,
        webhooks: Upstream::new("webhooks", &settings.webhooks_url, token.clone())?,
        payments: Upstream::new("payments", &settings.payments_url, token.clone())?,
        ical_sync: Upstream::new("ical-sync", &settings.ical_sync_url, token.clone())?,
        ical_sync_reading: Upstream::with_timeout("ical-sync", &settings.ical_sync_url, token, FEED_READ)?,
    };
    let readiness = Readiness::default();
    let limits = Limits::new(redis.clone(), POLICIES);
    let per_minute = |name, quota| Policy::new(name, quota, MINUTE);
    let (per_account, per_address) = (
        settings.login_attempts_per_account,
        settings.login_attempts_per_address,
    );
    let tokens = settings
        .jwt_secret
        .as_ref()
        .map(|secret| StaffTokens::new(secret, settings.staff_token_minutes));
    if tokens.is_none() {
        tracing::warn!("JWT_SECRET is not set: nobody can log in to the staff API");
    }
    let pages = service_pages(&settings)?;
    let background = Background::new();
    let period = Duration::from_secs(u64::from(settings.invariants_seconds.max(1)));
    let invariants = Invariants::new(clock.clone(), database.clone(), period);
    count_invariants(&background, &invariants, &pages, period);
    let gateway = web::Data::new(Gateway {
        system_health: system_health(clock.clone(), &database, &redis, &pages, invariants),
        clock: clock.clone(),
        owners,
        free_nights: FreeNights::new(),
        proxies: TrustedProxies::parse(&settings.trusted_proxies)?,
        policies: Policies {
            reads: per_minute("reads", settings.rate_limit_reads).on_lease(),
            writes: per_minute("writes", settings.rate_limit_writes),
            staff: per_minute("staff", settings.rate_limit_staff),
            feeds: per_minute("feeds", settings.rate_limit_feeds).on_lease(),
            webhooks: per_minute("webhooks", settings.rate_limit_webhooks),
        },
        logins: Logins::new(database.clone(), limits.clone(), per_account, per_address),
        limits,
        tokens,
        readiness: readiness.clone(),
        database: database.clone(),
        accounts: Cache::builder()
            .max_capacity(1_000)
            .time_to_live(ACCOUNT_KEPT)
            .build(),
    });

    let health = stores::health::database(Health::builder(clock), Weight::Critical, &database);
    let health = stores::health::redis(health, &redis).build();
    stores::pool::watched(Application::builder("gateway", http), &database)
        .health(health)
        .readiness(readiness)
        .background(background)
        .build(move |config| crate::http::routes(config, &gateway))
        .context("start the gateway")
}

fn count_invariants(
    background: &Background,
    invariants: &Invariants,
    pages: &ServicePages,
    period: Duration,
) {
    let (invariants, pages) = (invariants.clone(), pages.clone());
    // Looks more often than it counts, so that a database that was away is counted soon after it is back.
    jobs::every(
        background,
        "count invariants",
        period / 4,
        Nudge::new(),
        move || {
            let (invariants, pages) = (invariants.clone(), pages.clone());
            async move {
                if !invariants.are_due() {
                    return Ok(());
                }
                invariants.count(pages.dead_letters().await).await
            }
        },
    );
}

/// Health pages have a shorter deadline than other calls: the roll-up answers in about a second.
fn service_pages(settings: &Settings) -> anyhow::Result<ServicePages> {
    let page = |name, url: &str| {
        Upstream::with_timeout(name, url, None, Duration::from_millis(900)).map(ServicePage::new)
    };
    Ok(ServicePages {
        reservations: page("reservations", &settings.reservations_url)?,
        webhooks: page("webhooks", &settings.webhooks_url)?,
        payments: page("payments", &settings.payments_url)?,
        ical_sync: page("ical-sync", &settings.ical_sync_url)?,
        concierge: page("concierge", &settings.concierge_url)?,
    })
}
