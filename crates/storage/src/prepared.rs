//! Statements that a connection prepares once, where diesel would do it each time.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};

/// An insert or update whose text is always the same.
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
