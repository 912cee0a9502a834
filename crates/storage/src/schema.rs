//! The tables as diesel sees them: by hand, compared with the migrated database by a test.

diesel::table! {
    accommodations (id) {
        id -> BigInt,
        name -> Text,
        description -> Text,
        city -> Text,
        country -> Text,
        time_zone -> Text,
        currency -> Text,
        base_price_minor -> BigInt,
        weekend_multiplier_bp -> Integer,
        cleaning_fee_minor -> BigInt,
        extra_guest_fee_minor -> BigInt,
        included_guests -> Integer,
        max_guests -> Integer,
        min_nights -> Integer,
        max_nights -> Integer,
        deposit_bp -> Integer,
        cancellation_free_days -> Integer,
        cancellation_partial_days -> Integer,
        cancellation_partial_bp -> Integer,
        check_in_time -> Time,
        check_out_time -> Time,
        photos -> Jsonb,
        amenities -> Jsonb,
        house_rules -> Text,
        active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    seasons (id) {
        id -> BigInt,
        accommodation_id -> BigInt,
        name -> Text,
        starts_on -> Date,
        ends_on -> Date,
        price_minor -> Nullable<BigInt>,
        multiplier_bp -> Nullable<Integer>,
        min_nights -> Nullable<Integer>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    reservations (id) {
        id -> Uuid,
        code -> Text,
        accommodation_id -> BigInt,
        check_in -> Date,
        check_out -> Date,
        period -> Range<Date>,
        reservation_status -> Text,
        payment_status -> Text,
        channel -> Text,
        guests -> Integer,
        contact_name -> Text,
        contact_phone -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        contact_keys -> Array<Text>,
        client_address -> Nullable<Text>,
        currency -> Text,
        total_minor -> BigInt,
        deposit_minor -> BigInt,
        paid_minor -> BigInt,
        quote -> Jsonb,
        expires_at -> Nullable<Timestamptz>,
        access_token_hash -> Binary,
        calendar_sequence -> Integer,
        calendar_changed_at -> Timestamptz,
        confirmed_at -> Nullable<Timestamptz>,
        reminded_at -> Nullable<Timestamptz>,
        extended_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    reservation_timeline (id) {
        id -> BigInt,
        reservation_id -> Uuid,
        at -> Timestamptz,
        kind -> Text,
        actor -> Text,
        trace_id -> Nullable<Text>,
        detail -> Jsonb,
    }
}

diesel::table! {
    outbox_events (id) {
        id -> Uuid,
        name -> Text,
        payload -> Binary,
        correlation_id -> Text,
        traceparent -> Nullable<Text>,
        created_at -> Timestamptz,
        published_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    inbox_events (consumer, event_id) {
        consumer -> Text,
        event_id -> Uuid,
        processed_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_keys (caller, operation, key) {
        caller -> Text,
        operation -> Text,
        key -> Text,
        fingerprint -> Binary,
        status -> Integer,
        headers -> Jsonb,
        body -> Jsonb,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Uuid,
        source -> Text,
        dedupe_key -> Text,
        query -> Text,
        headers -> Jsonb,
        body -> Binary,
        verdict -> Text,
        topic -> Nullable<Text>,
        resource_id -> Nullable<Text>,
        trace_id -> Nullable<Text>,
        received_at -> Timestamptz,
        processed_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    payment_links (id) {
        id -> Uuid,
        reservation_id -> Uuid,
        reservation_code -> Text,
        amount_minor -> BigInt,
        currency -> Text,
        preference_id -> Nullable<Text>,
        url -> Nullable<Text>,
        expires_at -> Timestamptz,
        replaced_at -> Nullable<Timestamptz>,
        attempts -> Integer,
        next_attempt_at -> Nullable<Timestamptz>,
        last_polled_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    payment_decisions (id) {
        id -> BigInt,
        payment_id -> Uuid,
        at -> Timestamptz,
        actor -> Text,
        trace_id -> Nullable<Text>,
        decision -> Text,
        reason -> Text,
        was_parked_for -> Text,
        reservation_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    payments (id) {
        id -> Uuid,
        provider -> Text,
        provider_payment_id -> Text,
        external_reference -> Nullable<Text>,
        reservation_id -> Nullable<Uuid>,
        state -> Text,
        state_detail -> Text,
        amount_minor -> BigInt,
        refunded_minor -> BigInt,
        currency -> Text,
        collector_id -> Text,
        operation_type -> Text,
        provider_created_at -> Nullable<Timestamptz>,
        provider_approved_at -> Nullable<Timestamptz>,
        provider_updated_at -> Timestamptz,
        found_by -> Text,
        resolution -> Nullable<Text>,
        resolved_at -> Nullable<Timestamptz>,
        park_reason -> Nullable<Text>,
        parked_at -> Nullable<Timestamptz>,
        dismissed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    refunds (id) {
        id -> Uuid,
        payment_id -> Uuid,
        reservation_id -> Nullable<Uuid>,
        amount_minor -> BigInt,
        currency -> Text,
        reason -> Text,
        actor -> Text,
        state -> Text,
        provider_refund_id -> Nullable<Text>,
        attempts -> Integer,
        next_attempt_at -> Nullable<Timestamptz>,
        failure -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    ical_feeds (id) {
        id -> BigInt,
        accommodation_id -> BigInt,
        channel -> Text,
        url -> Text,
        paused -> Bool,
        state -> Text,
        state_reason -> Nullable<Text>,
        state_since -> Timestamptz,
        etag -> Nullable<Text>,
        last_modified -> Nullable<Text>,
        digest -> Nullable<Binary>,
        parsed_at -> Nullable<Timestamptz>,
        held_fetches -> Integer,
        held_fingerprint -> Nullable<Text>,
        held_since -> Nullable<Timestamptz>,
        last_attempt_at -> Nullable<Timestamptz>,
        last_success_at -> Nullable<Timestamptz>,
        next_fetch_at -> Timestamptz,
        failures -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        removed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    calendar_blocks (id) {
        id -> Uuid,
        accommodation_id -> BigInt,
        feed_id -> BigInt,
        uid -> Text,
        instance -> Nullable<Date>,
        starts_on -> Date,
        ends_on -> Date,
        period -> Range<Date>,
        kind -> Text,
        tentative -> Bool,
        echo_of -> Nullable<Uuid>,
        muted -> Bool,
        sequence -> Integer,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        removed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    calendar_conflicts (id) {
        id -> Uuid,
        accommodation_id -> BigInt,
        block_id -> Uuid,
        reservation_id -> Uuid,
        found_at -> Timestamptz,
        closed_at -> Nullable<Timestamptz>,
        closed_by -> Nullable<Text>,
        decision -> Nullable<Text>,
    }
}

diesel::table! {
    ical_export_tokens (id) {
        id -> BigInt,
        accommodation_id -> BigInt,
        channel -> Text,
        token -> Text,
        created_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        last_read_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    staff (id) {
        id -> Uuid,
        email -> Text,
        password_hash -> Text,
        roles -> Array<Text>,
        active -> Bool,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    conversations (id) {
        id -> Uuid,
        wa_id -> Nullable<Text>,
        business_scoped_id -> Nullable<Text>,
        last_user_message_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    messages (id) {
        id -> Uuid,
        conversation_id -> Nullable<Uuid>,
        direction -> Text,
        fact -> Text,
        recipient -> Text,
        content -> Jsonb,
        state -> Text,
        wamid -> Nullable<Text>,
        attempts -> Integer,
        next_attempt_at -> Nullable<Timestamptz>,
        failure -> Nullable<Text>,
        reservation_id -> Nullable<Uuid>,
        correlation_id -> Nullable<Text>,
        traceparent -> Nullable<Text>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    accommodations,
    seasons,
    reservations,
    reservation_timeline,
    outbox_events,
    inbox_events,
    idempotency_keys,
    webhook_deliveries,
    payment_links,
    payment_decisions,
    payments,
    refunds,
    ical_feeds,
    calendar_blocks,
    calendar_conflicts,
    ical_export_tokens,
    staff,
    conversations,
    messages,
);
