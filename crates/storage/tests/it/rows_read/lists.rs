//! What staff ask for.

use domain::{accommodation::AccommodationId, reservation::Status};
use storage::reservations::{self, Filter};

use super::house::house;

#[tokio::test(flavor = "multi_thread")]
async fn the_staffs_lists_read_few_rows_whatever_they_are_filtered_by() {
    let (_database, mut paths) = house().await;
    let all = Filter::default();
    let lists = [
        ("the newest stays", all.clone()),
        (
            "the stays of a lodging",
            Filter {
                accommodation: Some(AccommodationId(7)),
                ..all.clone()
            },
        ),
        (
            "the stays in a state that none has",
            Filter {
                status: Some(Status::NoShow),
                ..all.clone()
            },
        ),
        (
            "the stays of a name that nobody has",
            Filter {
                text: Some("Pérez".to_owned()),
                ..all.clone()
            },
        ),
        (
            "the stay of a code",
            Filter {
                code: Some("RES251101YYYYYY".to_owned()),
                ..all
            },
        ),
    ];
    for (name, filter) in lists {
        paths
            .go(name, async |conn| {
                reservations::list(conn, &filter, None, 50).await
            })
            .await;
    }
    assert!(paths.heavy.is_empty(), "{:#?}", paths.heavy);
}
