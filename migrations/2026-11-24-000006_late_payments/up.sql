-- For the late look at links whose debt has ended: money may come when nobody expects it.

CREATE INDEX payment_links_by_retirement ON payment_links (replaced_at) WHERE replaced_at IS NOT NULL;
