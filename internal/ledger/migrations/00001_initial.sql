-- +goose Up
create table people (
    merchant   text   not null,
    id         text   not null,
    data       text   not null,
    updated_at bigint not null,
    primary key (merchant, id)
);

-- Who writes to us from an address. One address may belong to several people of a merchant.
create table addresses (
    merchant text not null,
    channel  text not null,
    address  text not null,
    person   text not null,
    primary key (merchant, channel, address, person)
);
create index addresses_by_person on addresses (merchant, person, channel, address);

-- Append-only: what holds now is a fold over these rows.
create table consents (
    merchant    text   not null,
    person      text   not null,
    id          text   not null,
    occurred_at bigint not null,
    data        text   not null,
    primary key (merchant, person, id)
);

-- Append-only: what whoever is behind an address did there, known to the merchant or not. It holds for everybody who is
-- reached at that address.
create table address_consents (
    merchant    text   not null,
    channel     text   not null,
    address     text   not null,
    id          text   not null,
    occurred_at bigint not null,
    data        text   not null,
    primary key (merchant, channel, address, id)
);

create table orders (
    merchant   text   not null,
    id         text   not null,
    person     text   not null,
    data       text   not null,
    updated_at bigint not null,
    primary key (merchant, id)
);
create index orders_by_person on orders (merchant, person);

-- Which order a tracking number was announced for, and when it was first.
create table labels (
    merchant   text   not null,
    number     text   not null,
    carrier    text   not null,
    order_id   text   not null,
    updated_at bigint not null,
    primary key (merchant, number, carrier, order_id)
);
create index labels_by_order on labels (merchant, order_id);

create table parcels (
    id         text   not null primary key,
    merchant   text   not null,
    carrier    text   not null,
    number     text   not null,
    first_seen bigint not null,
    order_id   text   not null,
    state      text   not null
);
create index parcels_by_number on parcels (merchant, number, order_id);
create index parcels_by_order on parcels (merchant, order_id);

create table events (
    merchant    text   not null,
    id          text   not null,
    parcel      text   not null,
    happened_at bigint not null,
    heard_at    bigint not null,
    data        text   not null,
    primary key (merchant, id)
);
create index events_by_parcel on events (parcel);

create table notifications (
    id         text   not null primary key,
    merchant   text   not null,
    person     text   not null,
    order_id   text   not null,
    parcel     text   not null,
    created_at bigint not null,
    reason     text   not null, -- why nobody is told, when there is no delivery
    data       text   not null
);
create index notifications_by_parcel on notifications (parcel);
create index notifications_by_person on notifications (merchant, person, created_at);
create index notifications_by_order on notifications (merchant, order_id);

create table deliveries (
    id           text    not null primary key,
    notification text    not null,
    merchant     text    not null,
    channel      text    not null,
    position     integer not null,
    state        text    not null,
    reason       text    not null,
    held_for     text    not null,
    due          bigint  not null,
    handed_at    bigint  not null,
    claimed_at   bigint  not null,
    attempts     integer not null,
    idem_key     text    not null,
    provider_id  text    not null,
    words        text    not null,
    updated_at   bigint  not null,
    sent_at      bigint  not null
);
create index deliveries_by_notification on deliveries (notification);
create index deliveries_by_provider on deliveries (merchant, provider_id) where provider_id <> '';
-- What the sweep looks at: small, however many deliveries are done.
create index deliveries_due on deliveries (due) where state in ('planned', 'held', 'queued');
create index deliveries_sending on deliveries (claimed_at) where state = 'sending';

create table attempts (
    delivery    text    not null,
    started_at  bigint  not null,
    ended_at    bigint  not null,
    state       text    not null,
    reason      text    not null,
    code        text    not null,
    provider_id text    not null
);
create index attempts_by_delivery on attempts (delivery);

create table receipts (
    merchant text   not null,
    id       text   not null,
    delivery text   not null,
    state    text   not null,
    code     text   not null,
    at       bigint not null,
    primary key (merchant, id)
);
create index receipts_by_delivery on receipts (delivery);

create table decisions (
    seq          integer primary key,
    merchant     text   not null,
    at           bigint not null,
    event        text   not null,
    notification text   not null,
    delivery     text   not null,
    parcel       text   not null,
    data         text   not null
);
create index decisions_by_parcel on decisions (parcel) where notification = '';
create index decisions_by_event on decisions (merchant, event) where notification = '';
create index decisions_by_notification on decisions (notification) where notification <> '';

create table replies (
    merchant text   not null,
    id       text   not null,
    person   text   not null,
    channel  text   not null,
    body     text   not null,
    at       bigint not null,
    primary key (merchant, id)
);
create index replies_by_person on replies (merchant, person, at);

create table inbox (
    id         text   not null primary key,
    seq        bigint not null unique,
    merchant   text   not null,
    person     text   not null,
    title      text   not null,
    body       text   not null,
    link       text   not null,
    created_at bigint not null,
    read_at    bigint not null
);
create index inbox_by_person on inbox (merchant, person, seq);

-- Callbacks that were turned away: a wrong signature, an unreadable body. One row an hour, however many there are: whoever
-- knows the URL can send as many as they like. No body is kept.
create table refusals (
    merchant text   not null,
    source   text   not null,
    reason   text   not null,
    hour     bigint not null,
    count    bigint not null,
    bytes    bigint not null, -- of all of them together
    last     bigint not null,
    primary key (merchant, source, reason, hour)
);

-- +goose Down
drop table refusals;
drop table inbox;
drop table replies;
drop table decisions;
drop table receipts;
drop table attempts;
drop table deliveries;
drop table notifications;
drop table events;
drop table parcels;
drop table labels;
drop table orders;
drop table address_consents;
drop table consents;
drop table addresses;
drop table people;
