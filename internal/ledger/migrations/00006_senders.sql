-- +goose Up
-- Which of the merchant's accounts a delivery went by, and a keyed hash of the address it went to: what a provider says a day
-- later is about that address, whatever the person's is by then.
alter table deliveries add column sender text not null default '';
alter table deliveries add column sent_to text not null default '';
-- A dead letter that somebody sends again begins a new round.
alter table deliveries add column round integer not null default 0;
-- What goes before other deliveries.
alter table deliveries add column urgent integer not null default 0;
alter table attempts add column sender text not null default '';

-- Accounts that do not work: how often in a row, and until when nothing goes by them. One that works has no row.
create table parkings (
    merchant text    not null,
    channel  text    not null,
    sender   text    not null,
    failures integer not null,
    since    bigint  not null,
    until    bigint  not null,
    code     text    not null,
    primary key (merchant, channel, sender)
);

-- Addresses that providers said lead nowhere, as keyed hashes.
create table dead_ends (
    merchant text   not null,
    channel  text   not null,
    hash     text   not null,
    code     text   not null,
    at       bigint not null,
    primary key (merchant, channel, hash)
);

-- A delivery that was sent, or may have been, is looked at again when it is due: nobody may have noticed it.
drop index deliveries_due;
create index deliveries_due on deliveries (due) where due > 0 and state in ('planned', 'held', 'queued', 'unknown', 'sent', 'delivered');

create index deliveries_dead on deliveries (merchant, updated_at) where state in ('failed', 'unknown');

-- +goose Down
drop index deliveries_dead;
drop index deliveries_due;
create index deliveries_due on deliveries (due) where state in ('planned', 'held', 'queued');
drop table dead_ends;
drop table parkings;
alter table attempts drop column sender;
alter table deliveries drop column urgent;
alter table deliveries drop column round;
alter table deliveries drop column sent_to;
alter table deliveries drop column sender;
