use std::collections::BTreeSet;

use testkit::TestDatabase;

use crate::world::lines;

/// `table.column Type` of every column, and `table (key)` of every table, as diesel would write them.
const COLUMNS: &str = "
    SELECT format('%s.%s %s', c.relname, a.attname, CASE WHEN a.attnotnull THEN t.name ELSE 'Nullable<' || t.name || '>' END)
        AS line
    FROM pg_attribute a
    JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN (VALUES
        ('bigint', 'BigInt'), ('integer', 'Integer'), ('text', 'Text'), ('boolean', 'Bool'), ('uuid', 'Uuid'),
        ('bytea', 'Binary'), ('jsonb', 'Jsonb'), ('date', 'Date'), ('daterange', 'Range<Date>'),
        ('text[]', 'Array<Text>'), ('time without time zone', 'Time'), ('timestamp with time zone', 'Timestamptz')
    ) t (sql, name) ON t.sql = format_type(a.atttypid, NULL)
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND 0 < a.attnum AND NOT a.attisdropped
        AND c.relname <> '__diesel_schema_migrations'
    UNION ALL
    SELECT format('%s (%s)', c.relname, (
        SELECT string_agg(a.attname, ', ' ORDER BY k.position)
        FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k (number, position)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number))
    FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
    WHERE i.indisprimary AND c.relnamespace = 'public'::regnamespace AND c.relname <> '__diesel_schema_migrations'";

#[tokio::test(flavor = "multi_thread")]
async fn schema_rs_tells_every_column_of_the_migrated_database_and_no_other() {
    let database = TestDatabase::create().await;
    let migrated = lines(&mut *database.conn().await, COLUMNS)
        .await
        .into_iter()
        .collect();
    let declared = declared(include_str!("../../src/schema.rs"));
    assert!(200 < declared.len(), "{}", declared.len());

    let missing: Vec<&String> = BTreeSet::difference(&migrated, &declared).collect();
    let surplus: Vec<&String> = BTreeSet::difference(&declared, &migrated).collect();
    assert!(
        missing.is_empty() && surplus.is_empty(),
        "missing {missing:?}, surplus {surplus:?}"
    );
}

/// What the `table!` blocks of a source text say.
fn declared(source: &str) -> BTreeSet<String> {
    let mut table = "";
    let mut declared = BTreeSet::new();
    for line in source.lines().map(str::trim) {
        if let Some((column, kind)) = line.split_once(" -> ") {
            declared.insert(format!("{table}.{column} {}", kind.trim_end_matches(',')));
        } else if let Some((name, key)) = line.trim_end_matches(" {").split_once(' ')
            && key.starts_with('(')
            && line.ends_with('{')
        {
            table = name;
            declared.insert(format!("{name} {key}"));
        }
    }
    declared
}
