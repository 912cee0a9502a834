//! Statements that a connection prepares once, where diesel would do it each time, and several of them as one.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// A statement whose text is always the same.
///
/// Diesel cannot know that of any, so it prepares each anew: one more round trip, and the planner's work again. The
/// cache's key is the text, so that a text which does vary costs memory and never correctness.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prepared<T>(pub(crate) T);

impl<T: QueryFragment<Pg>> QueryFragment<Pg> for Prepared<T> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<T> QueryId for Prepared<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T: Query> Query for Prepared<T> {
    type SqlType = T::SqlType;
}

/// An insert that has yet to be sent, alone or [`together`] with others.
pub struct Insert<'a>(Box<dyn QueryFragment<Pg> + Send + 'a>);

impl<'a> Insert<'a> {
    /// The text of `insert` must be the same for all values.
    pub(crate) fn new(insert: impl QueryFragment<Pg> + Send + 'a) -> Self {
        Self(Box::new(insert))
    }
}

/// Stores rows of several tables in one statement: one trip to the database, all of them or none.
///
/// They are inserted in no order. What refers to another of them may do so: the database looks when all are there.
///
/// # Errors
///
/// The store's failure, among it the constraint that refuses one of them.
pub async fn together(mut conn: &AsyncPgConnection, inserts: Vec<Insert<'_>>) -> QueryResult<()> {
    Prepared(Together(inserts)).execute(&mut conn).await?;
    Ok(())
}

/// `WITH first AS (INSERT …), second AS (INSERT …) INSERT …`
struct Together<'a>(Vec<Insert<'a>>);

impl QueryFragment<Pg> for Together<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Some((last, others)) = self.0.split_last() else {
            return Err(diesel::result::Error::QueryBuilderError(
                "nothing to insert".into(),
            ));
        };
        for (number, insert) in others.iter().enumerate() {
            out.push_sql(if number == 0 { "WITH " } else { ", " });
            out.push_sql(&format!("insert_{number} AS ("));
            insert.0.walk_ast(out.reborrow())?;
            out.push_sql(") ");
        }
        last.0.walk_ast(out)
    }
}
