use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use diesel_async::{AsyncMigrationHarness, AsyncPgConnection};
use diesel_migrations::{FileBasedMigrations, MigrationHarness};
use storage::migrations;
use testkit::{TestDatabase, stores::repository};

use crate::world::lines;

#[tokio::test(flavor = "multi_thread")]
async fn every_migration_goes_up_down_and_up_again_to_the_same_schema() {
    let database = TestDatabase::create().await;
    let mut newest_first = vec![dump(&database)];
    while migrations::down(direct(&database).await).await.unwrap().is_some() {
        newest_first.push(dump(&database));
    }
    let count = migrations::status(direct(&database).await).await.unwrap().len();
    assert_eq!(newest_first.len(), count + 1);
    let empty = newest_first.pop().unwrap();
    assert!(!empty.contains("CREATE TABLE public.accommodations"), "{empty}");

    for expected in newest_first.iter().rev() {
        let name = step_up(&database).await;
        let dumped = dump(&database);
        assert!(dumped == *expected, "{name}: {}", difference(expected, &dumped));
    }
    assert!(migrations::up(direct(&database).await).await.unwrap().is_empty());
}

/// What the release before does not know it does not write, and what it knows it needs.
#[tokio::test(flavor = "multi_thread")]
async fn the_release_before_can_write_on_the_new_schema() {
    let database = TestDatabase::create().await;
    while migrations::down(direct(&database).await).await.unwrap().is_some() {}
    let mut conn = database.conn().await;
    let count = migrations::status(direct(&database).await).await.unwrap().len();
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    for _step in 0..count {
        let name = step_up(&database).await;
        let after = columns(&mut conn).await;
        for (column, kind) in &before {
            let kept = after.get(column).map(|kind| kind.trim_end_matches(" optional"));
            assert_eq!(
                kept,
                Some(kind.trim_end_matches(" optional")),
                "{name} takes {column} away"
            );
        }
        let known = |table: &str| {
            before
                .keys()
                .any(|column| column.split('.').next() == Some(table))
        };
        for (column, kind) in &after {
            let table = column.split('.').next().unwrap();
            if !before.contains_key(column) && known(table) {
                assert!(kind.ends_with(" optional"), "{name} asks for {column}");
            }
        }
        before = after;
    }
    assert!(200 < before.len());
}

/// Two with one number would be one to diesel, and the second would never run.
#[tokio::test(flavor = "multi_thread")]
async fn every_migration_has_a_number_of_its_own() {
    let database = TestDatabase::create().await;
    let all = migrations::status(direct(&database).await).await.unwrap();
    let numbers: BTreeSet<&str> = all
        .iter()
        .filter_map(|migration| migration.name.split('_').next())
        .collect();
    assert_eq!(numbers.len(), all.len(), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_together_migrate_once() {
    let database = TestDatabase::create().await;
    migrations::down(direct(&database).await).await.unwrap();
    assert!(!migrations::applied(&database.database()).await.unwrap());

    let mut starts = tokio::task::JoinSet::new();
    for _replica in 0..6 {
        let conn = direct(&database).await;
        starts.spawn(migrations::up(conn));
    }
    let applied: Vec<Vec<String>> = starts.join_all().await.into_iter().map(Result::unwrap).collect();
    assert_eq!(applied.concat().len(), 1, "{applied:?}");
    assert!(migrations::applied(&database.database()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_version_can_be_taken_back_and_is_then_missing() {
    let database = TestDatabase::create().await;
    let all = migrations::status(direct(&database).await).await.unwrap();
    assert!(all.iter().all(|migration| migration.applied), "{all:?}");
    migrations::down(direct(&database).await).await.unwrap();
    let all = migrations::status(direct(&database).await).await.unwrap();
    let missing: Vec<_> = all.iter().filter(|migration| !migration.applied).collect();
    assert_eq!(missing, [all.last().unwrap()]);
}

async fn direct(database: &TestDatabase) -> AsyncPgConnection {
    database.database().connect_directly().await.unwrap()
}

/// Runs the next migration of the folder and gives its name.
async fn step_up(database: &TestDatabase) -> String {
    let folder = FileBasedMigrations::from_path(repository().join("migrations")).unwrap();
    let mut harness = AsyncMigrationHarness::new(direct(database).await);
    harness.run_next_migration(folder).unwrap().to_string()
}

/// `pg_dump`'s schema, without the random words that newer releases put around it.
fn dump(database: &TestDatabase) -> String {
    let output = Command::new("pg_dump")
        .args(["--schema-only", "--no-owner", database.url().as_str()])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let told = text
        .lines()
        .filter(|line| !line.starts_with("\\restrict") && !line.starts_with("\\unrestrict"));
    told.collect::<Vec<_>>().join("\n")
}

fn difference(expected: &str, dumped: &str) -> String {
    let lacks = expected.lines().filter(|line| !dumped.contains(line));
    let extra = dumped.lines().filter(|line| !expected.contains(line));
    format!(
        "lacks {:#?}, has {:#?}",
        lacks.collect::<Vec<_>>(),
        extra.collect::<Vec<_>>()
    )
}

/// `table.column` → type, and `optional` if an insert may leave it out.
async fn columns(conn: &mut AsyncPgConnection) -> BTreeMap<String, String> {
    let query = "SELECT format('%s.%s=%s%s', table_name, column_name, udt_name, CASE WHEN is_nullable = 'YES' \
                 OR column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS' THEN ' optional' END) \
                 AS line FROM information_schema.columns WHERE table_schema = 'public' \
                 AND table_name <> '__diesel_schema_migrations'";
    let pairs = lines(conn, query).await.into_iter().map(|line| {
        let (column, kind) = line.split_once('=').unwrap();
        (column.to_owned(), kind.to_owned())
    });
    pairs.collect()
}
