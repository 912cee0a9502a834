//! What lists of payments are asked for.

use serde_json::json;

use crate::house::House;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_that_is_asked_for_wrongly_is_refused_by_the_parameters_name() {
    let house = House::new().await;
    let desk = house.open_without_jobs().await;
    for (query, field, code) in [
        ("limit=0", "limit", "out_of_range"),
        ("limit=201", "limit", "out_of_range"),
        ("limit=many", "limit", "invalid"),
        ("cursor=x", "cursor", "malformed"),
        ("resolution=lost", "resolution", "invalid"),
        ("status=approved", "status", "unknown"),
    ] {
        let refused = desk.staff_get(&format!("/admin/payments?{query}")).await;
        assert_eq!(refused.problem(), (422, "invalid_request"), "{query}");
        let named = json!([{ "field": field, "code": code }]);
        assert_eq!(refused.body["errors"], named, "{query}");
    }
    let refused = desk.staff_get("/admin/payments?limit=201").await;
    assert_eq!(refused.body["detail"], "from 1 to 200");
    let whole = desk.staff_get("/admin/payments?limit=200&cursor=").await;
    assert_eq!((whole.status, whole.body), (200, json!({ "items": [] })));
    let parked = desk.staff_get("/admin/payments/parked?state=approved").await;
    assert_eq!(parked.problem(), (422, "invalid_request"));
}
