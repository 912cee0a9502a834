//! `staff`: the people of the house. Written by `alojactl`; the gateway reads it.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::outbox::new_id;
use crate::schema::staff;

/// What a member of staff may do. One person may have both roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Runs lodgings: prices, reservations, feeds, money.
    Host,
    /// Keeps the system alive: deliveries, queues, replays, reconciliation.
    Oncall,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 2] = [Self::Host, Self::Oncall];

    /// The name in the database, in tokens and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Oncall => "oncall",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

/// A member of staff who may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The id, which tokens carry.
    pub id: Uuid,
    /// In lower case.
    pub email: String,
    /// In PHC format: `$argon2id$…`.
    pub password_hash: String,
    /// At least one.
    pub roles: Vec<Role>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = staff)]
struct Row {
    id: Uuid,
    email: String,
    password_hash: String,
    roles: Vec<String>,
}

impl From<Row> for Staff {
    fn from(row: Row) -> Self {
        let roles = row.roles.iter().filter_map(|name| Role::named(name)).collect();
        Self {
            id: row.id,
            email: row.email,
            password_hash: row.password_hash,
            roles,
        }
    }
}

/// The active member of staff with this e-mail address, in any case.
///
/// # Errors
///
/// The store's failure.
pub async fn find_active(conn: &mut AsyncPgConnection, email: &str) -> QueryResult<Option<Staff>> {
    staff::table
        .filter(staff::email.eq(email.to_lowercase()))
        .filter(staff::active)
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()
        .map(|row| row.map(Staff::from))
}

/// The active member of staff with this id, if the roles have not been taken away since a token was made.
///
/// # Errors
///
/// The store's failure.
pub async fn find_active_by_id(conn: &mut AsyncPgConnection, id: Uuid) -> QueryResult<Option<Staff>> {
    staff::table
        .find(id)
        .filter(staff::active)
        .select(Row::as_select())
        .first(conn)
        .await
        .optional()
        .map(|row| row.map(Staff::from))
}

/// Adds a member of staff, or gives an existing one this password and these roles and lets them in again.
///
/// # Errors
///
/// The store's failure, or the constraint that roles must not be empty.
pub async fn put(
    conn: &mut AsyncPgConnection,
    now: OffsetDateTime,
    email: &str,
    password_hash: &str,
    roles: &[Role],
) -> QueryResult<()> {
    let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
    let changed = (
        staff::password_hash.eq(password_hash),
        staff::roles.eq(&names),
        staff::active.eq(true),
        staff::updated_at.eq(now),
    );
    diesel::insert_into(staff::table)
        .values((
            staff::id.eq(new_id(now)),
            staff::email.eq(email.to_lowercase()),
            staff::created_at.eq(now),
            changed,
        ))
        .on_conflict(staff::email)
        .do_update()
        .set(changed)
        .execute(conn)
        .await?;
    Ok(())
}

/// Gives an existing member of staff another password; whether there is one.
///
/// # Errors
///
/// The store's failure.
pub async fn set_password(
    conn: &mut AsyncPgConnection,
    now: OffsetDateTime,
    email: &str,
    password_hash: &str,
) -> QueryResult<bool> {
    let changed = diesel::update(staff::table.filter(staff::email.eq(email.to_lowercase())))
        .set((staff::password_hash.eq(password_hash), staff::updated_at.eq(now)))
        .execute(conn)
        .await?;
    Ok(changed == 1)
}
