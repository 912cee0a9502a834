//! Handlers that do nothing but prove a role and ask the owner.

use std::future::Future;
use std::pin::Pin;

use service::upstream::Upstream;

use crate::http::call::{Answer, AnyRole, Host, Oncall, Owners, StaffCall};

type Relayed = Pin<Box<dyn Future<Output = Answer>>>;

/// Any member of staff may ask `owner` this.
pub(in crate::http) fn for_any_role(
    owner: fn(&Owners) -> &Upstream,
) -> impl Fn(StaffCall<AnyRole>) -> Relayed + Clone + 'static {
    move |call| Box::pin(call.relay(owner))
}

/// Those who run lodgings and money may ask `owner` this.
pub(in crate::http) fn for_host(
    owner: fn(&Owners) -> &Upstream,
) -> impl Fn(StaffCall<Host>) -> Relayed + Clone + 'static {
    move |call| Box::pin(call.relay(owner))
}

/// Those who keep the system alive may ask `owner` this.
pub(in crate::http) fn for_oncall(
    owner: fn(&Owners) -> &Upstream,
) -> impl Fn(StaffCall<Oncall>) -> Relayed + Clone + 'static {
    move |call| Box::pin(call.relay(owner))
}
