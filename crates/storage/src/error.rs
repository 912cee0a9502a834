//! What the database's refusals mean.

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A refusal that callers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal<'a> {
    /// The named constraint does not hold.
    Constraint(&'a str),
    /// Two transactions stood in each other's way, or one waited too long for a lock: doing it again may work.
    Contention,
}

/// The refusal inside `error`, if it is one; everything else is the store's failure.
#[must_use]
pub fn refusal(error: &DieselError) -> Option<Refusal<'_>> {
    let DieselError::DatabaseError(kind, information) = error else {
        return None;
    };
    if matches!(kind, DatabaseErrorKind::SerializationFailure) {
        return Some(Refusal::Contention);
    }
    if let Some(name) = information.constraint_name() {
        return Some(Refusal::Constraint(name));
    }
    // Diesel has no kind for 40P01 (deadlock_detected) and 55P03 (lock_not_available) and hides the SQLSTATE.
    let message = information.message();
    let contention = message.contains("deadlock detected") || message.contains("lock timeout");
    contention.then_some(Refusal::Contention)
}

/// Whether `error` is the refusal of the constraint `name`.
#[must_use]
pub fn violates(error: &DieselError, name: &str) -> bool {
    refusal(error) == Some(Refusal::Constraint(name))
}

/// A row that breaks a rule of ours: only code or a person that went around it can write one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table} {row}: {column} is none of ours")]
pub struct InvalidRow {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row's key.
    pub row: String,
}

impl InvalidRow {
    /// The row as the store's failure.
    pub(crate) fn failure(table: &'static str, column: &'static str, row: &impl ToString) -> DieselError {
        let row = row.to_string();
        DieselError::DeserializationError(Box::new(Self { table, column, row }))
    }
}

/// Whether `error` says that the database is away or too busy, rather than that something is wrong with us.
#[must_use]
pub fn is_unavailable(error: &DieselError) -> bool {
    let DieselError::DatabaseError(kind, information) = error else {
        return matches!(error, DieselError::BrokenTransactionManager);
    };
    if matches!(
        kind,
        DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection
    ) {
        return true;
    }
    let message = information.message();
    // 57P01, 57P03, 57014, 25006 (a standby, in the middle of a failover): no kind of diesel's tells them.
    let words = [
        "terminating connection",
        "shutting down",
        "starting up",
        "statement timeout",
        "connection closed",
        "read-only transaction",
    ];
    words.iter().any(|word| message.contains(word))
}
