-- +goose NO TRANSACTION
-- +goose Up
-- What is left of somebody who was erased: keyed hashes of their id and addresses, why each may not be used, and since when.
create table if not exists suppressions (
    merchant text   not null,
    hash     text   not null,
    kind     text   not null, -- person, phone, email, line
    reason   text   not null, -- erased, or a refusal that came from the address: its action, method, channel, purpose
    at       bigint not null,
    primary key (merchant, hash, kind, reason)
);

-- What retention looks for.
create index if not exists deliveries_worded on deliveries (updated_at) where words <> '';
create index if not exists replies_by_age on replies (at);
create index if not exists inbox_by_age on inbox (created_at);

-- Pages that were freed before erasure existed may still hold what stood in them.
vacuum;

-- +goose Down
drop index inbox_by_age;
drop index replies_by_age;
drop index deliveries_worded;
drop table suppressions;
