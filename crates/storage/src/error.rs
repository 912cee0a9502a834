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
