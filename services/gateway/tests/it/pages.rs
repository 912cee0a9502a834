//! The pages that guests come back to from the checkout.

use testkit::Answer;

use crate::world::World;

const PAGES: [(&str, &str); 3] = [
    ("/pago/aprobado", "Estamos verificando tu pago"),
    ("/pago/rechazado", "El pago no se completó"),
    ("/pago/pendiente", "Tu pago está en proceso"),
];

/// As Mercado Pago sends it.
const QUERY: &str = "?collection_id=1234567&collection_status=approved&payment_id=1234567&status=approved\
                     &external_reference=RES261124K7M2QX&payment_type=credit_card&merchant_order_id=99\
                     &preference_id=1-abc&site_id=MLA&processing_mode=aggregator&merchant_account_id=null";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_outcome_has_a_page_in_spanish_that_says_what_happens_next() {
    let world = World::start().await;
    for (path, title) in PAGES {
        for address in [path.to_owned(), format!("{path}{QUERY}")] {
            let page = Answer::to(world.get(&address)).await;
            assert_eq!(page.status, 200, "{address}");
            assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
            assert_eq!(page.header("cache-control"), "no-store");
            assert!(
                page.text.starts_with("<!DOCTYPE html><html lang=\"es\">"),
                "{}",
                page.text
            );
            for part in [
                &format!("<title>{title}</title>"),
                "<meta name=\"viewport\"",
                "<main>",
                "<h1>",
                "<ol>",
            ] {
                assert_eq!(page.text.matches(part).count(), 1, "{part} in {address}");
            }
        }
    }
    assert_eq!(world.asked().await, Vec::<String>::new(), "nothing is looked up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_loads_and_runs_nothing_and_its_style_is_the_one_that_is_allowed() {
    let world = World::start().await;
    for (path, _) in PAGES {
        let page = Answer::to(world.get(path)).await;
        let (_, rest) = page.text.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        let hash = ring::digest::digest(&ring::digest::SHA256, style.as_bytes());
        let hash = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, hash);
        assert_eq!(
            page.header("content-security-policy"),
            format!(
                "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
                 frame-ancestors 'none'"
            )
        );
        for reference in [
            "<script", "style=", "src=", "href=", "url(", "@import", "http:", "https:", " on",
        ] {
            let page = page.text.replace(style, "");
            let at = page.find(reference).map(|at| page.get(at..at + 20));
            assert!(
                reference == " on" || at.is_none(),
                "{reference} in {path}: {at:?}"
            );
        }
        assert!(!style.contains("url(") && !style.contains("@import"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_code_is_shown_only_if_it_looks_like_one_and_nothing_else_of_the_query_ever() {
    let world = World::start().await;
    for (path, _) in PAGES {
        let page = |query: &str| Answer::to(world.get(&format!("{path}{query}")));
        let with_code = page(QUERY).await.text;
        assert!(
            with_code.contains("<strong>RES261124K7M2QX</strong>"),
            "{with_code}"
        );
        assert!(!with_code.contains("1234567"), "{with_code}");
        let plain = page("").await.text;
        for query in [
            "?external_reference=%3Cscript%3Ealert(1)%3C%2Fscript%3E",
            "?external_reference=RES261124K7M2QX%3Cb%3E",
            "?external_reference=Llama+al+0800-ESTAFA",
            "?external_reference=",
            "?external_reference",
            "?external_reference=null",
            "?status=approved&payment_id=%00%ff",
            "?%%%=&&&=%",
            "?reference=RES261124K7M2QX",
        ] {
            let answer = page(query).await;
            assert_eq!(
                (answer.status, answer.text.as_str()),
                (200, plain.as_str()),
                "{path}{query}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_promises_nothing_about_money_that_only_the_provider_can_know() {
    let world = World::start().await;
    let approved = Answer::to(world.get(&format!("/pago/aprobado{QUERY}"))).await;
    for claim in ["está confirmada", "está pagada", "fue aprobado", "pago aprobado"] {
        assert!(!approved.text.contains(claim), "{claim}");
    }
    assert!(approved.text.contains("No vuelvas a pagar"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_promises_mail_which_nobody_sends() {
    let world = World::start().await;
    for path in PAGES
        .map(|(path, _)| path)
        .into_iter()
        .chain(["/reservas/RES261124K7M2QX"])
    {
        let page = Answer::to(world.get(path)).await;
        for promise in ["correo", "mail"] {
            assert!(!page.text.contains(promise), "{path}: {promise}");
        }
    }
    for path in ["/pago/aprobado", "/pago/pendiente"] {
        let page = Answer::to(world.get(path)).await;
        for way in [
            "por WhatsApp, si dejaste un teléfono",
            "en la página de tu reserva",
        ] {
            assert!(page.text.contains(way), "{path}: {way}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_small_enough_for_a_bad_connection() {
    let world = World::start().await;
    for (path, _) in PAGES {
        let page = Answer::to(world.get(path)).await;
        assert!(page.text.len() < 8 * 1_024, "{path}: {}", page.text.len());
    }
}
