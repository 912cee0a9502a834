//! What the service does by the clock. Any number of replicas may run every job.

use std::sync::Arc;
use std::time::Duration;

use diesel::result::Error as DieselError;
use service::background::Background;
use service::jobs::{self, Nudge};
use storage::DatabaseUnavailable;

use crate::consumers::settled_by;
use crate::settings::Settings;
use crate::state::AppState;
use crate::use_cases::complete_stays::complete_stays;
use crate::use_cases::expire_holds::expire_holds;
use crate::use_cases::prune::prune;
use crate::use_cases::remind_guests::remind_guests;
use crate::use_cases::settle_payment::SettlePaymentError;
use crate::use_cases::sweep_payments::sweep_payments;

const REMINDER: Duration = Duration::from_secs(30);
const COMPLETER: Duration = Duration::from_mins(10);
const PRUNER: Duration = Duration::from_hours(1);

/// Why a job did not run to its end; it runs again.
#[derive(Debug, thiserror::Error)]
enum JobError {
    #[error(transparent)]
    Unavailable(#[from] DatabaseUnavailable),
    #[error("the store")]
    Store(#[from] DieselError),
    #[error(transparent)]
    Settle(#[from] SettlePaymentError),
}

/// Starts the jobs.
pub(crate) fn start(background: &Background, settings: &Settings, state: &Arc<AppState>) {
    macro_rules! every {
        ($name:literal, $period:expr, $job:ident) => {{
            let state = state.clone();
            jobs::every(background, $name, $period, Nudge::new(), move || {
                $job(state.clone())
            });
        }};
    }
    every!(
        "expire holds",
        Duration::from_secs(settings.expirer_seconds),
        expire
    );
    every!(
        "sweep payments",
        Duration::from_secs(settings.sweep_seconds),
        sweep
    );
    every!("remind guests", REMINDER, remind);
    every!("complete stays", COMPLETER, complete);
    every!("prune", PRUNER, forget);
}

async fn expire(state: Arc<AppState>) -> Result<(), JobError> {
    let mut conn = state.database.get().await?;
    let expired = expire_holds(&mut conn, &state.own_context(), &state.policy).await?;
    drop(conn);
    for hold in expired {
        state.metrics.expired(hold.channel);
        state
            .hints
            .release(hold.accommodation, hold.stay, &hold.code)
            .await;
    }
    Ok(())
}

async fn sweep(state: Arc<AppState>) -> Result<(), JobError> {
    let mut conn = state.database.get().await?;
    let settled = sweep_payments(&mut conn, &state.own_context()).await?;
    drop(conn);
    for settled in settled {
        settled_by(&state, &settled).await;
    }
    Ok(())
}

async fn remind(state: Arc<AppState>) -> Result<(), JobError> {
    let mut conn = state.database.get().await?;
    remind_guests(&mut conn, &state.own_context(), state.policy.reminder).await?;
    Ok(())
}

async fn complete(state: Arc<AppState>) -> Result<(), JobError> {
    let mut conn = state.database.get().await?;
    complete_stays(&mut conn, &state.own_context()).await?;
    Ok(())
}

async fn forget(state: Arc<AppState>) -> Result<(), JobError> {
    let mut conn = state.database.get().await?;
    prune(&mut conn, state.clock.now()).await?;
    Ok(())
}
