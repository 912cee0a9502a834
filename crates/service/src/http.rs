//! What handlers use, and what stands around them.

pub mod body;
pub mod context;
pub mod errors;
pub(crate) mod layer;
pub mod paging;
pub mod query;
pub mod request_id;
pub mod resource;
pub(crate) mod security;
pub mod traffic;

pub use body::{Json, RawBody};
pub use query::{NoParameters, Query};
pub use resource::{Resource, resource};
