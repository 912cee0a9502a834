//! The staff's list of reservations, page by page and as a file.

use serde_json::json;
use time::Duration;
use time::macros::date;

use crate::desk::{Desk, Held};
use crate::house::{House, wish};

/// The codes of a page, and where the next begins.
async fn page(desk: &Desk, query: &str) -> (Vec<String>, Option<String>) {
    let page = desk.staff_get(&format!("/admin/reservations?{query}")).await;
    assert_eq!(page.status, 200, "{query}: {}", page.text);
    let items = page.body["items"].as_array().unwrap();
    let codes = items.iter().map(|item| item["code"].as_str().unwrap().to_owned());
    let next = page.body["next_cursor"].as_str().map(str::to_owned);
    (codes.collect(), next)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_neither_skip_nor_repeat_while_guests_book() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging_with(json!({ "max_nights": 1 })).await;
    let mut day = date!(2026 - 04 - 01);
    let mut book = async || {
        let next = day.next_day().unwrap();
        let held = desk.held(lodging, &day.to_string(), &next.to_string()).await;
        day = next;
        held.code
    };
    let mut before = Vec::new();
    for place in 0..25 {
        // Some at the same instant.
        if place % 3 == 0 {
            house.clock.advance(Duration::milliseconds(1));
        }
        before.push(book().await);
    }
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let (codes, next) = page(&desk, &format!("limit=4&cursor={cursor}")).await;
        listed.extend(codes);
        let Some(next) = next else { break };
        cursor = next;
        house.clock.advance(Duration::milliseconds(1));
        book().await;
    }
    listed.sort();
    before.sort();
    assert_eq!(listed, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_list_is_filtered_by_lodging_dates_status_and_text() {
    let house = House::new().await;
    let desk = house.open().await;
    let (lake, wood) = (desk.lodging().await, desk.lodging().await);
    let mut juan = wish(lake, "2026-04-06", "2026-04-09");
    juan["contact_name"] = "Juan 100% García_x".into();
    juan["contact_phone"] = "+54 9 11 2345-6789".into();
    let juan = Held::of(&desk.hold(&juan).await).code;
    house.clock.advance(Duration::milliseconds(1));
    let ana = desk.held(lake, "2026-04-09", "2026-04-12").await;
    house.clock.advance(Duration::milliseconds(1));
    let far = desk.held(wood, "2026-05-01", "2026-05-02").await.code;
    desk.cancel(&ana).await;
    let ana = ana.code;
    let cases = [
        (String::new(), vec![&far, &ana, &juan]),
        (format!("accommodation_id={lake}"), vec![&ana, &juan]),
        ("status=cancelled".to_owned(), vec![&ana]),
        (format!("accommodation_id={wood}&status=cancelled"), vec![]),
        // With a night from the one day on and before the other.
        ("from=2026-04-09".to_owned(), vec![&far, &ana]),
        ("to=2026-04-09".to_owned(), vec![&juan]),
        ("from=2026-04-08&to=2026-04-10".to_owned(), vec![&ana, &juan]),
        ("from=2026-04-12&to=2026-05-01".to_owned(), vec![]),
        (format!("text={}", juan.to_lowercase()), vec![&juan]),
        ("text=garc".to_owned(), vec![&juan]),
        // Whoever types leaves accents out, or puts one where there is none.
        ("text=garcia".to_owned(), vec![&juan]),
        ("text=JU%C3%81N".to_owned(), vec![&juan]),
        ("text=91123456789".to_owned(), vec![&juan]),
        ("text=CORREO.com".to_owned(), vec![&far, &ana, &juan]),
        // Wildcards of the database are letters like others.
        ("text=100%25%20g".to_owned(), vec![&juan]),
        ("text=00%25".to_owned(), vec![&juan]),
        ("text=a_x".to_owned(), vec![&juan]),
        ("text=a%5Ca".to_owned(), vec![]),
        ("text='%20OR%201=1--".to_owned(), vec![]),
        (
            "status=&text=&from=&to=&cursor=".to_owned(),
            vec![&far, &ana, &juan],
        ),
    ];
    for (query, expected) in cases {
        let (codes, _) = page(&desk, &query).await;
        assert_eq!(codes.iter().collect::<Vec<_>>(), expected, "{query}");
    }
    for (query, field) in [
        ("status=sold", "status"),
        ("from=x", "from"),
        ("to=2026-02-30", "to"),
        ("accommodation_id=lake", "accommodation_id"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("cursor=x", "cursor"),
        ("cursor=AAAA", "cursor"),
        // A day that PostgreSQL does not reckon with.
        (
            "cursor=LTMwMDAwMDAwMDAwMDAwMDAwMDowMDAwMDAwMC0wMDAwLTAwMDAtMDAwMC0wMDAwMDAwMDAwMDA",
            "cursor",
        ),
        ("from=2026-04-10&to=2026-04-01", "to"),
        // It would be an empty range: its last day is not part of it.
        ("from=2026-04-10&to=2026-04-10", "to"),
        ("state=confirmed", "state"),
    ] {
        let refused = desk.staff_get(&format!("/admin/reservations?{query}")).await;
        assert_eq!(refused.refusal(), (422, "invalid_request", field), "{query}");
    }
    let refused = desk.staff_get("/admin/reservations?limit=101").await;
    assert_eq!(refused.body["detail"], "from 1 to 100");
    let long = "a".repeat(101);
    let refused = desk.staff_get(&format!("/admin/reservations?text={long}")).await;
    assert_eq!(refused.refusal(), (422, "invalid_request", "text"));
    let short = desk.staff_get("/admin/reservations?text=ga").await;
    assert_eq!(short.refusal(), (422, "invalid_request", "text"));
    let none = desk.staff_get("/admin/reservations?text=%00").await;
    assert_eq!(none.refusal(), (422, "invalid_request", "text"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_for_spreadsheets_runs_nothing_in_them() {
    let house = House::new().await;
    let desk = house.open().await;
    let lodging = desk.lodging_with(json!({ "name": "Cabaña \"Lago\", 2" })).await;
    let names = [
        (
            "=HYPERLINK(\"http://x.example\",\"ver\")",
            "\"'=HYPERLINK(\"\"http://x.example\"\",\"\"ver\"\")\"",
        ),
        ("+1", "\"'+1\""),
        ("-1+1", "\"'-1+1\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""),
        ("Pérez, Ana", "\"Pérez, Ana\""),
        ("Ana \"la\" Pérez", "\"Ana \"\"la\"\" Pérez\""),
    ];
    for (place, (name, _)) in names.iter().enumerate() {
        house.clock.advance(Duration::milliseconds(1));
        let (check_in, check_out) = (
            format!("2026-04-0{}", place + 1),
            format!("2026-04-0{}", place + 2),
        );
        let mut wish = wish(lodging, &check_in, &check_out);
        wish["contact_name"] = (*name).into();
        wish["contact_email"] = "ana@correo.com.ar".into();
        wish["contact_phone"] = format!("+54 9 11 2345-678{place}").into();
        let held = Held::of(&desk.hold(&wish).await);
        desk.confirm_by_hand(&held.code).await;
    }
    let file = desk.staff_get("/admin/reservations.csv").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"reservas.csv\""
    );
    let lines: Vec<_> = file.text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + names.len());
    assert_eq!(
        lines[0],
        "\u{feff}Código,Estado,Pago,N.º de alojamiento,Alojamiento,Entrada,Salida,Noches,Huéspedes,Canal,Nombre,\
         Teléfono,Correo,Moneda,Total,Seña,Pagado,Creada (UTC)",
        "with the mark by which Excel knows UTF-8"
    );
    for (line, (place, (_, name))) in lines[1..].iter().zip(names.iter().enumerate().rev()) {
        let (_code, rest) = line.split_once(',').unwrap();
        let weekend = [3, 4].contains(&place);
        let (total, deposit) = if weekend {
            ("1200.00", "360.00")
        } else {
            ("1000.00", "300.00")
        };
        assert_eq!(
            rest,
            format!(
                "confirmada,pendiente,{lodging},\"Cabaña \"\"Lago\"\", 2\",2026-04-0{},2026-04-0{},1,2,web,{name},\
                 \"'+549112345678{place}\",ana@correo.com.ar,ARS,{total},{deposit},0.00,2026-03-01T12:00:00.00{}Z",
                place + 1,
                place + 2,
                place + 1
            )
        );
    }
    let none = desk.staff_get("/admin/reservations.csv?status=expired").await;
    assert_eq!(none.text.lines().count(), 1);
    for (query, field) in [
        ("status=x", "status"),
        ("limit=5", "limit"),
        ("cursor=x", "cursor"),
        ("stauts=expired", "stauts"),
    ] {
        let refused = desk.staff_get(&format!("/admin/reservations.csv?{query}")).await;
        assert_eq!(refused.refusal(), (422, "invalid_request", field), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_many_pages_is_whole() {
    let house = House::new().await;
    let desk = house.open().await;
    let held = desk.held(desk.lodging().await, "2026-04-06", "2026-04-09").await;
    desk.cancel(&held).await;
    let copies = "INSERT INTO reservations (id, code, accommodation_id, check_in, check_out, reservation_status, \
            channel, guests, contact_name, contact_email, contact_keys, currency, total_minor, deposit_minor, quote, \
            access_token_hash, calendar_changed_at, created_at, updated_at) \
        SELECT gen_random_uuid(), 'RES260301' || lpad(number::text, 6, '0'), accommodation_id, check_in, check_out, \
            reservation_status, channel, guests, contact_name, contact_email, contact_keys, currency, total_minor, \
            deposit_minor, quote, access_token_hash, calendar_changed_at, \
            created_at - make_interval(secs => number / 7), updated_at \
        FROM reservations, generate_series(1, 1200) AS numbers (number)";
    house.execute(copies).await;
    let file = desk.staff_get("/admin/reservations.csv").await;
    let mut codes: Vec<_> = file
        .text
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(codes.len(), 1_201);
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), 1_201);
}
