use crate::world::{CONFIGURED, Stores, VERIFY_TOKEN};

fn query(mode: &str, challenge: &str, token: &str) -> String {
    format!("hub.mode={mode}&hub.challenge={challenge}&hub.verify_token={token}")
}

#[tokio::test(flavor = "multi_thread")]
async fn meta_gets_its_challenge_back_as_it_came() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let longest = "7".repeat(1_024);
    let cases = [
        (query("subscribe", "1158201444", VERIFY_TOKEN), "1158201444"),
        (query("subscribe", "%3Cscript%3E", VERIFY_TOKEN), "<script>"),
        (query("subscribe", &longest, VERIFY_TOKEN), longest.as_str()),
        (
            query("subscribe", "1", VERIFY_TOKEN).replace("hub.mode", "hub%2Emode"),
            "1",
        ),
    ];
    for (query, challenge) in cases {
        let answer = service.handshake(&query).await;
        assert_eq!(answer.status(), 200, "{query}");
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(kind.starts_with("text/plain"), "{kind}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.bytes().await.unwrap(), challenge.as_bytes());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_that_is_not_metas_gets_nothing_back() {
    let stores = Stores::new().await;
    let service = stores.service(&CONFIGURED).await;
    let right = query("subscribe", "1", VERIFY_TOKEN);
    let cases = [
        (query("subscribe", "1", "wrong"), 403),
        (query("subscribe", "1", ""), 403),
        (query("unsubscribe", "1", VERIFY_TOKEN), 403),
        (String::new(), 400),
        (right.replace("hub.challenge=1&", ""), 400),
        (right.replace("hub.mode=subscribe&", ""), 400),
        (
            right.replace(&format!("&hub.verify_token={VERIFY_TOKEN}"), ""),
            400,
        ),
        (format!("{right}&hub.challenge=2"), 400),
        (query("subscribe", &"7".repeat(1_025), VERIFY_TOKEN), 400),
    ];
    for (query, expected) in cases {
        let answer = service.handshake(&query).await;
        assert_eq!(answer.status(), expected, "{query}");
        let kind = answer.headers()["content-type"].to_str().unwrap();
        assert!(kind.starts_with("application/problem+json"), "{kind}");
    }
}
